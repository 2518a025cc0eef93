#include "lifecycle/keeper/keeper.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "lifecycle/keeper/descendants.h"
#include "lifecycle/keeper/report.h"
#include "lifecycle/keeper/start_program.h"
#include "lifecycle/keeper/system_call.h"
#include "lifecycle/src/spawn/keeper_protocol.h"

namespace zlayer::sidecar {
namespace {

using SignalSet = unsigned long;  // the kernel's sigset_t

constexpr SignalSet Bit(int signal) { return SignalSet{1} << (signal - 1); }

/// A person or an init system may send these to the keeper. The keeper forwards them to the
/// program.
constexpr SignalSet kPassedOn =
    Bit(SIGTERM) | Bit(SIGINT) | Bit(SIGHUP) | Bit(SIGQUIT) | Bit(SIGUSR1) | Bit(SIGUSR2);

/// Blocks the watched signals, so that they come through the signalfd only, and unblocks all
/// others. A watched signal that came before, while every signal was blocked, is pending and is
/// read, too.
long OpenSignalFd() {
  const SignalSet watched = kPassedOn | Bit(SIGCHLD);
  SystemCall(SYS_rt_sigprocmask, SIG_SETMASK, &watched, nullptr, sizeof watched);
  return SystemCall(SYS_signalfd4, -1, &watched, sizeof watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

long NowMs() {
  timespec now{};
  SystemCall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void KillGroup(pid_t leader, int signal) { SystemCall(SYS_kill, -leader, signal); }

}  // namespace

void Keeper::Run(char* const* argv, char* const* environment) {
  SystemCall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  signals_ = static_cast<int>(OpenSignalFd());
  if (program_ == 0) {
    const StartedProgram started = StartProgram(argv, environment);
    program_ = started.pid;
    if (started.error != 0) Report(FromKeeper::not_started, started.error, 0);
  }
  // Give up our copies of the pipes, so that the host reads end of file when the program and its
  // descendants have closed theirs. stdin is /dev/null.
  SystemCall(SYS_dup3, STDIN_FILENO, STDOUT_FILENO, 0);
  SystemCall(SYS_dup3, STDIN_FILENO, STDERR_FILENO, 0);
  SystemCall(SYS_chdir, "/");  // the host's working directory can be unmounted
  if (program_ > 0) {
    ReportStarted(program_);
    Guard();
  }
  End();
}

/// Returns when the program has ended or must be killed.
void Keeper::Guard() {
  // Look before the first wait: the program may have ended before the signalfd was there.
  for (bool running = !ProgramEnded(); running;) {
    switch (Wait()) {
      case Woke::orders:
        running = TakeOrder();
        break;
      case Woke::host_gone:
        StopWithoutHost();
        break;
      case Woke::output:
        DropOutput();
        break;
      case Woke::grace_over:
        running = false;
        break;
      case Woke::signals:
        TakeSignals();
        running = !ProgramEnded();
        break;
    }
  }
}

Keeper::Woke Keeper::Wait() const {
  // ppoll(2) passes over negative descriptors. A dead host gives no orders.
  const int control = host_gone_ ? -1 : kKeeperControl;
  const int host = host_gone_ ? -1 : kKeeperHost;
  pollfd watched[] = {{control, POLLIN, 0},
                      {host, POLLIN, 0},
                      {signals_, POLLIN, 0},
                      {outputs_[0], POLLIN, 0},
                      {outputs_[1], POLLIN, 0}};
  for (long ready = -1; ready < 0;) {
    const long left = host_gone_ ? grace_end_ms_ - NowMs() : 0;
    if (left < 0) return Woke::grace_over;
    timespec limit{left / 1000, left % 1000 * 1'000'000};  // the kernel writes to it
    ready = SystemCall(SYS_ppoll, watched, 5, host_gone_ ? &limit : nullptr, nullptr, 0);
    if (ready == 0) return Woke::grace_over;
  }
  // Orders first: the host may have sent SIGKILL just before its end.
  if (watched[0].revents != 0) return Woke::orders;
  if (watched[1].revents != 0) return Woke::host_gone;
  return watched[2].revents != 0 ? Woke::signals : Woke::output;
}

/// Reads what the program writes in place of its dead host, so that the program can write on.
void Keeper::DropOutput() {
  char bytes[4096];
  for (int& output : outputs_) {
    if (output >= 0 && SystemCall(SYS_read, output, bytes, sizeof bytes) == 0) output = -1;
  }
}

/// Reads one order of the host. False: the order is to kill the program.
bool Keeper::TakeOrder() {
  ToKeeper order;
  const long got = SystemCall(SYS_recvfrom, kKeeperControl, &order, sizeof order, MSG_DONTWAIT,
                              nullptr, nullptr);
  if (got == -EAGAIN || got == -EINTR) return true;
  if (got != static_cast<long>(sizeof order)) {
    StopWithoutHost();  // the host has closed its end of the socket pair
    return true;
  }
  if (order.signal == SIGKILL) return false;
  if (order.signal == SIGTERM) {
    Terminate();
  } else {
    KillGroup(program_, order.signal);
  }
  return true;
}

/// If the host had already sent SIGTERM, the program has what is left of its grace.
void Keeper::StopWithoutHost() {
  host_gone_ = true;
  for (int i = 0; i < 2; ++i) outputs_[i] = kKeeperReads[i];
  if (grace_end_ms_ >= 0) return;
  Terminate();
  KillGroup(program_, SIGCONT);  // a stopped process takes no SIGTERM
}

void Keeper::Terminate() {
  grace_end_ms_ = NowMs() + grace_ms_;
  KillGroup(program_, SIGTERM);
}

void Keeper::TakeSignals() {
  signalfd_siginfo info;
  while (SystemCall(SYS_read, signals_, &info, sizeof info) == static_cast<long>(sizeof info)) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal != SIGCHLD) KillGroup(program_, signal);
  }
}

/// Also reaps the orphans that have become our children and have ended. The program itself stays a
/// zombie: as long as it does, the kernel gives the id of its process group to nobody else, so
/// KillGroup in End hits no stranger.
bool Keeper::ProgramEnded() const {
  for (;;) {
    siginfo_t info;
    info.si_pid = 0;
    const long looked =
        SystemCall(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT, nullptr);
    if (looked != 0 || info.si_pid == 0) return false;
    if (info.si_pid == program_) return true;
    SystemCall(SYS_waitid, P_PID, info.si_pid, nullptr, WEXITED, nullptr);
  }
}

/// Kills the group, the program and every other descendant, and reports how the program ended. The
/// program is reaped after its group is killed: see ProgramEnded.
void Keeper::End() const {
  siginfo_t info;
  if (program_ > 0) {
    KillGroup(program_, SIGKILL);
    SystemCall(SYS_kill, program_, SIGKILL);  // the program may have left its group
    SystemCall(SYS_waitid, P_PID, program_, &info, WEXITED, nullptr);
  }
  EndDescendants();
  if (program_ > 0) Report(FromKeeper::ended, info.si_status, info.si_code);
}

}  // namespace zlayer::sidecar
