#include "fakes/src/cli/options.h"

#include <CLI/CLI.hpp>

#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

void AddDaemonFlags(CLI::App& app, DaemonFlags& flags) {
  app.add_option("--bind", flags.bind, "host:port to listen on; port 0: any")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  app.add_option("--tls-ca", flags.tls_ca, "CA that signs clients (PEM); required")
      ->type_name("FILE");
  app.add_option("--tls-cert", flags.tls_cert, "certificate (PEM); required")->type_name("FILE");
  app.add_option("--tls-key", flags.tls_key, "private key (PEM); required")->type_name("FILE");
  app.add_option("--idle-secs", flags.idle_secs, "exit after N seconds without an RPC; 0: never")
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--storage-root", flags.storage_root, "graph root")->type_name("DIR");
  app.add_option("--storage-runroot", flags.storage_runroot, "run root")->type_name("DIR");
  app.add_option("--storage-driver", flags.storage_driver, "storage driver")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--max-concurrent", flags.max_concurrent,
                 "builds that run at once; further builds queue")
      ->capture_default_str()
      ->type_name("N");
}

void AddCommands(CLI::App& app, Options& options) {
  app.add_flag("--version", options.version, "print versions as one line of JSON");
  app.add_flag("--list-plans", options.list_plans, "print the presets, one a line");
  app.add_flag("--list-faults", options.list_faults, "print every fault and its attributes");
  app.add_option("--print-plan", options.print_plan, "print a preset's plan")->type_name("NAME");
  app.add_option("--path", options.path, "print the path that starts a preset")->type_name("NAME");
  app.add_option("--check", options.check, "check a plan's file (-: stdin) and start nothing")
      ->type_name("FILE");
  app.add_option("--control", options.control, "send a request to the fake that listens at PATH")
      ->expected(2)
      ->type_name("PATH REQUEST");
  CLI::Option* mint =
      app.add_option("--mint-tls", options.mint_tls,
                     "write ca.pem, cert.pem, key.pem, ca-key.pem and crl.pem to this directory")
          ->type_name("DIR");
  app.add_option("--mint-ends-in-secs", options.mint_ends_in_secs,
                 "seconds until the minted leaf expires; negative: it has expired")
      ->type_name("N")
      ->needs(mint);
  app.add_flag("--mint-ed25519", options.mint_ed25519, "mint Ed25519 keys instead of ECDSA P-256")
      ->needs(mint);
}

std::vector<std::string> FlagNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

Result<void> RefuseUnknown(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty()) return {};
  const std::string flag = unknown.front().substr(0, unknown.front().find('='));
  const std::string nearest = NearestName(flag, FlagNames(app));
  return BadInput(
      "unknown flag \"" + flag + "\"" +
      (nearest.empty() ? "; --help lists the valid ones" : "; did you mean \"" + nearest + "\"?"));
}

Result<LogLevel> ParseLogLevel(const std::string& word) {
  const std::vector<std::string> names = {"debug", "info", "warn", "error"};
  const auto found = std::find(names.begin(), names.end(), word);
  if (found != names.end()) return static_cast<LogLevel>(found - names.begin());
  const std::string nearest = NearestName(word, names);
  return BadInput("--log-level: unknown level \"" + word + "\"" +
                  (nearest.empty() ? "; valid: debug, info, warn, error"
                                   : "; did you mean \"" + nearest + "\"?"));
}

/// RunCommand() runs one command only, so a second one would be ignored silently.
Result<void> RefuseTwoCommands(const CLI::App& app) {
  std::string first;
  for (const char* name : {"--version", "--list-plans", "--list-faults", "--print-plan", "--path",
                           "--check", "--control", "--mint-tls"}) {
    if (app.count(name) == 0) continue;
    if (!first.empty()) return BadInput(first + " and " + name + ": give one of them");
    first = name;
  }
  return {};
}

}  // namespace

Result<Options> ParseOptions(int argc, const char* const* argv) {
  Options options;
  std::string log_level = "info";
  CLI::App app("A stand-in for zlayer-buildd that can misbehave on command.", "fake-zlayer-buildd");
  app.allow_extras();
  AddDaemonFlags(app, options.daemon);
  app.add_option("--log-level", log_level, "debug, info, warn or error")
      ->capture_default_str()
      ->type_name("LEVEL");
  AddCommands(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    options.help = app.help();
    return options;
  } catch (const CLI::ParseError& error) {
    return BadInput(error.what());
  }
  if (const auto known = RefuseUnknown(app); !known) return tl::unexpected(known.error());
  if (const auto one = RefuseTwoCommands(app); !one) return tl::unexpected(one.error());
  constexpr std::int64_t kGreatestIdleSecs = 1'000'000'000;
  if (options.daemon.idle_secs < 0 || options.daemon.idle_secs > kGreatestIdleSecs) {
    return BadInput("--idle-secs: must be 0 to 1000000000");
  }
  if (options.daemon.max_concurrent == 0) return BadInput("--max-concurrent: must be at least 1");
  const Result<LogLevel> level = ParseLogLevel(log_level);
  if (!level) return tl::unexpected(level.error());
  options.daemon.log_level = *level;
  return options;
}

}  // namespace zlayer::fakes::daemon
