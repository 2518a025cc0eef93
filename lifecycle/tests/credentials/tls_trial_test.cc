// The set on trial: a sidecar may start with it before it is verified.

#include <filesystem>

#include "lifecycle/tests/credentials/tls_material_fixture.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;

TEST_F(TlsMaterialTest, AGoodSetIsWorthATrial) {
  const TlsPaths made = Ensure().set.paths;
  const auto on_trial = TlsSetOnTrial(tls_);
  ASSERT_TRUE(on_trial);
  EXPECT_EQ(on_trial->ca, made.ca);
  EXPECT_EQ(on_trial->cert, made.cert);
  EXPECT_EQ(on_trial->key, made.key);
}

TEST_F(TlsMaterialTest, NoTrialWithoutAWholeSetThatIsOurs) {
  EXPECT_FALSE(TlsSetOnTrial(tls_)) << "no directory";
  for (const char* name : {"ca.pem", "cert.pem", "key.pem"}) {
    WritePlainSet(tls_);
    ASSERT_TRUE(TlsSetOnTrial(tls_));
    fs::permissions(Path(name), static_cast<fs::perms>(0620));
    EXPECT_FALSE(TlsSetOnTrial(tls_)) << "others can write " << name;
    fs::remove_all(tls_);
  }
  WritePlainSet(tls_);
  fs::permissions(Path("key.pem"), static_cast<fs::perms>(0640));
  EXPECT_FALSE(TlsSetOnTrial(tls_)) << "others can read the key";
  fs::remove(Path("key.pem"));
  EXPECT_FALSE(TlsSetOnTrial(tls_)) << "no key";
  Ensure();
  ASSERT_TRUE(TlsSetOnTrial(tls_));
  directory_.Write("tls/half", Content().cert, 0600);
  fs::rename(Path("half"), Path("cert.pem"));
  EXPECT_FALSE(TlsSetOnTrial(tls_)) << "half replaced";
}

TEST_F(TlsMaterialTest, WhoUsesABadSetIsToldBeforeItIsReplaced) {
  WritePlainSet(tls_, {.begins_in = -7200, .ends_in = -1});
  const TlsContent expired = Content();
  int told = 0;
  const auto before_replacing = [&] {
    ++told;
    EXPECT_EQ(Content(), expired);
    EXPECT_FALSE(fs::exists(Path(".lock"))) << "others may hold it";
  };
  ASSERT_TRUE(EnsureTlsMaterial(tls_, TlsPeer::spawned, Patient(), before_replacing));
  EXPECT_EQ(told, 1);
  ASSERT_TRUE(EnsureTlsMaterial(tls_, TlsPeer::spawned, Patient(), before_replacing));
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace zlayer::sidecar
