// Starts and stops sidecars with random faults. Afterwards this process must have no more
// descriptors, threads, files and memory than before.
//
// ZLAYER_SOAK_CYCLES: the number of cycles, 60 by default; memory is checked from 1,000 on.
// ZLAYER_SEED: the seed of an earlier run, to repeat it.

#include <dirent.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

#include "scenarios/runner/judge/aftermath.h"
#include "scenarios/runner/process/temp_directory.h"
#include "scenarios/runner/process/token_processes.h"
#include "scenarios/runner/world/world_files.h"
#include "scenarios/tests/run/seeded.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::scenarios {
namespace {

using std::chrono::milliseconds;

constexpr const char* kPlans[] = {
    "honest",          "crash-before-line", "exit-with-reason",         "hang-before-line",
    "ignore-signals",  "grandchild",        "flood-stderr-after-line",  "grandchild-setsid",
    "tls-expired",     "tls-client-silent", "handshake-half-then-exit", "handshake-endless",
    "exit-after-line", "tls-off",           "grandchild-stubborn",      "killed-before-line"};

int EntriesOf(const char* directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory), &closedir);
  int count = 0;
  while (open && readdir(open.get()) != nullptr) ++count;
  return count;
}

/// Resources of this process that must not grow.
struct ResourceCount {
  int descriptors = EntriesOf("/proc/self/fd");
  int threads = EntriesOf("/proc/self/task");
};

/// Anonymous memory in use, in KiB.
long ResidentKib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stol(line.substr(8));
  }
  return 0;
}

class SoakTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(directory_) << directory_.error();
    ASSERT_TRUE(MakeDirectory(Path("data")));
    ASSERT_TRUE(MakeDirectory(Path("tmp")));
    ASSERT_TRUE(PrepareTls(v1::World::MINTED, FAKE_BUILDD_PATH, Path("data/buildd")));
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }

  /// One start, and a stop if the start succeeds.
  void Cycle(const char* plan, bool drop) const {
    sidecar::LifecycleOptions options;
    options.handshake_timeout = milliseconds(200);
    options.connect_timeout = milliseconds(500);
    options.grace = milliseconds(20);
    options.environment.emplace();
    options.environment->Set("ZLAYER_DATA_DIR", Path("data"));
    options.environment->Set("ZLAYER_BUILDD_BIN", FAKE_BUILDD_PATH);
    options.environment->Set("TMPDIR", Path("tmp"));
    options.environment->Set("ZLAYER_FAKE_PLAN", plan);
    options.environment->Set(std::string(kTokenVariable), token_);
    sidecar::SidecarLifecycle lifecycle({}, std::move(options));
    const auto live = lifecycle.Ensure();
    if (live && drop) lifecycle.DropConnection();
  }

  void Cycles(int count, std::mt19937_64& random) const {
    for (int i = 0; i < count; ++i) {
      const auto plan = std::uniform_int_distribution<size_t>(0, std::size(kPlans) - 1)(random);
      Cycle(kPlans[plan], random() % 2 == 0);
    }
  }

  const tl::expected<TempDirectory, std::string> directory_ = TempDirectory::Make();
  const std::string token_ = NewToken();
};

TEST_F(SoakTest, EveryCycleEndsAsItBegan) {
  std::mt19937_64 random = Seeded();
  const int cycles = TimesFromEnvironment("ZLAYER_SOAK_CYCLES", 60);
  for (const char* plan : kPlans) Cycle(plan, false);  // gRPC and OpenSSL allocate some things once
  Cycles(cycles / 10, random);
  const Footprint before = Footprint::OfThisProcess();
  const ResourceCount resources;
  const long memory = ResidentKib();
  Cycles(cycles, random);
  for (const Violation& violation : JudgeAftermath(token_, before)) {
    ADD_FAILURE() << "expected " << violation.expected << ", seen " << violation.seen;
  }
  EXPECT_EQ(ResourceCount().descriptors, resources.descriptors);
  // gRPC stays up and makes a thread more or less as it has work; a leak would add one a cycle.
  EXPECT_LE(ResourceCount().threads, resources.threads + 2);
  EXPECT_TRUE(std::filesystem::is_empty(Path("tmp")));
  fmt::print("{} cycles; anonymous memory from {} KiB to {} KiB\n", cycles, memory, ResidentKib());
  // The bound lets the allocator vary by 1.5 MiB. In a long run it still finds a leak of a few
  // hundred bytes a cycle.
  if (cycles >= 1000) {
    EXPECT_LE(ResidentKib(), memory + 1536 + cycles / 10);
  }
}

}  // namespace
}  // namespace zlayer::scenarios
