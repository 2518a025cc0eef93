#include "lifecycle/src/credentials/directory_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "lifecycle/tests/base/as_nobody.h"
#include "lifecycle/tests/credentials/tls_material_fixture.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A directory whose lock this process holds by another open file, as another process would.
class DirectoryLockTest : public TlsMaterialTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir(tls_.c_str(), 0700), 0);
    held_.reset(::open(Path(".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(::flock(held_.get(), LOCK_EX), 0);
  }

  UniqueFd held_;
};

TEST_F(DirectoryLockTest, TheWaitEndsAtTheLimitAndNamesIt) {
  const milliseconds limit{20};
  const auto lock = LockTlsDirectory(tls_, {limit, Clock::now() + limit, {}});
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().kind, ErrorKind::tls_material);
  EXPECT_THAT(lock.error().message, StartsWith("cannot lock " + Path(".lock") + " within 20 ms: "));
  EXPECT_THAT(lock.error().message, HasSubstr("process"));
}

TEST_F(DirectoryLockTest, AForkedChildDoesNotKeepIt) {
  held_.reset();
  auto lock = std::make_unique<Result<DirectoryLock>>(LockTlsDirectory(tls_, Patient()));
  ASSERT_TRUE(*lock);
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  lock.reset();
  EXPECT_TRUE(LockTlsDirectory(tls_, {milliseconds(0), Clock::now(), {}}));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

/// /proc/locks names the device of the file system, which stat(2) shows on most of them. tmpfs is
/// one of these.
TEST_F(DirectoryLockTest, WhoHoldsItIsNamed) {
  const bool has_tmpfs = ::access("/dev/shm", W_OK | X_OK) == 0;
  const TemporaryDirectory memory(has_tmpfs ? "/dev/shm" : std::filesystem::temp_directory_path());
  const UniqueFd held(::open((memory / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  const auto lock = LockTlsDirectory(memory.path(), {milliseconds(1), Clock::now(), {}});
  ASSERT_FALSE(lock);
  EXPECT_THAT(lock.error().message, HasSubstr(fmt::format(": process {} holds it", ::getpid())));
}

TEST_F(DirectoryLockTest, ACancelEndsTheWait) {
  std::stop_source stop;
  const auto before_the_wait = [&stop] { stop.request_stop(); };
  LockLimit limit = Patient();
  limit.stop = stop.get_token();
  const auto material = EnsureTlsMaterial(tls_, TlsPeer::spawned, limit, before_the_wait);
  ASSERT_FALSE(material);
  EXPECT_EQ(material.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(material.error().message, StartsWith("cancelled while waiting for " + Path(".lock")));
}

TEST_F(DirectoryLockTest, TheWaitGoesOnUntilTheLockIsFree) {
  std::mutex mutex;
  std::condition_variable changed;
  bool waits = false;
  const std::jthread holder([&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waits; });
    held_.reset();
  });
  const auto material = EnsureTlsMaterial(tls_, TlsPeer::spawned, Patient(), [&] {
    const std::lock_guard lock(mutex);
    waits = true;
    changed.notify_all();
  });
  ASSERT_TRUE(material) << material.error().message;
  EXPECT_EQ(WhyUnusable(Content()), "");
}

TEST_F(DirectoryLockTest, AGoodSetNeedsNoLock) {
  WritePlainSet(tls_);
  Ensure();
}

/// Made by a process with such a umask.
TEST_F(DirectoryLockTest, ALockFileThatTheUmaskClosedToItsOwnerIsOpenedAgain) {
  held_.reset();
  ASSERT_EQ(::chmod(Path(".lock").c_str(), 0), 0);
  for (const std::string& path : {directory_.path(), tls_, Path(".lock")}) {
    ASSERT_EQ(::lchown(path.c_str(), UidOfNobody(), -1), 0);
  }
  EXPECT_EQ(AsNobody([this] { return LockTlsDirectory(tls_, Patient()) ? 0 : 1; }), 0);
  EXPECT_EQ(ModeOf(Path(".lock")), 0600u);
}

}  // namespace
}  // namespace zlayer::sidecar
