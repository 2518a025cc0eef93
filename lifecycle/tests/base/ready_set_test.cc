#include "lifecycle/src/base/ready_set.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <future>

#include "lifecycle/src/base/event_loop.h"
#include "lifecycle/tests/share/refused_call.h"
#include "lifecycle/tests/share/run_host.h"

namespace zlayer::sidecar {
namespace {

constexpr std::chrono::seconds kPatience{20};

/// Waits until `set` has called back for one end of a pipe that is ready. Returns false if it has
/// not after 20 s.
bool SeesAPipe(ReadySet* set) {
  int ends[2];
  if (::pipe(ends) != 0 || ::write(ends[1], "x", 1) != 1) return false;
  bool called = false;
  set->Add(ends[0], EPOLLIN, [&](std::uint32_t) { called = true; });
  const Deadline limit = Clock::now() + kPatience;
  while (!called && Clock::now() < limit) set->Wait(-1);
  set->Remove(ends[0]);
  return called;
}

TEST(ReadySetTest, WithoutDescriptorsItIsAnError) {
  for (const int call : {SYS_epoll_create1, SYS_eventfd2, SYS_epoll_ctl}) {
    EXPECT_EQ(RunHost([call] {
                if (!RefuseCall(call, EMFILE)) return 102;
                const auto set = ReadySet::Open();
                return !set && set.error().kind == ErrorKind::spawn_failed ? 0 : 1;
              }),
              0)
        << call;
  }
}

TEST(ReadySetTest, ADescriptorThatEpollRefusesIsServedAllTheSame) {
  EXPECT_EQ(RunHost([] {
              const auto set = ReadySet::Open().value();
              if (!RefuseCall(SYS_epoll_ctl, ENOSPC)) return 102;
              return SeesAPipe(set.get()) && set->Intact() ? 0 : 1;
            }),
            0);
}

TEST(ReadySetTest, WhereEpollWaitFailsEveryDescriptorIsServed) {
  EXPECT_EQ(RunHost([] {
              const auto set = ReadySet::Open().value();
              if (!RefuseEpollWait(EIO)) return 102;
              return SeesAPipe(set.get()) && set->Intact() ? 0 : 1;
            }),
            0);
}

/// Runs until the loop's timer fires after `time`. Returns the processor time of this process.
std::chrono::nanoseconds ProcessorTimeOf(EventLoop* loop, std::chrono::milliseconds time) {
  const auto now = [] {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  };
  const auto before = now();
  std::promise<void> fired;
  loop->Post([&] { loop->At(Clock::now() + time, [&] { fired.set_value(); }); });
  fired.get_future().wait();
  return now() - before;
}

TEST(EventLoopTest, WhoseDescriptorsTheHostClosesRunsOnWithoutSpinning) {
  EXPECT_EQ(RunHost([] {
              auto loop = EventLoop::Shared().value();
              ::close_range(3, ~0U, 0);
              if (loop->Intact()) return 1;
              // Waits for the loop to notice. Afterwards nothing but fifty ticks may take time. A
              // loop that spins has much more of a processor, even beside ten other programs.
              ProcessorTimeOf(loop.get(), std::chrono::milliseconds(1));
              const auto used = ProcessorTimeOf(loop.get(), std::chrono::milliseconds(1000));
              loop.reset();
              return used < std::chrono::milliseconds(50) ? 0 : 2;
            }),
            0);
}

TEST(EventLoopTest, ThatCannotBeMadeIsAnErrorAndTheNextOneWorks) {
  EXPECT_EQ(RunHost([] {
              rlimit limit{};
              ::getrlimit(RLIMIT_NOFILE, &limit);
              for (rlim_t free : {0, 1}) {
                const int lowest = ::dup(0);
                ::close(lowest);
                const rlimit few{static_cast<rlim_t>(lowest) + free, limit.rlim_max};
                ::setrlimit(RLIMIT_NOFILE, &few);
                const auto loop = EventLoop::Shared();
                if (loop || loop.error().kind != ErrorKind::spawn_failed) return 1;
                ::setrlimit(RLIMIT_NOFILE, &limit);
                if (!EventLoop::Shared()) return 2;
              }
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace zlayer::sidecar
