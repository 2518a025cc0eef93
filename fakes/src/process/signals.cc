#include "fakes/src/process/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/base/stdio_write.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

sigset_t StopSignals() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  return stop;
}

}  // namespace

void ResetInheritedSignals() {
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &by_default, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

Signals::Signals(Journal& journal)
    : journal_(journal), has_posted_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Result<void> Signals::Block() {
  const sigset_t stop = StopSignals();
  sigprocmask(SIG_BLOCK, &stop, nullptr);
  fd_.Reset(signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd_) return StartFailedErrno("signalfd");
  return {};
}

bool Signals::ReadSignal() {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof info) != sizeof info) return false;
  last_signal_ = static_cast<int>(info.ssi_signo);
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_signal()->set_number(last_signal_);
    entry.mutable_signal()->set_sender_pid(static_cast<int>(info.ssi_pid));
  });
  if (seen_) seen_(last_signal_);
  return !ignored_ || !ignored_();
}

void Signals::HandleFromNowOn() {
  if (std::exchange(handles_, true)) return;
  WaitOrDie(-1, 0, 0);
  journal_.Write([](v1::JournalEntry& entry) { entry.mutable_handles_signals(); });
}

void Signals::Post(std::function<void()> what) {
  const std::lock_guard lock(posting_);
  posted_.push_back(std::move(what));
  eventfd_write(has_posted_.get(), 1);
}

void Signals::CallPosted() {
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(posting_);
    eventfd_t count = 0;
    eventfd_read(has_posted_.get(), &count);
    posted.swap(posted_);
  }
  for (const auto& what : posted) what();
}

void Signals::Collect() {
  pollfd pending{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  while (poll(&pending, 1, 0) == 1) ReadSignal();
}

Woke Signals::Wait(int fd, short events, std::int64_t deadline_ns) {
  for (;;) {
    pollfd fds[] = {{.fd = fd_.get(), .events = POLLIN, .revents = 0},
                    {.fd = fd, .events = events, .revents = 0},
                    {.fd = has_posted_.get(), .events = POLLIN, .revents = 0}};
    const int timeout = deadline_ns == kNoDeadline ? -1 : MillisecondsUntil(deadline_ns);
    const int ready = poll(fds, 3, timeout);
    if (ready < 0) continue;  // EINTR
    if (fds[0].revents != 0 && ReadSignal()) return Woke::stop;
    if (fds[2].revents != 0) {
      CallPosted();
      continue;  // what was called may have changed `fd`
    }
    if (fds[1].revents != 0) return Woke::ready;
    if (ready == 0 && MonotonicNs() >= deadline_ns) return Woke::timeout;
  }
}

Woke Signals::WaitOrDie(int fd, short events, std::int64_t deadline_ns) {
  const Woke woke = Wait(fd, events, deadline_ns);
  if (woke == Woke::stop) DieBySignal(last_signal_);
  return woke;
}

}  // namespace zlayer::fakes::daemon
