#include "lifecycle/tests/sweep/verdict.h"

#include <fmt/format.h>
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

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

const std::vector<GrpcFailure>& KnownGrpcFailures() {
  static const std::vector<GrpcFailure> failures = {
      {"zlayer-start", "clone3", "it hung at its exit",
       "gRPC 1.51 counts a thread of its pool before it has made it, and ignores that it could not "
       "make it. The destructor of the pool, which runs when the process exits, waits for it"},
  };
  return failures;
}

const GrpcFailure* FindGrpcFailure(const CallId& call, const TracedRun& run) {
  const std::string signs = Faults(run) + run.output;
  const auto& failures = KnownGrpcFailures();
  const auto found = std::find_if(failures.begin(), failures.end(), [&](const GrpcFailure& one) {
    return one.thread == call.thread && one.call == call.name && Contains(signs, one.sign);
  });
  return found == failures.end() ? nullptr : &*found;
}

std::string Faults(const TracedRun& run) {
  std::string faults = BrokenPromises(run.output);
  if (!run.status) {
    const bool at_exit = Contains(run.output, "\ndone\n");
    faults += fmt::format("it hung{}: {}\n", at_exit ? " at its exit" : "", run.hung_in);
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
