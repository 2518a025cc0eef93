// EnsureTlsMaterial does not replace files of another user, nor the set of a remote sidecar.

#include <sys/stat.h>
#include <unistd.h>

#include "lifecycle/tests/credentials/tls_material_fixture.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A set with files of another user. Only root can give files away.
class ForeignTlsMaterialTest : public TlsMaterialTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
    WritePlainSet(tls_);
  }

  void GiveAway(const std::string& path) {
    constexpr uid_t kNobody = 65534;
    ASSERT_EQ(::lchown(path.c_str(), kNobody, kNobody), 0);
  }

  void ExpectRefused(const std::string& path) {
    const auto before = ReadContent(tls_);
    EXPECT_THAT(EnsureError(), StartsWith(path + ": it belongs to another user (uid 65534)"));
    EXPECT_EQ(ReadContent(tls_), before);
    EXPECT_FALSE(TlsSetOnTrial(tls_));
  }
};

TEST_F(ForeignTlsMaterialTest, AnyOfTheFilesIsRefused) {
  for (const char* name : {"ca.pem", "cert.pem", "key.pem"}) {
    fs::remove_all(tls_);
    WritePlainSet(tls_);
    GiveAway(Path(name));
    ExpectRefused(Path(name));
  }
}

TEST_F(ForeignTlsMaterialTest, AKeyIsRefusedWhateverElseIsWrong) {
  directory_.Write("tls/cert.pem", "garbage", 0600);
  GiveAway(Path("key.pem"));
  ExpectRefused(Path("key.pem"));
}

TEST_F(ForeignTlsMaterialTest, TheDirectoryIsRefused) {
  GiveAway(tls_);
  ExpectRefused(tls_);
  EXPECT_EQ(ModeOf(tls_), 0700u);
}

TEST_F(ForeignTlsMaterialTest, TheDirectoryOfTheSetsIsRefused) {
  fs::remove(Path("key.pem"));
  fs::create_directory(Path(".sets"));
  GiveAway(Path(".sets"));
  EXPECT_THAT(EnsureError(), AllOf(StartsWith(Path(".sets") + ": it belongs to another user"),
                                   HasSubstr(Path("key.pem") + ": it is missing")));
}

class RemoteTlsMaterialTest : public TlsMaterialTest {};

TEST_F(RemoteTlsMaterialTest, ItIsMadeWhenThereIsNone) {
  Ensure(TlsPeer::remote);
  EXPECT_EQ(WhyUnusable(Content()), "");
}

TEST_F(RemoteTlsMaterialTest, ItsCreationIsFinishedAfterACrash) {
  Ensure(TlsPeer::remote);
  const TlsContent content = Content();
  fs::remove(Path("cert.pem"));
  fs::remove(Path("key.pem"));
  Ensure(TlsPeer::remote);
  EXPECT_EQ(Content(), content);
}

TEST_F(RemoteTlsMaterialTest, ItIsUsedUntilItExpires) {
  WritePlainSet(tls_, {.ends_in = 60});
  const TlsContent content = Content();
  Ensure(TlsPeer::remote);
  EXPECT_EQ(Content(), content);
}

TEST_F(RemoteTlsMaterialTest, ADefectIsNamedAndNothingChanged) {
  const auto expect_kept = [this](const std::string& file, const std::string& reason) {
    fs::permissions(tls_, static_cast<fs::perms>(0755));
    const auto before = ReadContent(tls_);
    EXPECT_THAT(EnsureError(TlsPeer::remote),
                AllOf(StartsWith(file + ": " + reason), HasSubstr("is not replaced")));
    EXPECT_EQ(ReadContent(tls_), before);
    EXPECT_EQ(ModeOf(tls_), 0755u);
    fs::remove_all(tls_);
  };
  WritePlainSet(tls_, {.ends_in = -1});
  expect_kept(Path("cert.pem"), "it expired on ");
  WritePlainSet(tls_);
  fs::permissions(Path("key.pem"), static_cast<fs::perms>(0644));
  expect_kept(Path("key.pem"), "others can read");
  WritePlainSet(tls_);
  directory_.Write("tls/ca.pem", "garbage", 0600);
  expect_kept(Path("ca.pem"), "no PEM certificate");
  WritePlainSet(tls_);
  fs::remove(Path("ca.pem"));
  expect_kept(Path("ca.pem"), "it is missing");
}

}  // namespace
}  // namespace zlayer::sidecar
