#include "lifecycle/tests/sweep/verdict.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

namespace zlayer::sidecar {
namespace {

/// The lines of the output that begin with "broken:".
std::string BrokenPromises(std::string_view output) {
  std::string broken;
  while (!output.empty()) {
    const std::string_view line = output.substr(0, output.find('\n'));
    if (line.starts_with("broken:")) broken += fmt::format("{}\n", line);
    output.remove_prefix(std::min(output.size(), line.size() + 1));
  }
  return broken;
}

}  // namespace

const std::vector<GrpcAbort>& KnownGrpcAborts() {
  static const std::vector<GrpcAbort> aborts = {};
  return aborts;
}

const GrpcAbort* FindGrpcAbort(const TracedRun& run, const Injection& injection) {
  if (!run.status || !WIFSIGNALED(*run.status) || WTERMSIG(*run.status) != SIGABRT) return nullptr;
  const auto& aborts = KnownGrpcAborts();
  const auto found = std::find_if(aborts.begin(), aborts.end(), [&](const GrpcAbort& abort) {
    return abort.call == injection.call.name && run.output.find(abort.message) != run.output.npos;
  });
  return found == aborts.end() ? nullptr : &*found;
}

std::string Faults(const TracedRun& run) {
  std::string faults = BrokenPromises(run.output);
  if (!run.status) {
    faults += fmt::format("it hung: {}\n", run.hung_in);
  } else if (WIFSIGNALED(*run.status)) {
    faults += fmt::format("signal {} ended it\n", WTERMSIG(*run.status));
  } else if (WEXITSTATUS(*run.status) != 0) {
    faults += fmt::format("it exited with {}\n", WEXITSTATUS(*run.status));
  }
  if (run.processes_left > 0) faults += fmt::format("processes left: {}\n", run.processes_left);
  for (const std::string& call : run.unknown) {
    faults += fmt::format("not in the table of system calls: {}\n", call);
  }
  return faults;
}

}  // namespace zlayer::sidecar
