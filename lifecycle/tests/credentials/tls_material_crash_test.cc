// EnsureTlsMaterial, killed at each of its system calls: one run for each call, until a run has no
// further call to be killed at.

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

/// A file system in memory where there is one: these tests make thousands of directories, and on a
/// disk each of them waits for fsync(2).
fs::path FastTemporaryPlace() {
  const fs::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK | X_OK) == 0 ? memory : fs::temp_directory_path();
}

bool EnsureWithOpenUmask(const std::string& tls_dir, TlsPeer peer) {
  ::umask(0);
  return EnsureTlsMaterial(tls_dir, peer, Patient()).has_value();
}

class TlsMaterialCrashTest : public testing::Test {
 protected:
  /// Makes OpenSSL read its configuration here. Else each child would do it, with system calls that
  /// have nothing to do with the test.
  static void SetUpTestSuite() {
    const TemporaryDirectory directory;
    ASSERT_TRUE(EnsureTlsMaterial(directory / "tls", TlsPeer::spawned, Patient()));
  }

  /// Copies `start_` to `tls_`, kills EnsureTlsMaterial there at its first system call, then at its
  /// second, and so on until a run finishes. Without `start_` that is the creation of a first set.
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
      CheckAfterKill(end);
      CheckNextEnsure(peer);
      if (HasFailure() || end == ChildEnd::finished) break;
    }
    // Fewer would mean that the kill missed the work: each of several files is opened, written,
    // synchronised and closed.
    EXPECT_GT(nth, 40);
    EXPECT_TRUE(saw_old_ && saw_new_);
  }

  /// The names show the old set or a good new one.
  void CheckAfterKill(ChildEnd end) {
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

  /// The next call ends with a good new set, and keeps the one that the killed call published.
  void CheckNextEnsure(TlsPeer peer) {
    const auto before = ReadContent(tls_);
    const auto next = EnsureTlsMaterial(tls_, peer, Patient());
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

  const TemporaryDirectory directory_{FastTemporaryPlace()};
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
  const auto material = EnsureTlsMaterial(start_, TlsPeer::spawned, Patient());
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

/// The defect here is a mode, which the copy of the plain files no longer shows. The next start
/// must know all the same that the key is compromised.
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
    ASSERT_TRUE(EnsureTlsMaterial(tls_, TlsPeer::spawned, Patient()));
    const auto content = ReadContent(tls_);
    ASSERT_TRUE(content);
    ASSERT_NE(content->key, compromised->key) << "killed at system call " << nth;
    ASSERT_THAT(KeysOthersCanRead(tls_), IsEmpty());
    if (end == ChildEnd::finished) break;
  }
}

}  // namespace
}  // namespace zlayer::sidecar
