#include "fakes/src/upstream/upstream.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fakes/src/base/stdio_write.h"
#include "fakes/src/process/leave.h"
#include "fakes/src/upstream/guardian.h"
#include "fakes/src/upstream/start_guardian.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

/// The signals that are passed on although no fault concerns them. The class Signals has SIGTERM
/// and SIGINT. The others are the fake's own: its lifetime, job control, and errors in itself.
sigset_t PassedSignals() {
  sigset_t passed;
  sigemptyset(&passed);
  for (const int signal : {SIGHUP, SIGQUIT, SIGABRT, SIGUSR1, SIGUSR2}) sigaddset(&passed, signal);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) sigaddset(&passed, signal);
  return passed;
}

bool Add(int epoll, int fd, short events) {
  epoll_event event{.events = static_cast<std::uint32_t>(events), .data = {.fd = fd}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Result<std::unique_ptr<Upstream>> Upstream::Start(const std::string& path, UpstreamStdout out,
                                                  const char* const* argv, Signals& signals,
                                                  Journal& journal) {
  std::unique_ptr<Upstream> upstream(new Upstream(signals, journal));
  int ends[2] = {-1, -1};
  if (out == UpstreamStdout::piped && pipe2(ends, O_CLOEXEC) != 0) return StartFailedErrno("pipe");
  upstream->out_.Reset(ends[0]);
  const UniqueFd program_end(ends[1]);
  if (upstream->out_) fcntl(upstream->out_.get(), F_SETFL, O_NONBLOCK);
  Result<Guarded> guarded = StartGuarded(path, argv, program_end.get());
  if (!guarded) return tl::unexpected(guarded.error());
  upstream->channel_ = std::move(guarded->channel);
  journal.Write(
      [&](v1::JournalEntry& entry) { entry.mutable_upstream()->set_child_pid(guarded->program); });
  if (auto watched = upstream->WatchGuardianAndSignals(); !watched) {
    return tl::unexpected(watched.error());
  }
  return upstream;
}

Result<void> Upstream::WatchGuardianAndSignals() {
  const sigset_t passed = PassedSignals();
  pthread_sigmask(SIG_BLOCK, &passed, nullptr);
  passed_.Reset(signalfd(-1, &passed, SFD_NONBLOCK | SFD_CLOEXEC));
  wakeups_.Reset(epoll_create1(EPOLL_CLOEXEC));
  if (!Add(wakeups_.get(), passed_.get(), POLLIN) || !Add(wakeups_.get(), channel_.get(), POLLIN)) {
    return StartFailedErrno("epoll");
  }
  return {};
}

void Upstream::Order(int order) {
  (void)!send(channel_.get(), &order, sizeof order, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Upstream::PassSignalsOn() {
  signalfd_siginfo info{};
  while (read(passed_.get(), &info, sizeof info) == sizeof info) {
    journal_.Write([&](v1::JournalEntry& entry) {
      entry.mutable_signal()->set_number(static_cast<int>(info.ssi_signo));
      entry.mutable_signal()->set_sender_pid(static_cast<int>(info.ssi_pid));
    });
    Order(static_cast<int>(info.ssi_signo));
  }
}

bool Upstream::HasEnded() {
  if (status_) return true;
  Report report{};
  const ssize_t size = recv(channel_.get(), &report, sizeof report, MSG_DONTWAIT);
  if (size < 0) return false;
  while (IsEnding()) pause();  // another thread ends this process, and has ended the program
  if (size != sizeof report) {
    Leave(journal_, kExitStartFailed, "the guardian of the upstream was killed");
  }
  status_ = report.value;
  journal_.Write([&](v1::JournalEntry& entry) {
    v1::UpstreamSeen* seen = entry.mutable_upstream();
    seen->set_ended(true);
    if (WIFSIGNALED(*status_)) seen->set_signal(WTERMSIG(*status_));
    if (WIFEXITED(*status_)) seen->set_code(WEXITSTATUS(*status_));
  });
  return true;
}

Upstream::Event Upstream::Wait(int fd, short events, std::int64_t deadline_ns) {
  // epoll(7) refuses regular files; poll(2) in WaitForAny() reports them as ready.
  const bool added = fd >= 0 && Add(wakeups_.get(), fd, events);
  const Event event = WaitForAny(fd, events, deadline_ns);
  if (added) epoll_ctl(wakeups_.get(), EPOLL_CTL_DEL, fd, nullptr);
  return event;
}

Upstream::Event Upstream::WaitForAny(int fd, short events, std::int64_t deadline_ns) {
  for (;;) {
    PassSignalsOn();
    pollfd waited{.fd = fd, .events = events, .revents = 0};
    if (poll(&waited, 1, 0) == 1) return Event::ready;
    if (HasEnded()) return Event::ended;
    switch (signals_.Wait(wakeups_.get(), POLLIN, deadline_ns)) {
      case Woke::ready:
        break;
      case Woke::timeout:
        return Event::timeout;
      case Woke::stop:
        Order(signals_.last_signal());
        return Event::signal;
    }
  }
}

void Upstream::EndAlike() {
  if (WIFSIGNALED(*status_)) DieBySignal(WTERMSIG(*status_));
  Leave(journal_, WEXITSTATUS(*status_), "the upstream has ended");
}

}  // namespace zlayer::fakes::daemon
