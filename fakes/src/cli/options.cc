#include "fakes/src/cli/options.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "fakes/src/cli/go_flags.h"

namespace zlayer::fakes::daemon {
namespace {

/// Flags whose text or number becomes another type in DaemonFlags.
struct Raw {
  std::string log_level = "info";
  std::int64_t max_concurrent = 1;
};

void AddDaemonFlags(GoFlags& flags, DaemonFlags& daemon, Raw& raw) {
  flags.Add("bind", &daemon.bind, "HOST:PORT", "address to listen on; port 0: any");
  flags.Add("tls-ca", &daemon.tls_ca, "FILE", "CAs that sign clients (PEM); required");
  flags.Add("tls-cert", &daemon.tls_cert, "FILE", "certificate (PEM); required");
  flags.Add("tls-key", &daemon.tls_key, "FILE", "private key (PEM); required");
  flags.Add("idle-secs", &daemon.idle_secs, "N", "exit after N seconds without a call; 0: never");
  flags.Add("storage-root", &daemon.storage_root, "DIR", "graph root");
  flags.Add("storage-runroot", &daemon.storage_runroot, "DIR", "run root");
  flags.Add("storage-driver", &daemon.storage_driver, "NAME",
            "overlay or vfs; without it, the store chooses");
  flags.Add("max-concurrent", &raw.max_concurrent, "N",
            "builds that run at once; further builds queue");
  flags.Add("log-level", &raw.log_level, "LEVEL", "debug, info, warn or error");
}

void AddCommands(GoFlags& flags, Options& options) {
  flags.Add("version", &options.version, "", "print versions as one line of JSON");
  flags.Add("list-plans", &options.list_plans, "", "print the presets, one a line");
  flags.Add("list-faults", &options.list_faults, "", "print every fault and its attributes");
  flags.Add("print-plan", &options.print_plan, "NAME", "print a preset's plan");
  flags.Add("path", &options.path, "NAME", "print the path that starts a preset");
  flags.Add("check", &options.check, "FILE", "check a plan's file (-: stdin) and start nothing");
  flags.Add("control", &options.control, "PATH REQUEST",
            "send a request to the fake that listens at PATH");
  flags.Add("mint-tls", &options.mint_tls, "DIR",
            "write ca.pem, cert.pem, key.pem, ca-key.pem and crl.pem to this directory");
  flags.Add("mint-ends-in-secs", &options.mint_ends_in_secs, "N",
            "with --mint-tls: seconds until the leaf expires; negative: it has expired");
  flags.Add("mint-ed25519", &options.mint_ed25519, "",
            "with --mint-tls: Ed25519 keys instead of ECDSA P-256");
}

/// Words that are no level mean info, as in the deployed daemon.
LogLevel ParseLogLevel(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (word == "debug") return LogLevel::debug;
  if (word == "warn" || word == "warning") return LogLevel::warn;
  return word == "error" ? LogLevel::error : LogLevel::info;
}

/// RunCommand() runs one command only, so a second one would be ignored silently.
Result<void> RefuseTwoCommands(const GoFlags& flags) {
  std::string first;
  for (const char* name : {"version", "list-plans", "list-faults", "print-plan", "path", "check",
                           "control", "mint-tls"}) {
    if (!flags.Given(name)) continue;
    if (!first.empty()) return BadInput(first + " and --" + name + ": give one of them");
    first = std::string("--") + name;
  }
  for (const char* name : {"mint-ends-in-secs", "mint-ed25519"}) {
    if (flags.Given(name) && !flags.Given("mint-tls")) {
      return BadInput(std::string("--") + name + ": requires --mint-tls");
    }
  }
  return {};
}

}  // namespace

Result<Options> ParseOptions(int argc, const char* const* argv) {
  Options options;
  Raw raw;
  GoFlags flags;
  AddDaemonFlags(flags, options.daemon, raw);
  AddCommands(flags, options);
  const auto help = flags.Parse(argc, argv);
  if (!help) return tl::unexpected(help.error());
  options.help = *help;
  if (const auto one = RefuseTwoCommands(flags); !one) return tl::unexpected(one.error());
  if (options.control && flags.rest().size() != 1) {
    return BadInput("--control: needs a path and one request");
  }
  if (options.control) options.request = flags.rest().front();
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  options.daemon.max_concurrent =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(raw.max_concurrent, 1, kMost));
  options.daemon.log_level = ParseLogLevel(raw.log_level);
  return options;
}

std::string Usage() {
  Options options;
  Raw raw;
  GoFlags flags;
  AddDaemonFlags(flags, options.daemon, raw);
  AddCommands(flags, options);
  return "Usage of fake-zlayer-buildd, a zlayer-buildd that misbehaves on command:\n" +
         flags.Usage();
}

}  // namespace zlayer::fakes::daemon
