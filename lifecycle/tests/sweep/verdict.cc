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

bool Concerns(const GrpcFailure& failure, const CallId& call) {
  return failure.thread == call.thread && failure.call == call.name;
}

}  // namespace

const std::vector<GrpcFailure>& KnownGrpcFailures() {
  static const std::vector<GrpcFailure> failures = {
      {"zlayer-start", "epoll_create1", "assertion failed: g_epoll_set_.epfd >= 0",
       "grpc_init asserts that it gets the epoll of ev_epoll1"},
      {"zlayer-start", "epoll_ctl(add)", "assertion failed: epoll_ctl(g_epoll_set_.epfd",
       "grpc_init asserts that ev_epoll1 can watch its eventfd"},
      {"zlayer-start", "eventfd2", "Eventfd wakeup fd is not supported",
       "the event engine tries whether there are eventfds, and asserts that there are"},
      {"zlayer-start", "eventfd2", "instead of handling error INTERNAL: eventfd",
       "the event engine asserts that it gets its eventfd"},
      {"zlayer-start", "eventfd2", "descriptors are left: pipe:[]",
       "without an eventfd gRPC wakes itself by a pipe, which it keeps until the process ends"},
      {"zlayer-start", "fcntl", "assertion failed: fcntl(fd, F_SETFL",
       "gRPC asserts that it can make its end of our socket pair non-blocking"},
      {"zlayer-start", "mmap", "low_level_alloc.cc",
       "the allocator below Abseil's mutexes, which are gRPC's, ends the process without memory"},
  };
  return failures;
}

const GrpcFailure* FindGrpcFailure(const CallId& call, const TracedRun& run) {
  const std::string signs = Faults(run) + run.output;
  const auto& known = KnownGrpcFailures();
  const auto found = std::find_if(known.begin(), known.end(), [&](const GrpcFailure& one) {
    return Concerns(one, call) && Contains(signs, one.sign);
  });
  return found == known.end() ? nullptr : &*found;
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
