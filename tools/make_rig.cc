#include "tools/make_rig.h"

#include <fmt/format.h>
#include <wordexp.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>

#include "proto/message_file.h"
#include "scenarios/runner/catalog/vocabulary.h"
#include "scenarios/runner/clients/adapter_client.h"
#include "scenarios/runner/clients/embedded_client.h"
#include "scenarios/runner/judge/known_failures.h"
#include "scenarios/runner/run/worker.h"
#include "tools/program_path.h"

namespace zlayer::tools {
namespace {

using scenarios::Catalog;
using scenarios::CatalogEntry;
using scenarios::Rig;
using scenarios::RunOne;
using scenarios::ScenarioResult;
using Words = std::vector<std::string>;

tl::expected<std::string, std::string> FindFake(const std::string& given) {
  const std::string path = given.empty() ? BesideThisProgram("fake-zlayer-buildd")
                                         : std::filesystem::absolute(given).string();
  if (IsProgram(path)) return path;
  return tl::unexpected(fmt::format("{}: is not executable; name the fake with --fake PATH", path));
}

/// The words of a command line, as a shell has them, the first as the path of a program.
tl::expected<Words, std::string> ParseCommand(const std::string& text) {
  wordexp_t expanded;
  if (wordexp(text.c_str(), &expanded, WRDE_NOCMD) != 0) {
    return tl::unexpected(fmt::format("\"{}\" is no command line", text));
  }
  Words words(expanded.we_wordv, expanded.we_wordv + expanded.we_wordc);
  wordfree(&expanded);
  if (words.empty()) return tl::unexpected(std::string("the command is empty"));
  const std::string program = FindProgram(words[0]);
  if (program.empty()) {
    return tl::unexpected(fmt::format("{}: is not executable, and none on $PATH", words[0]));
  }
  words[0] = program;
  return words;
}

tl::expected<std::set<scenarios::v1::Capability>, std::string> ParseCan(const std::string& text) {
  std::set<scenarios::v1::Capability> can;
  std::istringstream names(text);
  std::string name;
  while (std::getline(names, name, ',')) {
    scenarios::v1::Capability capability = scenarios::v1::CAPABILITY_UNKNOWN;
    if (!Capability_Parse(name, &capability) || capability == scenarios::v1::CAPABILITY_UNKNOWN) {
      return tl::unexpected(fmt::format("--can: unknown capability \"{}\"{}", name,
                                        scenarios::Suggestion(name, scenarios::CapabilityNames())));
    }
    can.insert(capability);
  }
  return can;
}

/// Options that mean the same for a worker and for a person who runs one scenario again.
Words SameAgain(const Choice& choice, const RigOptions& options) {
  Words words;
  const auto add = [&words](const char* name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  add("--catalog", choice.catalog);
  add("--fake", options.fake);
  add("--adapter", options.adapter);
  add("--command", options.command);
  add("--can", options.can);
  add("--known-failures", options.known_failures);
  if (options.timeout_scale != 1) {
    add("--timeout-scale", fmt::format("{}", options.timeout_scale));
  }
  if (options.seed != 0) add("--seed", std::to_string(options.seed));
  return words;
}

std::string RerunCommand(const Choice& choice, const RigOptions& options) {
  std::string command = "buildd-harness run";
  for (const std::string& word : SameAgain(choice, options)) {
    const bool plain = word.find_first_of(" '\"$\\") == word.npos;
    command += plain ? " " + word : fmt::format(" '{}'", word);
  }
  return command + " --exact";
}

tl::expected<Rig, std::string> MakeRig(const Choice& choice, const RigOptions& options) {
  const auto fake = FindFake(options.fake);
  if (!fake) return tl::unexpected(fake.error());
  Rig rig;
  rig.fake = *fake;
  rig.make_client = &scenarios::MakeEmbeddedClient;
  rig.rerun = RerunCommand(choice, options);
  rig.timeout_scale = options.timeout_scale;
  rig.seed = options.seed;
  rig.adapter = {BesideThisProgram("buildd-harness"), "adapter"};
  if (!options.adapter.empty()) {
    auto command = ParseCommand(options.adapter);
    if (!command) return tl::unexpected("--adapter: " + command.error());
    rig.adapter = *command;
    rig.make_client = [command = *command] { return scenarios::MakeAdapterClient(command); };
  }
  if (!options.command.empty()) {
    auto command = ParseCommand(options.command);
    if (!command) return tl::unexpected("--command: " + command.error());
    auto can = ParseCan(options.can);
    if (!can) return tl::unexpected(can.error());
    rig.command = {std::move(*command), std::move(*can)};
  }
  return rig;
}

}  // namespace

tl::expected<RunOne, std::string> MakeRunOne(const Catalog& catalog, const Choice& choice,
                                             const RigOptions& options) {
  auto rig = MakeRig(choice, options);
  if (!rig) return tl::unexpected(rig.error());
  scenarios::KnownFailures known;
  if (!options.known_failures.empty()) {
    const auto text = ReadFile(options.known_failures, kLargestWritten);
    if (!text) return tl::unexpected(text.error());
    auto parsed = scenarios::KnownFailures::Parse(options.known_failures, *text, catalog);
    if (!parsed) return tl::unexpected(parsed.error());
    known = std::move(*parsed);
  }
  return [rig = std::move(*rig), known = std::move(known)](const CatalogEntry& entry) {
    return known.Judge(RunScenario(entry, rig));
  };
}

tl::expected<std::vector<RunOne>, std::string> MakeLanes(const Catalog& catalog,
                                                         const Choice& choice,
                                                         const RigOptions& options, unsigned jobs) {
  auto here = MakeRunOne(catalog, choice, options);
  if (!here) return tl::unexpected(here.error());
  if (jobs == 1) return std::vector<RunOne>{std::move(*here)};
  Words command = {BesideThisProgram("buildd-harness"), "worker"};
  for (std::string& word : SameAgain(choice, options)) command.push_back(std::move(word));
  std::vector<RunOne> lanes;
  for (unsigned i = 0; i < jobs; ++i) {
    const auto worker = std::make_shared<scenarios::Worker>(command, RerunCommand(choice, options));
    lanes.emplace_back([worker](const CatalogEntry& entry) { return worker->Run(entry); });
  }
  return lanes;
}

}  // namespace zlayer::tools
