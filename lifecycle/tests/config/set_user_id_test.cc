// A set-user-ID host: its caller's environment must not choose the program that runs with the
// host's rights.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "lifecycle/tests/base/as_nobody.h"
#include "lifecycle/tests/base/temporary_directory.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// The lines that print_environment prints when a user without rights calls it with an environment
/// that names a program and directories of that user. The file belongs to `owner` and has `mode`.
class SetUserIdTest : public testing::Test {
 protected:
  std::vector<std::string> Lines(uid_t owner, mode_t mode) {
    const std::string program = directory_ / "host";
    fs::copy_file(PRINT_ENVIRONMENT_PATH, program, fs::copy_options::overwrite_existing);
    EXPECT_EQ(::lchown(program.c_str(), owner, -1), 0);
    EXPECT_EQ(::chmod(program.c_str(), mode), 0);
    fs::permissions(directory_.path(), static_cast<fs::perms>(0755));
    const std::string output = directory_ / "output";
    const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    EXPECT_EQ(AsNobody([&] {
                ::dup2(out, STDOUT_FILENO);
                const std::string binary = "ZLAYER_BUILDD_BIN=" + evil_;
                const std::string data = "ZLAYER_DATA_DIR=" + directory_.path();
                const std::string home = "HOME=" + directory_.path();
                const std::string path = "PATH=" + directory_.path();
                const char* const arguments[] = {"host", nullptr};
                const char* const variables[] = {binary.c_str(), data.c_str(),   home.c_str(),
                                                 path.c_str(),   "GODEBUG=evil", nullptr};
                ::execve(program.c_str(), const_cast<char**>(arguments),
                         const_cast<char**>(variables));
                return 99;
              }),
              0);
    ::close(out);
    std::ifstream file(output);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  const TemporaryDirectory directory_;
  const std::string evil_ = directory_.Write("zlayer-buildd", "#!/bin/sh\n", 0755);
};

TEST_F(SetUserIdTest, WithoutOtherRightsTheCallersEnvironmentCounts) {
  const auto lines = Lines(::geteuid(), 0755);
  EXPECT_THAT(lines, Contains("secure=0"));
  EXPECT_THAT(lines, Contains("data_dir=" + directory_.path()));
  EXPECT_THAT(lines, Contains("binary=" + evil_));
  EXPECT_THAT(lines, Contains("GODEBUG=evil"));
}

TEST_F(SetUserIdTest, WithRightsOfAnotherUserNothingOfTheCallerCounts) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a program of another user";
  constexpr uid_t kDaemon = 1;
  const passwd* entry = ::getpwuid(kDaemon);
  ASSERT_NE(entry, nullptr);
  const std::string home = entry->pw_dir;
  const auto lines = Lines(kDaemon, 04755);
  ASSERT_THAT(lines, Contains("secure=1")) << "is the temporary directory mounted nosuid?";
  EXPECT_THAT(lines, Each(Not(HasSubstr(directory_.path()))));
  EXPECT_THAT(lines, Each(Not(HasSubstr("evil"))));
  EXPECT_THAT(lines, Contains("data_dir=" + home + "/.zlayer"));
  EXPECT_THAT(lines, Contains(StartsWith("binary=zlayer-buildd was not found")));
  EXPECT_THAT(lines, Contains("HOME=" + home));
  EXPECT_THAT(lines, Contains(StartsWith("PATH=/usr/local/sbin:/usr/local/bin:")));
  EXPECT_EQ(lines.size(), 5u) << "a sidecar inherits nothing else";
}

}  // namespace
}  // namespace zlayer::sidecar
