// EnsureTlsMaterial, called by many processes at once.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "lifecycle/src/credentials/tls_material.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/credentials/tls_files.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;

/// Writes what it got, as its paths show it, to `answer`; does not return.
[[noreturn]] void AnswerFromChild(const std::string& tls_dir, int starting_gun,
                                  const std::string& answer) {
  char byte = 0;
  [[maybe_unused]] const ssize_t eof = ::read(starting_gun, &byte, 1);
  const auto material = EnsureTlsMaterial(tls_dir, TlsPeer::spawned);
  if (!material) ::_exit(1);
  const auto content = ReadContent(fs::path(material->set.paths.key).parent_path());
  if (!content || content != ReadContent(tls_dir)) ::_exit(2);
  std::ofstream(answer) << content->ca << content->cert << content->key;
  ::_exit(0);
}

/// 32 processes at once; all of them must end with one good set.
void ExpectOneSet(const TemporaryDirectory& directory, const std::string& tls_dir) {
  constexpr int kProcesses = 32;
  int starting_gun[2];
  ASSERT_EQ(::pipe(starting_gun), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(starting_gun[1]);
      AnswerFromChild(tls_dir, starting_gun[0], directory / ("answer" + std::to_string(i)));
    }
    children.push_back(child);
  }
  ::close(starting_gun[0]);
  ::close(starting_gun[1]);
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto content = ReadContent(tls_dir);
  ASSERT_TRUE(content);
  EXPECT_EQ(WhyUnusable(*content), "");
  for (int i = 0; i < kProcesses; ++i) {
    std::ifstream answer(directory / ("answer" + std::to_string(i)));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(answer), {}),
              content->ca + content->cert + content->key);
  }
}

TEST(TlsMaterialProcessesTest, ThirtyTwoFirstOnesGetTheSameSet) {
  const TemporaryDirectory directory;
  ExpectOneSet(directory, directory / "tls");
}

TEST(TlsMaterialProcessesTest, ThirtyTwoThatFindAnExpiredSetGetTheSameNewOne) {
  const TemporaryDirectory directory;
  WritePlainSet(directory / "tls", {.begins_in = -7200, .ends_in = -1});
  ExpectOneSet(directory, directory / "tls");
}

}  // namespace
}  // namespace zlayer::sidecar
