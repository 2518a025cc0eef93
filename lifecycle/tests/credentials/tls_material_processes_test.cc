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

/// Waits until the parent closes the pipe `go`, gets the set, writes its content to the file
/// `answer` and exits.
[[noreturn]] void AnswerFromChild(const std::string& tls_dir, int go, const std::string& answer) {
  char byte = 0;
  [[maybe_unused]] const ssize_t eof = ::read(go, &byte, 1);
  const auto material = EnsureTlsMaterial(tls_dir, TlsPeer::spawned, Patient());
  if (!material) ::_exit(1);
  const auto content = ReadContent(fs::path(material->set.paths.key).parent_path());
  if (!content || content != ReadContent(tls_dir)) ::_exit(2);
  std::ofstream(answer) << content->ca << content->cert << content->key;
  ::_exit(0);
}

/// 32 processes call EnsureTlsMaterial at once. Each must get the same good set, the one that the
/// directory then holds.
void ExpectOneSet(const TemporaryDirectory& directory, const std::string& tls_dir) {
  constexpr int kProcesses = 32;
  int go[2];  // closed by the parent: all children begin
  ASSERT_EQ(::pipe(go), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(go[1]);
      AnswerFromChild(tls_dir, go[0], directory / ("answer" + std::to_string(i)));
    }
    children.push_back(child);
  }
  ::close(go[0]);
  ::close(go[1]);
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
