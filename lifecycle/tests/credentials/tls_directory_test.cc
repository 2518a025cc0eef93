// EnsureTlsMaterial leaves the mode of a directory that exists alone, and judges what it finds
// there by owners and modes that cannot change under it.

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/credentials/read_pem_file.h"
#include "lifecycle/tests/base/as_nobody.h"
#include "lifecycle/tests/credentials/tls_material_fixture.h"
#include "lifecycle/tests/share/run_host.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;
using ::testing::StartsWith;

/// A limit on the size of files stands in for a disk that is full.
TEST_F(TlsMaterialTest, AFullDiskLeavesNoHalfMadeSet) {
  EXPECT_EQ(RunHost([this] {
              ::signal(SIGXFSZ, SIG_IGN);
              const rlimit tiny{1, 1};
              ::setrlimit(RLIMIT_FSIZE, &tiny);
              if (EnsureError(TlsPeer::spawned).empty()) return 1;
              return fs::is_empty(Path(".sets")) ? 0 : 2;
            }),
            0);
}

/// 01777 is the mode of /tmp. A good set changes nothing: others may have put it there.
TEST_F(TlsMaterialTest, ADirectoryThatOthersCanWriteToIsRefusedAndKeepsItsMode) {
  for (const TlsPeer peer : {TlsPeer::spawned, TlsPeer::remote}) {
    for (const unsigned mode : {01777u, 0770u}) {
      WritePlainSet(tls_);
      fs::permissions(tls_, static_cast<fs::perms>(mode));
      EXPECT_THAT(EnsureError(peer), StartsWith(tls_ + ": others can write to it (mode "));
      EXPECT_FALSE(TlsSetOnTrial(tls_));
      EXPECT_EQ(ModeOf(tls_), mode);
      EXPECT_FALSE(fs::exists(Path(".lock")));
      fs::remove_all(tls_);
    }
  }
}

TEST_F(TlsMaterialTest, ADirectoryThatOthersCanEnterKeepsItsModeAndItsSet) {
  WritePlainSet(tls_);
  const TlsContent content = Content();
  fs::permissions(tls_, static_cast<fs::perms>(0755));
  EXPECT_EQ(Ensure().replaced, "");
  EXPECT_EQ(Content(), content);
  fs::remove(Path("key.pem"));
  ExpectReplaced(Path("key.pem"), "it is missing");
  EXPECT_EQ(ModeOf(tls_), 0755u);
  EXPECT_EQ(ModeOf(Path(".sets")), 0700u);
}

TEST_F(TlsMaterialTest, WhatNobodyCanEnterByTheUmaskItsOwnerCan) {
  ASSERT_EQ(::lchown(directory_.path().c_str(), UidOfNobody(), -1), 0);
  EXPECT_EQ(AsNobody([this] {
              ::umask(0777);
              if (!EnsureTlsMaterial(tls_, TlsPeer::spawned, Patient())) return 1;
              fs::remove(Path("key.pem"));
              // Takes the lock again.
              return EnsureTlsMaterial(tls_, TlsPeer::spawned, Patient()) ? 0 : 2;
            }),
            0);
}

TEST_F(TlsMaterialTest, AnIntermediateOfTheCaFileIsBlamedOnThatFile) {
  WritePlainSet(tls_, {.intermediate = true, .intermediate_ends_in = 3600});
  ExpectReplaced(Path("ca.pem"), "it is about to expire, on ");
}

/// Files of /proc show a size of 0 and then have content, like a file that somebody writes to.
TEST_F(TlsMaterialTest, AFileThatGrowsIsNoReasonToReplaceTheSet) {
  WritePlainSet(tls_);
  const TlsContent before = Content();
  fs::remove(Path("ca.pem"));
  fs::create_symlink("/proc/version", Path("ca.pem"));
  EXPECT_EQ(EnsureError(), Path("ca.pem") + ": somebody writes to it while it is read");
  EXPECT_EQ(Content().key, before.key);
}

TEST_F(TlsMaterialTest, APathOfAnyBytesIsOneLineInReasons) {
  const std::string odd = tls_ + "\n\xff";
  WritePlainSet(odd, {.begins_in = -7200, .ends_in = -1});
  const auto material = EnsureTlsMaterial(odd, TlsPeer::spawned, Patient());
  ASSERT_TRUE(material) << material.error().message;
  EXPECT_THAT(material->replaced, StartsWith(tls_ + "\\n\\xff/cert.pem: it expired on "));
}

/// Two files take turns under one name. The one that others can read must never be read, whenever
/// the turn comes: what was judged is what is read.
TEST_F(TlsMaterialTest, AFileThatIsReplacedMeanwhileIsNotReadUnjudged) {
  const std::string name = directory_.Write("key", "private", 0600);
  const std::string other = directory_.Write("other", "compromised", 0644);
  const std::jthread swapper([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      ::renameat2(AT_FDCWD, name.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
    }
  });
  int read = 0;
  int refused = 0;
  // Both must have been seen, or there was no race.
  const Deadline patience = Clock::now() + std::chrono::seconds(60);
  for (int i = 0; i < 20'000 || ((read == 0 || refused == 0) && Clock::now() < patience); ++i) {
    const auto text = ReadPemFile(name, PemSecrecy::secret);
    ++(text ? read : refused);
    if (text) {
      ASSERT_EQ(text->view(), "private");
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace zlayer::sidecar
