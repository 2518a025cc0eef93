#include "lifecycle/src/base/private_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

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

TEST(PrivateDirectoryTest, AnExistingOneIsMadePrivate) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "open");
  std::filesystem::permissions(directory / "open", std::filesystem::perms::all);
  ASSERT_TRUE(CreatePrivateDirectory(directory / "open", ErrorKind::storage));
  EXPECT_EQ(ModeOf(directory / "open"), 0700u);
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
