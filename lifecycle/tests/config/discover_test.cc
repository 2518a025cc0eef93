#include "lifecycle/src/config/discover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lifecycle/tests/base/temporary_directory.h"

namespace zlayer::sidecar {
namespace {

class DiscoverTest : public testing::Test {
 protected:
  Result<std::string> Discover() const { return DiscoverBinary(environment_, directory_ / "data"); }

  TemporaryDirectory directory_;
  Environment environment_;
};

TEST_F(DiscoverTest, TheVariableComesBeforeTheDataDirectoryBeforeThePath) {
  environment_.Set("PATH", (directory_ / "empty") + ":" + (directory_ / "path"));
  const std::string on_path = directory_.Write("path/zlayer-buildd", "", 0755);
  EXPECT_EQ(Discover().value(), on_path);
  const std::string in_data = directory_.Write("data/bin/zlayer-buildd", "", 0755);
  EXPECT_EQ(Discover().value(), in_data);
  const std::string chosen = directory_.Write("chosen", "", 0755);
  environment_.Set("ZLAYER_BUILDD_BIN", chosen);
  EXPECT_EQ(Discover().value(), chosen);
}

TEST_F(DiscoverTest, UnusableCandidatesFallThrough) {
  environment_.Set("ZLAYER_BUILDD_BIN", directory_.Write("chosen", "", 0644));
  directory_.Write("data/bin/zlayer-buildd/a-directory", "", 0755);
  environment_.Set("PATH", directory_ / "path");
  const std::string on_path = directory_.Write("path/zlayer-buildd", "", 0755);
  EXPECT_EQ(Discover().value(), on_path);
}

TEST_F(DiscoverTest, NotFoundNamesTheVariableAndEveryPathInOrder) {
  environment_.Set("ZLAYER_BUILDD_BIN", directory_.Write("chosen", "", 0644));
  environment_.Set("PATH", (directory_ / "one") + "::" + (directory_ / "two"));
  const auto found = Discover();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::binary_not_found);
  EXPECT_EQ(found.error().message,
            "zlayer-buildd was not found; set ZLAYER_BUILDD_BIN to its path. Tried, in order: " +
                (directory_ / "chosen") + " (not executable), " +
                (directory_ / "data/bin/zlayer-buildd") + " (No such file or directory), " +
                (directory_ / "one/zlayer-buildd") + " (No such file or directory), " +
                (directory_ / "two/zlayer-buildd") + " (No such file or directory)");
}

TEST_F(DiscoverTest, PathsOfTheEnvironmentAreEscapedAndTheListIsBounded) {
  environment_.Set("ZLAYER_BUILDD_BIN", "/no\n\x1b[31m\xff");
  std::string path;
  for (int i = 0; i < 5000; ++i) path += "/none/" + std::to_string(i) + ":";
  environment_.Set("PATH", path);
  const auto found = Discover();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, testing::HasSubstr("/no\\n\\x1b[31m\\xff (No such file"));
  EXPECT_THAT(found.error().message, testing::ContainsRegex("and [0-9]+ more$"));
  EXPECT_LT(found.error().message.size(), 10'000u);
}

}  // namespace
}  // namespace zlayer::sidecar
