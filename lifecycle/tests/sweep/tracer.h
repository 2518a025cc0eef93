// The ptrace(2) loop of traced_run.h.

#pragma once

#include <map>
#include <optional>

#include "lifecycle/tests/sweep/system_calls.h"
#include "lifecycle/tests/sweep/traced_run.h"

namespace zlayer::sidecar {

/// Follows all threads of one process. Used by the thread that is the process's parent and tracer.
class Tracer {
 public:
  using Clock = std::chrono::steady_clock;

  /// `process` has called PTRACE_TRACEME and is in its first stop.
  Tracer(pid_t process, const std::optional<Injection>& injection, TracedRun* run);

  /// Lets the process run until its end; the wait status is then in TracedRun::status. Returns
  /// false if the deadline passed first: the process is still there.
  bool Run(Clock::time_point deadline);

 private:
  struct Thread {
    bool in_chosen_call = false;  // the one that is to fail or to be late
    bool followed = true;         // false: it belongs to gRPC, and its calls do not stop it
  };

  void OnStop(pid_t thread, int status);
  void OnMark(pid_t thread);
  void OnSystemCall(pid_t thread);
  void OnEntry(const EnteredCall& call);
  void OnExit(pid_t thread);
  void Resume(pid_t thread, int signal = 0);
  void ResumeLate();
  void AwaitChange(Clock::time_point deadline) const;

  const pid_t process_;
  const std::optional<Injection> injection_;
  TracedRun* const run_;
  int marks_ = 0;      // see kMarks
  bool over_ = false;  // nothing is left to count or to inject: no call stops any thread
  std::map<pid_t, Thread> threads_;
  std::map<std::pair<std::string, std::string>, int> made_;  // thread and name: calls so far
  std::multimap<Clock::time_point, pid_t> late_;  // threads that are to go on at that time
};

}  // namespace zlayer::sidecar
