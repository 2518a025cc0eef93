#include "fakes/src/cli/commands.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "fakes/src/base/versions.h"
#include "fakes/src/cli/fault_table.h"
#include "fakes/src/control/control_client.h"
#include "fakes/src/mint/tls_set.h"
#include "fakes/src/plan/plan_source.h"
#include "fakes/src/plan/presets.h"
#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

std::string Version() {
  return std::string("{\"buildah_version\":\"") + kBuildahVersion + "\",\"go_version\":\"" +
         kGoVersion + "\",\"sidecar_version\":\"" + kSidecarVersion + "\"}\n";
}

/// One line for each preset: its name, then the `why` of its plan.
Result<std::string> ListPlans() {
  size_t width = 0;
  const std::vector<std::string> names = PresetNames();
  for (const std::string& name : names) width = std::max(width, name.size());
  std::string list;
  for (const std::string& name : names) {
    const auto plan = ParseMessage<v1::FaultPlan>(name, *PresetText(name));
    if (!plan) return BadInput(plan.error());
    list += name + std::string(width + 2 - name.size(), ' ') + plan->why() + "\n";
  }
  return list;
}

/// Makes `link` a symbolic link to `program`, with its folders. Several processes may do it at
/// once.
bool MakeLink(const std::filesystem::path& program, const std::filesystem::path& link) {
  std::error_code error;
  std::filesystem::create_directories(link.parent_path(), error);
  std::filesystem::create_symlink(program, link, error);
  return std::filesystem::equivalent(program, link, error);
}

/// The path of the symbolic link that starts this program as the preset. Links exist in the build
/// tree and in the install tree; both have the program in a `bin` folder beside them. For a copy of
/// the program alone, the link is made in a folder `fakes` beside it.
Result<std::string> PresetPath(const std::string& name) {
  if (const auto text = PresetText(name); !text) {
    return BadInput("--path: " + text.error().message);
  }
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto prefix = self.parent_path().parent_path();
  for (const char* place : {"fakes", ZLAYER_PRESETS_DIR}) {
    const auto path = prefix / place / name / "zlayer-buildd";
    if (access(path.c_str(), X_OK) == 0) return path.string() + "\n";
  }
  const auto made = self.parent_path() / "fakes" / name / "zlayer-buildd";
  if (MakeLink(self, made)) return made.string() + "\n";
  return StartFailed("--path: " + made.string() + ": cannot be made");
}

Result<std::string> PrintPlan(const std::string& name) {
  const auto text = PresetText(name);
  if (!text) return BadInput("--print-plan: " + text.error().message);
  return std::string(*text);
}

CertificateDraft MintedLeaf(const Options& options) {
  CertificateDraft leaf = LeafOfProtocol();
  leaf.ends_in_secs = options.mint_ends_in_secs.value_or(leaf.ends_in_secs);
  if (options.mint_ed25519) leaf.key = KeyKind::ed25519;
  // The leaf must have been valid for some time, even when it expired years ago.
  leaf.begins_in_secs = std::min(leaf.begins_in_secs, leaf.ends_in_secs - 3600);
  return leaf;
}

}  // namespace

Result<std::optional<std::string>> RunCommand(const Options& options) {
  Result<std::string> output;
  if (options.version) {
    output = Version();
  } else if (options.list_plans) {
    output = ListPlans();
  } else if (options.list_faults) {
    output = FaultTable();
  } else if (options.print_plan) {
    output = PrintPlan(*options.print_plan);
  } else if (options.path) {
    output = PresetPath(*options.path);
  } else if (options.check) {
    output = PlanFromFile(*options.check).map([](const ChosenPlan&) { return std::string(); });
  } else if (options.control) {
    output = RunControl(*options.control, options.request).map([] { return std::string(); });
  } else if (options.mint_tls) {
    output = MintTlsSet(*options.mint_tls, MintedLeaf(options)).map([] { return std::string(); });
  } else {
    return std::optional<std::string>();
  }
  if (!output) return tl::unexpected(output.error());
  return std::optional<std::string>(std::move(*output));
}

}  // namespace zlayer::fakes::daemon
