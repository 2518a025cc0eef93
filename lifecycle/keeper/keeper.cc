#include "keeper.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../src/clone_exec.h"
#include "../src/keeper_protocol.h"
#include "descendants.h"

namespace zlayer::sidecar {
namespace {

/// Signals that somebody may send to the keeper by hand: they are meant for the program.
constexpr int kPassedOn[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

void Report(FromKeeper::Kind kind, int value, int how) {
  const FromKeeper report{kind, value, how};
  ::send(kKeeperControl, &report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int OpenSignals() {
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  for (const int signal : kPassedOn) sigaddset(&watched, signal);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  return ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

void Keeper::Run() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  signals_ = OpenSignals();
  for (bool running = true; running;) {
    switch (Wait()) {
      case Woke::orders:
        running = TakeOrder();
        break;
      case Woke::host_gone:
        running = false;
        break;
      case Woke::signals:
        TakeSignals();
        running = !ProgramEnded();
        break;
    }
  }
  End();
}

Keeper::Woke Keeper::Wait() const {
  pollfd watched[] = {{kKeeperControl, POLLIN, 0}, {kKeeperHost, POLLIN, 0}, {signals_, POLLIN, 0}};
  while (::poll(watched, 3, -1) < 0) {
  }
  if (watched[1].revents != 0) return Woke::host_gone;
  return watched[0].revents != 0 ? Woke::orders : Woke::signals;
}

/// False when the keeper has nothing more to do: the host has closed its end, or the program could
/// not be started.
bool Keeper::TakeOrder() {
  const ssize_t got = ::recv(kKeeperControl, order_, sizeof order_, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  ToKeeper order{};
  if (got < static_cast<ssize_t>(sizeof order)) return false;
  std::memcpy(&order, order_, sizeof order);
  if (order.kind == ToKeeper::signal && program_ > 0) ::kill(-program_, order.number);
  if (order.kind != ToKeeper::start || program_ > 0) return true;
  StartProgram(order.number, static_cast<int>(got));
  return program_ > 0;
}

/// Runs the program of the order that was taken, of `size` bytes.
void Keeper::StartProgram(int strings, int size) {
  char* argv[kMostArguments + 1] = {};
  int found = 0;
  for (int at = sizeof(ToKeeper); at < size && found < strings && found < kMostArguments; ++found) {
    argv[found] = order_ + at;
    at += static_cast<int>(::strnlen(order_ + at, static_cast<size_t>(size - at))) + 1;
  }
  ExecPlan plan;
  plan.path = argv[0];
  plan.argv = argv;
  plan.envp = environment_;
  plan.descriptor_count = 3;
  for (int fd = 0; fd < 3; ++fd) plan.descriptors[fd] = fd;
  plan.want_pidfd = false;
  plan.parent_death_signal = SIGKILL;
  const Cloned program = CloneExec(plan);
  // Only the program holds the pipes, from now on.
  ::dup2(STDIN_FILENO, STDOUT_FILENO);
  ::dup2(STDIN_FILENO, STDERR_FILENO);
  if (program.error != 0) return Report(FromKeeper::not_started, program.error, 0);
  program_ = program.pid;
  Report(FromKeeper::started, program_, 0);
  // No hold on the host's working directory. It cannot fail; where it does, that is the price.
  if (::chdir("/") != 0) return;
}

void Keeper::TakeSignals() {
  signalfd_siginfo info;
  while (::read(signals_, &info, sizeof info) == sizeof info) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal != SIGCHLD && program_ > 0) ::kill(-program_, signal);
  }
}

/// Reaps those who came to us and ended; the program itself stays a zombie, which pins its group's
/// number.
bool Keeper::ProgramEnded() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
      return false;
    }
    if (info.si_pid == program_) return true;
    ::waitid(P_PID, static_cast<id_t>(info.si_pid), nullptr, WEXITED);
  }
}

void Keeper::End() {
  siginfo_t info{};
  if (program_ > 0) {
    ::kill(-program_, SIGKILL);
    ::kill(program_, SIGKILL);  // it may have moved to another group
    ::waitid(P_PID, static_cast<id_t>(program_), &info, WEXITED);
  }
  EndDescendants();
  if (program_ > 0) Report(FromKeeper::ended, info.si_status, info.si_code);
}

}  // namespace zlayer::sidecar
