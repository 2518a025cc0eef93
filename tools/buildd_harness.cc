// buildd-harness: runs scenarios against a client, and sidecars for people.

#include "tools/buildd_harness.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "scenarios/runner/catalog/vocabulary.h"
#include "tools/option_checks.h"

namespace zlayer::tools {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 all passed, 1 a failure or nothing judged, 2 bad input (nothing was started).";

void AddChoice(CLI::App* command, Choice* choice) {
  command->add_option("--filter", choice->filter, "Only names that match, with * and ?")
      ->type_name("PATTERN");
  command->add_option("--suite", choice->suites, "Only this suite; may be repeated")
      ->allow_extra_args(false)
      ->type_name("SUITE");
  command->add_option("--catalog", choice->catalog, "Read scenarios from DIR, not from the program")
      ->type_name("DIR");
}

void AddRig(CLI::App* command, RigOptions* rig) {
  command->add_option("--fake", rig->fake, "The fake-zlayer-buildd to use; else beside the harness")
      ->type_name("PATH");
  command
      ->add_option("--timeout-scale", rig->timeout_scale,
                   "For slow machines: limits are X times as long")
      ->envname("ZLAYER_TIMEOUT_SCALE")
      ->check(BetweenReal(1, 100))
      ->capture_default_str()
      ->type_name("X");
  CLI::Option* adapter =
      command->add_option("--adapter", rig->adapter, "Judge this client, a program of level 1")
          ->type_name("COMMAND");
  CLI::Option* level0 =
      command->add_option("--command", rig->command, "Judge this client, any command (level 0)")
          ->type_name("COMMAND");
  level0->excludes(adapter);
  command->add_option("--can", rig->can, "What the command can do, such as BUILD,REMOTE")
      ->type_name("LIST")
      ->needs(level0);
  command
      ->add_option("--known-failures", rig->known_failures, "Failures that the client is known for")
      ->type_name("FILE");
  command->add_option("--seed", rig->seed, "Seed of the fakes' plans that have none")
      ->check(Between(0, UINT64_MAX))
      ->type_name("N");
}

void AddRun(CLI::App* app, RunOptions* options) {
  CLI::App* run = app->add_subcommand("run", "Judge a client by the catalogue");
  run->add_option("name", options->choice.names, "Suites or scenarios; none: all");
  run->add_flag("--exact", options->choice.exact, "Names are whole names of scenarios");
  AddChoice(run, &options->choice);
  run->add_flag("--slow", options->choice.slow,
                "With the suite \"defaults\", which waits out the protocol's own limits");
  run->add_option("--shard", options->choice.shard,
                  "The i-th of n parts, from 1; i may be \"job\": $JOB_COMPLETION_INDEX")
      ->type_name("i/n");
  AddRig(run, &options->rig);
  run->add_option("-j,--jobs", options->jobs, "Scenarios at once; 0: one for each processor")
      ->check(Between(0, 256))
      ->type_name("N");
  run->add_option("--repeat", options->repeat, "Run each scenario N times")
      ->check(Between(1, 1'000'000))
      ->type_name("N");
  run->add_flag("--fail-fast", options->fail_fast, "Start nothing more after a failure");
  run->add_option("--junit", options->junit, "Write a JUnit report")->type_name("FILE");
  run->add_option("--json", options->json, "Write a report as JSON; see proto/report.proto")
      ->type_name("FILE");
}

/// What `run` starts for itself.
void AddWorker(CLI::App* app, RunOptions* options) {
  CLI::App* worker = app->add_subcommand("worker")->group("");
  AddChoice(worker, &options->choice);
  AddRig(worker, &options->rig);
}

void AddUp(CLI::App* app, UpOptions* options) {
  CLI::App* up = app->add_subcommand("up", "Start a sidecar, prove it, keep it until Ctrl-C");
  up->add_option("--binary", options->binary, "The sidecar; else it is looked for")
      ->type_name("PATH");
  up->add_option("--addr", options->addr, "Dial HOST:PORT and start nothing")
      ->envname("ZLAYER_BUILDD_ADDR")
      ->type_name("HOST:PORT");
  up->add_option("--data-dir", options->data_dir, "For certificates and storage")->type_name("DIR");
  up->add_option("--tls-dir", options->tls_dir, "Holds ca.pem, cert.pem and key.pem")
      ->type_name("DIR");
  up->add_option("--idle-secs", options->idle_secs, "The sidecar stops when idle so long; 0: never")
      ->capture_default_str()
      ->type_name("N");
}

std::vector<std::string> NamesOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (!command->get_group().empty()) names.push_back(command->get_name());  // else it is hidden
  }
  return names;
}

std::vector<std::string> OptionsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// CLI11's error as one line, with the nearest name for a word that it does not know.
std::string Explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const auto chosen = app.get_subcommands();
  const CLI::App& scope = chosen.empty() ? app : *chosen.front();
  std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty() && chosen.empty() && argc > 1) unknown.emplace_back(argv[1]);
  if (!unknown.empty()) {
    const std::string word = unknown.front().substr(0, unknown.front().find('='));
    const bool is_option = word.starts_with("-");
    if (!is_option && !chosen.empty()) {
      return fmt::format("{}: \"{}\" is one argument too many", scope.get_name(), word);
    }
    return fmt::format("unknown {} \"{}\"{}", is_option ? "option" : "command", word,
                       scenarios::Suggestion(word, is_option ? OptionsOf(scope) : NamesOf(app)));
  }
  std::string what = error.what();
  for (char& c : what) c = c == '\n' ? ' ' : c;
  return what;
}

int Main(int argc, char** argv) {
  CLI::App app("Starts, breaks and judges zlayer-buildd sidecars.", "buildd-harness");
  app.footer(kFooter);
  app.set_version_flag("--version", "buildd-harness " ZLAYER_VERSION);
  app.require_subcommand(1);
  RunOptions run;
  UpOptions up;
  std::string show;
  bool coverage = false;
  AddRun(&app, &run);
  AddWorker(&app, &run);
  app.add_subcommand("adapter", "Be the embedded client as a program of level 1");
  CLI::App* list = app.add_subcommand("list", "Name every scenario and the failure behind it");
  list->add_option("name", run.choice.names, "Suites or scenarios; none: all");
  AddChoice(list, &run.choice);
  list->add_flag("--coverage", coverage, "Name the rows of the lists of faults without a scenario");
  CLI::App* show_command = app.add_subcommand("show", "Print one scenario as it is written");
  show_command->add_option("name", show, "suite/name")->required();
  show_command->add_option("--catalog", run.choice.catalog, "Read scenarios from DIR")
      ->type_name("DIR");
  AddUp(&app, &up);
  RefuseEmptyValues(&app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);  // --help, --version
  } catch (const CLI::ParseError& error) {
    return BadInput(Explain(app, error, argc, argv));
  }
  if (app.got_subcommand("run")) return RunCommand(run);
  if (app.got_subcommand("worker")) return WorkerCommand(run);
  if (app.got_subcommand("adapter")) return AdapterCommand();
  if (app.got_subcommand("list")) return ListCommand(run.choice, coverage);
  if (app.got_subcommand("show")) return ShowCommand(run.choice.catalog, show);
  return UpCommand(up);
}

}  // namespace

int BadInput(std::string_view what) {
  fmt::print(stderr, "buildd-harness: {}\n", what);
  return kBadInput;
}

}  // namespace zlayer::tools

int main(int argc, char** argv) {
  try {
    return zlayer::tools::Main(argc, argv);
  } catch (const std::exception& error) {  // such as memory that is not to be had
    std::fputs("buildd-harness: ", stderr);
    std::fputs(error.what(), stderr);
    std::fputs("\n", stderr);
    return 1;
  }
}
