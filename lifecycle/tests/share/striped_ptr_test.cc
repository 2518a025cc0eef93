#include "lifecycle/src/share/striped_ptr.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace zlayer::sidecar {
namespace {

constexpr auto kAny = [](int) { return true; };

TEST(StripedPtrTest, EveryProcessorGetsWhatWasPutIn) {
  StripedPtr<int> pointer;
  EXPECT_EQ(pointer.GetIf(kAny), nullptr);
  const auto one = std::make_shared<int>(1);
  EXPECT_EQ(pointer.Exchange(one), nullptr);
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &before)) continue;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    ASSERT_EQ(::sched_setaffinity(0, sizeof only, &only), 0);
    EXPECT_EQ(pointer.GetIf(kAny).get(), one.get());
    EXPECT_EQ(pointer.GetIf([](int value) { return value == 2; }), nullptr);
  }
  ::sched_setaffinity(0, sizeof before, &before);
  EXPECT_EQ(pointer.whole(), one);
  EXPECT_EQ(pointer.Exchange(nullptr), one);
  EXPECT_EQ(pointer.GetIf(kAny), nullptr);
}

TEST(StripedPtrTest, TheLastCopyEndsIt) {
  StripedPtr<int> pointer;
  auto whole = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = whole;
  pointer.Exchange(std::move(whole));
  auto copy = pointer.GetIf(kAny);
  pointer.Exchange(nullptr);
  EXPECT_FALSE(watch.expired());
  copy.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(StripedPtrTest, ACopyIsAliveWhateverIsExchangedMeanwhile) {
  std::atomic<int> alive = 0;
  struct Counted {
    explicit Counted(std::atomic<int>* in) : alive(in) { ++*alive; }
    ~Counted() { --*alive; }
    std::atomic<int>* const alive;
    int value = 7;
  };
  {
    StripedPtr<Counted> pointer;
    std::atomic<bool> over = false;
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&] {
        while (!over) {
          const auto copy =
              pointer.GetIf([](const Counted& counted) { return counted.value == 7; });
          EXPECT_TRUE(!copy || copy->value == 7);
        }
      });
    }
    for (int i = 0; i < 2'000; ++i) pointer.Exchange(std::make_shared<Counted>(&alive));
    over = true;
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace zlayer::sidecar
