#include "fakes/src/process/lifetime.h"

#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "fakes/src/base/before_end.h"
#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {
namespace {

// Set before the timer is armed, afterwards only read by the signal handler. The handler cannot
// format text, so ArmLifetime() prepares all of the journal line but its time.
int journal = -1;
char journal_tail[160];

timer_t timer;
bool has_timer = false;
bool has_limit = true;

/// Writes a non-negative number as decimal digits and returns how many. Async-signal-safe, which
/// printf is not.
size_t AppendNumber(char* out, std::int64_t number) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  std::reverse_copy(digits, digits + count, out);
  return count;
}

void OnLifetimeOver(int /*signal*/) {
  if (journal >= 0) {
    char line[256];
    constexpr char kHead[] = "{\"monotonic_ns\":\"";
    size_t size = sizeof kHead - 1;
    std::memcpy(line, kHead, size);
    size += AppendNumber(line + size, MonotonicNs());
    const size_t tail = std::strlen(journal_tail);
    std::memcpy(line + size, journal_tail, tail);
    // A FIFO that nobody reads is full: the entry is lost, and the lifetime is over all the same.
    pollfd writable{.fd = journal, .events = POLLOUT, .revents = 0};
    if (poll(&writable, 1, 0) == 1) (void)!write(journal, line, size + tail);
  }
  RunBeforeEnd();
  _exit(kExitLifetime);
}

/// Creates the timer. The signal goes to the calling (main) thread and not to a thread of gRPC:
/// ThreadSanitizer delays a signal as long as its thread runs in a library that is not
/// instrumented.
void CreateTimer() {
  struct sigaction action {};
  action.sa_handler = &OnLifetimeOver;
  sigaction(SIGALRM, &action, nullptr);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGALRM;
  event._sigev_un._tid = gettid();
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) {
    std::fprintf(stderr, "fake-zlayer-buildd: cannot create the timer for its lifetime: %s\n",
                 std::strerror(errno));
    _exit(kExitStartFailed);  // a fake without a lifetime must not run
  }
  has_timer = true;
}

/// 0 stops the timer.
void SetTimer(std::int64_t us) {
  itimerspec due{};
  due.it_value.tv_sec = us / 1'000'000;
  due.it_value.tv_nsec = us % 1'000'000 * 1'000;
  timer_settime(timer, 0, &due, nullptr);
}

}  // namespace

Result<std::uint32_t> LifetimeMs(std::uint32_t plan_ms) {
  const char* value = std::getenv("ZLAYER_FAKE_LIFETIME_MS");
  if (!value) return plan_ms == 0 ? kDefaultLifetimeMs : plan_ms;
  const std::string_view text = value;
  std::uint32_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc() || end != text.data() + text.size()) {
    return BadInput("ZLAYER_FAKE_LIFETIME_MS=" + std::string(text) +
                    ": must be 0 to 4294967295; 0: until killed");
  }
  return ms;
}

void ArmLifetime(std::uint32_t ms, int journal_fd) {
  if (!has_timer) CreateTimer();
  SetTimer(0);
  std::snprintf(journal_tail, sizeof journal_tail,
                "\",\"pid\":%d,\"exiting\":{\"code\":%d,\"reason\":\"the lifetime of %u ms is "
                "over\"}}\n",
                getpid(), kExitLifetime, ms);
  journal = journal_fd;
  has_limit = ms != 0;
  SetTimer(std::int64_t{ms} * 1'000);
}

void ArmChildLifetime(std::int64_t remaining_us) {
  if (remaining_us == kUntilKilled) return;
  journal = -1;
  CreateTimer();
  SetTimer(std::max<std::int64_t>(1, remaining_us));
}

std::int64_t RemainingLifetimeUs() {
  if (!has_limit) return kUntilKilled;
  itimerspec left{};
  timer_gettime(timer, &left);
  return std::int64_t{left.it_value.tv_sec} * 1'000'000 + left.it_value.tv_nsec / 1'000;
}

}  // namespace zlayer::fakes::daemon
