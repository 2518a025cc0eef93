#include "lifecycle/src/base/private_directory.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lifecycle/tests/base/as_nobody.h"
#include "lifecycle/tests/base/temporary_directory.h"

namespace zlayer::sidecar {
namespace {

using ::testing::HasSubstr;

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777u;
}

TEST(PrivateDirectoryTest, MadeWithItsParentsAndForItsOwnerOnly) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(CreatePrivateDirectory(directory / "a/b/c", ErrorKind::storage));
  EXPECT_EQ(ModeOf(directory / "a/b/c"), 0700u);
}

TEST(PrivateDirectoryTest, WhateverTheUmaskItsOwnerCanUseIt) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::lchown(directory.path().c_str(), UidOfNobody(), -1), 0);
  for (const mode_t mask : {0777, 0700, 0300, 0}) {
    const std::string path = directory / ("umask" + std::to_string(mask));
    EXPECT_EQ(AsNobody([&] {
                ::umask(mask);
                const bool made{CreatePrivateDirectory(path + "/b/c", ErrorKind::storage)};
                const bool again{CreatePrivateDirectory(path + "/b/c", ErrorKind::storage)};
                return made && again && ::mkdir((path + "/b/c/d").c_str(), 0) == 0 ? 0 : 1;
              }),
              0)
        << mask;
    for (const char* part : {"", "/b", "/b/c"}) EXPECT_EQ(ModeOf(path + part), 0700u) << part;
  }
}

TEST(PrivateDirectoryTest, AnExistingOneKeepsItsMode) {
  const TemporaryDirectory directory;
  for (const unsigned mode : {0755u, 0711u, 0500u, 02750u}) {
    const std::string path = directory / std::to_string(mode);
    ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_TRUE(CreatePrivateDirectory(path, ErrorKind::storage));
    EXPECT_EQ(ModeOf(path), mode);
  }
}

TEST(PrivateDirectoryTest, ALinkToAnExistingOneChangesNothingThere) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkdir((directory / "target").c_str(), 0755), 0);
  ASSERT_EQ(::symlink("target", (directory / "link").c_str()), 0);
  EXPECT_TRUE(CreatePrivateDirectory(directory / "link", ErrorKind::storage));
  EXPECT_EQ(ModeOf(directory / "target"), 0755u);
}

/// 01777 is the mode of /tmp.
TEST(PrivateDirectoryTest, OneThatOthersCanWriteToIsRefusedAndKeepsItsMode) {
  const TemporaryDirectory directory;
  for (const unsigned mode : {01777u, 0777u, 0770u, 0702u}) {
    const std::string path = directory / std::to_string(mode);
    ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto made = CreatePrivateDirectory(path, ErrorKind::storage);
    ASSERT_FALSE(made) << mode;
    EXPECT_EQ(made.error().kind, ErrorKind::storage);
    EXPECT_EQ(made.error().message,
              fmt::format("{}: others can write to it (mode {:04o}, owner uid {}) and replace what "
                          "is in it; choose a directory of your own, or remove their permission "
                          "with chmod go-w",
                          path, mode, ::geteuid()));
    EXPECT_EQ(ModeOf(path), mode);
  }
}

TEST(PrivateDirectoryTest, OneOfAnotherUserIsRefusedAndKeepsItsMode) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory to another user";
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkdir((directory / "theirs").c_str(), 0755), 0);
  ASSERT_EQ(::lchown((directory / "theirs").c_str(), kNobody, kNobody), 0);
  const auto made = CreatePrivateDirectory(directory / "theirs", ErrorKind::tls_material);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message,
              HasSubstr("/theirs: it belongs to another user (uid 65534), who can replace what is "
                        "in it (mode 0755)"));
  EXPECT_EQ(ModeOf(directory / "theirs"), 0755u);
}

TEST(PrivateDirectoryTest, APathOfAnyBytesIsOneBoundedLine) {
  const TemporaryDirectory directory;
  const std::string file = directory.Write("a\n\x1b[31m\xff", "", 0600);
  const auto made =
      CreatePrivateDirectory(file + "/" + std::string(100'000, 'x'), ErrorKind::storage);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("a\\n\\x1b[31m\\xff: Not a directory"));
  EXPECT_LT(made.error().message.size(), 2000u);
}

TEST(PrivateDirectoryTest, AFileInTheWayIsNamed) {
  const TemporaryDirectory directory;
  const std::string file = directory.Write("file", "", 0600);
  const auto made = CreatePrivateDirectory(file + "/below", ErrorKind::storage);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::storage);
  EXPECT_THAT(made.error().message, HasSubstr(file + ": Not a directory"));
}

}  // namespace
}  // namespace zlayer::sidecar
