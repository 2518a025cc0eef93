// EnsureTlsMaterial, killed at each of its system calls.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lifecycle/src/credentials/tls_material.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/credentials/tls_files.h"
#include "lifecycle/tests/spawn/traced_child.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

/// A file system in memory where there is one: these tests make thousands of directories, and wait
/// for a disk each time otherwise.
fs::path QuickPlace() {
  const fs::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK | X_OK) == 0 ? memory : fs::temp_directory_path();
}

bool EnsureWithOpenUmask(const std::string& tls_dir, TlsPeer peer) {
  ::umask(0);
  return EnsureTlsMaterial(tls_dir, peer).has_value();
}

class TlsMaterialCrashTest : public testing::Test {
 protected:
  /// OpenSSL's first use reads its configuration: not in the children, where it would be counted.
  static void SetUpTestSuite() {
    const TemporaryDirectory directory;
    ASSERT_TRUE(EnsureTlsMaterial(directory / "tls", TlsPeer::spawned));
  }

  /// Kills the replacement of what `start_` holds at the first system call, at the second ...,
  /// until there are no more. `start_` is not there: it is the first creation.
  void KillEverywhere(TlsPeer peer = TlsPeer::spawned) {
    old_ = fs::exists(start_) ? ReadContent(start_) : std::nullopt;
    int nth = 1;
    for (;; ++nth) {
      fs::remove_all(tls_);
      if (fs::exists(start_)) {
        fs::copy(start_, tls_, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
      }
      const ChildEnd end = KillAtSystemCall(nth, [&] { return EnsureWithOpenUmask(tls_, peer); });
      ASSERT_NE(end, ChildEnd::failed) << "at system call " << nth;
      SCOPED_TRACE("killed at system call " + std::to_string(nth));
      CheckWhatIsLeft(end);
      CheckTheNextOne(peer);
      if (HasFailure() || end == ChildEnd::finished) break;
    }
    // Each of a handful of files is opened, written, synchronised and closed.
    EXPECT_GT(nth, 40);
    EXPECT_TRUE(saw_old_ && saw_new_);
  }

  void CheckWhatIsLeft(ChildEnd end) {
    EXPECT_THAT(KeysOthersCanRead(tls_), IsEmpty());
    const auto content = ReadContent(tls_);
    if (content == old_) {
      saw_old_ = true;
      EXPECT_EQ(end, ChildEnd::killed);
      return;
    }
    saw_new_ = true;
    ASSERT_TRUE(content) << "a set that was complete no longer is";
    EXPECT_EQ(WhyUnusable(*content), "");
  }

  void CheckTheNextOne(TlsPeer peer) {
    const auto before = ReadContent(tls_);
    const auto next = EnsureTlsMaterial(tls_, peer);
    ASSERT_TRUE(next) << next.error().message;
    const auto after = ReadContent(tls_);
    ASSERT_TRUE(after);
    EXPECT_EQ(WhyUnusable(*after), "");
    EXPECT_NE(after, old_);
    if (before && before != old_) {
      EXPECT_EQ(after, before);
    }
    EXPECT_EQ(ReadContent(fs::path(next->set.paths.key).parent_path()), after);
    EXPECT_THAT(KeysOthersCanRead(tls_), IsEmpty());
  }

  const TemporaryDirectory directory_{QuickPlace()};
  const std::string start_ = directory_ / "start";
  const std::string tls_ = directory_ / "tls";
  std::optional<TlsContent> old_;
  bool saw_old_ = false;
  bool saw_new_ = false;
};

TEST_F(TlsMaterialCrashTest, TheFirstCreationLeavesNothingOrAll) { KillEverywhere(); }

TEST_F(TlsMaterialCrashTest, TheFirstCreationForARemoteSidecarLeavesNothingOrAll) {
  KillEverywhere(TlsPeer::remote);
}

TEST_F(TlsMaterialCrashTest, TheRenewalOfALinkedSetLeavesTheOldOrTheNewOne) {
  const auto material = EnsureTlsMaterial(start_, TlsPeer::spawned);
  ASSERT_TRUE(material);
  WritePlainSet(directory_ / "expired", {.begins_in = -7200, .ends_in = -1});
  for (const char* name : {"ca.pem", "cert.pem", "key.pem"}) {
    fs::copy_file(directory_ / "expired" + "/" + name,
                  fs::path(material->set.paths.key).parent_path() / name,
                  fs::copy_options::overwrite_existing);
  }
  KillEverywhere();
}

TEST_F(TlsMaterialCrashTest, TheReplacementOfPlainFilesLeavesTheOldOrTheNewSet) {
  WritePlainSet(start_, {.begins_in = -7200, .ends_in = -1});
  KillEverywhere();
}

TEST_F(TlsMaterialCrashTest, AHalfSetNeverLooksComplete) {
  WritePlainSet(start_);
  fs::remove(start_ + "/cert.pem");
  KillEverywhere();
}

/// What was wrong with the old set, a mode, is not to be seen in a copy of it.
TEST_F(TlsMaterialCrashTest, ACompromisedKeyIsNotForgottenHalfway) {
  WritePlainSet(start_);
  const auto compromised = ReadContent(start_);
  for (int nth = 1;; ++nth) {
    fs::remove_all(tls_);
    fs::copy(start_, tls_);
    fs::permissions(tls_ + "/key.pem", static_cast<fs::perms>(0644));
    const ChildEnd end =
        KillAtSystemCall(nth, [&] { return EnsureWithOpenUmask(tls_, TlsPeer::spawned); });
    ASSERT_NE(end, ChildEnd::failed) << "at system call " << nth;
    ASSERT_TRUE(EnsureTlsMaterial(tls_, TlsPeer::spawned));
    const auto content = ReadContent(tls_);
    ASSERT_TRUE(content);
    ASSERT_NE(content->key, compromised->key) << "killed at system call " << nth;
    ASSERT_THAT(KeysOthersCanRead(tls_), IsEmpty());
    if (end == ChildEnd::finished) break;
  }
}

}  // namespace
}  // namespace zlayer::sidecar
