// The queue before the callbacks' thread: when stderr counts as full, and when as overflowing.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <string>

#include "lifecycle/src/share/callbacks.h"

namespace zlayer::sidecar {
namespace {

TEST(CallbacksQueueTest, StderrIsFullUntilHalfOfTheLinesHavePassed) {
  std::latch first(1);
  std::latch go(1);
  std::atomic<int> lines = 0;
  LifecycleOptions options;
  options.on_stderr_line = [&](std::string_view) {
    first.count_down();
    go.wait();
    ++lines;
  };
  const auto callbacks = Callbacks::TakeFrom(&options);
  ASSERT_TRUE(callbacks->Start());
  const std::string line(4096, 'x');
  int queued = 0;
  std::promise<int> resumed;
  options.on_stderr_line(line);
  first.wait();
  while (!callbacks->StderrFull([&] { resumed.set_value(lines); })) {
    options.on_stderr_line(line);
    ++queued;
  }
  EXPECT_LE(queued, static_cast<int>(Callbacks::kQueueLimit / line.size()));
  EXPECT_GT(queued, static_cast<int>(Callbacks::kQueueLimit / line.size() / 2));
  go.count_down();
  EXPECT_LT(resumed.get_future().get(), queued);
  callbacks->Close();
  EXPECT_EQ(lines, queued + 1);
  options.on_stderr_line(line);  // nothing happens
  EXPECT_EQ(lines, queued + 1);
}

/// Those who must go on reading learn when to leave lines out.
TEST(CallbacksQueueTest, StderrOverflowsAtTwiceItsLimit) {
  std::latch go(1);
  LifecycleOptions options;
  options.on_stderr_line = [&](std::string_view) { go.wait(); };
  const auto callbacks = Callbacks::TakeFrom(&options);
  ASSERT_TRUE(callbacks->Start());
  const std::string line(4096, 'x');
  size_t queued = 0;
  for (; !callbacks->StderrOverflows(); queued += line.size()) options.on_stderr_line(line);
  EXPECT_LE(queued, Callbacks::kOverflow + line.size());
  EXPECT_GT(queued, Callbacks::kQueueLimit);
  go.count_down();
  callbacks->Close();
}

TEST(CallbacksQueueTest, WithoutACallbackThereIsNoThread) {
  LifecycleOptions options;
  const auto callbacks = Callbacks::TakeFrom(&options);
  ASSERT_TRUE(callbacks->Start());
  EXPECT_FALSE(options.on_phase || options.on_event || options.on_stderr_line);
  callbacks->Close();
}

}  // namespace
}  // namespace zlayer::sidecar
