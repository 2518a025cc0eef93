// What a start does when its TLS set is being changed: by itself, or by another process.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/share/start.h"
#include "lifecycle/tests/share/fake_world.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class TlsSetStartTest : public FakeWorld {
 protected:
  /// By another open file, as another process would that is stopped meanwhile.
  UniqueFd HoldLock() const {
    EXPECT_EQ(::mkdir(tls_.c_str(), 0700), 0);
    UniqueFd lock(::open((tls_ + "/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    EXPECT_EQ(::flock(lock.get(), LOCK_EX), 0);
    return lock;
  }

  const std::string tls_ = directory_ / "buildd";
};

TEST_F(TlsSetStartTest, AHeldLockEndsAStartAtItsLimit) {
  const UniqueFd held = HoldLock();
  options_.handshake_timeout = std::chrono::milliseconds(50);
  for (const bool remote : {false, true}) {
    if (remote) config_.addr = "127.0.0.1:1";
    SidecarLifecycle lifecycle(config_, options_);
    const auto live = lifecycle.Ensure();
    ASSERT_FALSE(live);
    EXPECT_EQ(live.error().kind, ErrorKind::tls_material);
    EXPECT_THAT(live.error().message, HasSubstr(tls_ + "/.lock within 50 ms: "));
  }
}

TEST_F(TlsSetStartTest, ACancelEndsAStartThatWaitsForTheLock) {
  const UniqueFd held = HoldLock();
  options_.handshake_timeout = std::chrono::hours(1);
  std::stop_source stop;
  options_.on_phase = [&stop](Phase ended, std::chrono::nanoseconds) {
    if (ended == Phase::discover) stop.request_stop();
  };
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure(stop.get_token());
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::cancelled) << live.error().message;
}

TEST_F(TlsSetStartTest, AStartThatReplacesTheSetSaysWhy) {
  std::vector<std::string> reasons;
  options_.on_event = [&reasons](const LifecycleEvent& event) {
    if (event.kind == LifecycleEvent::Kind::certificates_replaced) reasons.push_back(event.text);
  };
  const auto start = [&] {
    const auto sidecar = StartSidecar(config_, options_, *options_.environment,
                                      EventLoop::Shared().value(), StartHooks{}, {});
    ASSERT_TRUE(sidecar) << sidecar.error().message;
  };
  start();
  EXPECT_TRUE(reasons.empty()) << "a first set replaces none";
  const std::string key = tls_ + "/" + fs::read_symlink(tls_ + "/.current").string() + "/key.pem";
  fs::permissions(key, static_cast<fs::perms>(0644));
  start();
  EXPECT_THAT(reasons, ElementsAre(EndsWith("were replaced: " + key +
                                            ": others can read or write it (mode 0644)")));
  start();
  EXPECT_EQ(reasons.size(), 1u);
}

}  // namespace
}  // namespace zlayer::sidecar
