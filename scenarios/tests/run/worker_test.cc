// Workers as processes. A worker that dies affects only the scenario that it was running.

#include "scenarios/runner/run/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zlayer::scenarios {
namespace {

using ::testing::HasSubstr;

CatalogEntry Entry(const std::string& name) { return {name, "", {}}; }

Worker ShellWorker(const std::string& script) {
  return Worker({"/bin/sh", "-c", script}, "harness run --exact");
}

TEST(WorkerTest, HandsOnWhatItFound) {
  Worker worker = ShellWorker(
      "while read name; do echo \"{\\\"name\\\":\\\"$name\\\",\\\"status\\\":\\\"FAILED\\\"}\"; "
      "done");
  EXPECT_EQ(worker.Run(Entry("s/a")).status, Status::failed);
  EXPECT_EQ(worker.Run(Entry("s/b")).name, "s/b");
}

TEST(WorkerTest, OneThatDiesIsAHarnessErrorAndTheNextIsAnother) {
  Worker worker =
      ShellWorker("read name; case $name in s/crash) kill -SEGV $$;; *) echo '{}';; esac");
  const ScenarioResult crash = worker.Run(Entry("s/crash"));
  EXPECT_EQ(crash.status, Status::harness_error);
  EXPECT_THAT(crash.reason, HasSubstr("died of signal 11"));
  EXPECT_EQ(crash.rerun, "harness run --exact s/crash");
  EXPECT_EQ(worker.Run(Entry("s/good")).status, Status::passed);
}

TEST(WorkerTest, GarbageIsAHarnessError) {
  Worker worker = ShellWorker("read name; echo hello; read name");
  const ScenarioResult result = worker.Run(Entry("s/a"));
  EXPECT_EQ(result.status, Status::harness_error);
  EXPECT_THAT(result.reason, HasSubstr("said \"hello\""));
}

}  // namespace
}  // namespace zlayer::scenarios
