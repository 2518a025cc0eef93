#include "lifecycle/tests/sweep/tracer.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace zlayer::sidecar {
namespace {

constexpr int kSystemCallStop = SIGTRAP | 0x80;  // with PTRACE_O_TRACESYSGOOD

std::string NameOf(pid_t thread) {
  std::string name;
  std::getline(std::ifstream(fmt::format("/proc/{}/comm", thread)), name);
  return name;
}

/// At a call's entry: the kernel does nothing, because no call has this number.
void SkipCall(pid_t thread) {
  user_regs_struct registers{};
  ::ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
  registers.orig_rax = ~0ULL;
  ::ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
}

/// At a call's exit.
void SetError(pid_t thread, int error) {
  user_regs_struct registers{};
  ::ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
  registers.rax = static_cast<unsigned long long>(-error);
  ::ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
}

}  // namespace

Tracer::Tracer(pid_t process, const std::optional<Injection>& injection, TracedRun* run)
    : process_(process), injection_(injection), run_(run) {
  threads_[process];
  // Not TRACEFORK: processes that the program starts run untraced.
  ::ptrace(PTRACE_SETOPTIONS, process, nullptr,
           PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  Resume(process);
}

bool Tracer::Run(Clock::time_point deadline) {
  while (Clock::now() < deadline) {
    ResumeLate();
    int status = 0;
    const pid_t thread = ::waitpid(-1, &status, __WALL | WNOHANG);
    if (thread == 0) {
      AwaitChange(deadline);
    } else if (thread < 0) {
      return true;
    } else if (WIFSTOPPED(status)) {
      OnStop(thread, status);
    } else if (thread == process_) {  // reported after the end of its other threads
      run_->status = status;
      return true;
    } else {
      threads_.erase(thread);
    }
  }
  return false;
}

/// SIGCHLD is blocked (see RunTraced) and pending after any change of a tracee.
void Tracer::AwaitChange(Clock::time_point deadline) const {
  if (!late_.empty()) deadline = std::min(deadline, late_.begin()->first);
  const auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  const timespec timeout{seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigtimedwait(&child, nullptr, &timeout);
}

void Tracer::OnStop(pid_t thread, int status) {
  const int signal = WSTOPSIG(status);
  if (signal == kSystemCallStop) return OnSystemCall(thread);
  const bool first_stop = !threads_.contains(thread);  // of a new thread
  threads_[thread];
  const bool event = status >> 16 != 0;
  if (event || (first_stop && signal == SIGSTOP)) return Resume(thread);
  if (signal == SIGSTOP && thread == process_) return OnMark(thread);
  Resume(thread, signal);
}

void Tracer::OnMark(pid_t thread) {
  if (++marks_ == kMarks) over_ = true;
  Resume(thread);
}

void Tracer::OnSystemCall(pid_t thread) {
  __ptrace_syscall_info info{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) < 0) return Resume(thread);
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    EnteredCall call{thread, info.entry.nr, {}};
    std::copy_n(info.entry.args, call.arguments.size(), call.arguments.begin());
    if (marks_ % 2 == 1) OnEntry(call);
  } else if (std::exchange(threads_[thread].in_chosen_call, false)) {
    return OnExit(thread);
  }
  Resume(thread);
}

void Tracer::OnEntry(const EnteredCall& call) {
  const std::string thread = call.thread == process_ ? "caller" : NameOf(call.thread);
  if (thread == NameOf(process_)) return;  // a new thread without a name
  // The library names its threads; every other thread belongs to gRPC.
  if (thread != "caller" && !thread.starts_with("zlayer-")) {
    threads_[call.thread].followed = false;
    return;
  }
  if (CannotFail(call.number)) return;
  const SystemCall* const known = FindSystemCall(call);
  if (known == nullptr) {
    run_->unknown.push_back(fmt::format("number {} on {}", call.number, thread));
    return;
  }
  const std::string name(known->name);
  const CallId id{thread, name, ++made_[{thread, name}]};
  run_->calls.push_back(id);
  if (!injection_ || injection_->call != id) return;
  run_->injected = true;
  threads_[call.thread].in_chosen_call = true;
  if (injection_->error != 0 && !known->done_anyway) SkipCall(call.thread);
}

void Tracer::OnExit(pid_t thread) {
  over_ = true;
  if (injection_->error == 0) {
    late_.emplace(Clock::now() + kLate, thread);
    return;
  }
  SetError(thread, injection_->error);
  Resume(thread);
}

void Tracer::ResumeLate() {
  while (!late_.empty() && late_.begin()->first <= Clock::now()) {
    const pid_t thread = late_.begin()->second;
    late_.erase(late_.begin());
    Resume(thread);
  }
}

/// Each stop costs two switches between processes, which takes long on a machine under load.
void Tracer::Resume(pid_t thread, int signal) {
  const bool stop_at_calls = marks_ > 0 && !over_ && threads_[thread].followed;
  ::ptrace(stop_at_calls ? PTRACE_SYSCALL : PTRACE_CONT, thread, nullptr, signal);
}

}  // namespace zlayer::sidecar
