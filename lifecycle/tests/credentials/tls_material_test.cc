#include "lifecycle/src/credentials/tls_material.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "lifecycle/tests/credentials/tls_material_fixture.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;

TEST_F(TlsMaterialTest, TheFirstSetServesBothSidesUnderItsNames) {
  const TlsMaterial material = Ensure();
  EXPECT_EQ(material.replaced, "");
  EXPECT_EQ(WhyUnusable(Content()), "");
  EXPECT_TRUE(MakeTlsContext(material.set));
}

TEST_F(TlsMaterialTest, OnlyTheOwnerMayReadItWhateverTheUmask) {
  for (const mode_t mask : {0, 0777}) {
    const mode_t before = ::umask(mask);
    const TlsMaterial material = Ensure();
    ::umask(before);
    EXPECT_EQ(ModeOf(tls_), 0700u);
    EXPECT_EQ(ModeOf(Path(".sets")), 0700u);
    EXPECT_EQ(ModeOf(fs::path(material.set.paths.key).parent_path()), 0700u);
    for (const auto& path : {material.set.paths.ca, material.set.paths.cert, material.set.paths.key,
                             Path("ca.pem"), Path("key.pem")}) {
      EXPECT_EQ(ModeOf(path), 0600u) << path;
    }
    fs::remove_all(tls_);
  }
}

TEST_F(TlsMaterialTest, AGoodSetIsReused) {
  const TlsMaterial first = Ensure();
  const TlsContent content = Content();
  const TlsMaterial second = Ensure();
  EXPECT_EQ(second.replaced, "");
  EXPECT_EQ(second.set.paths.key, first.set.paths.key);
  EXPECT_EQ(Content(), content);
}

TEST_F(TlsMaterialTest, AGoodPlainSetStaysAsItIs) {
  WritePlainSet(tls_);
  const TlsContent plain = Content();
  const TlsMaterial material = Ensure();
  EXPECT_EQ(material.replaced, "");
  EXPECT_EQ(material.set.paths.cert, Path("cert.pem"));
  EXPECT_EQ(Content(), plain);
  EXPECT_FALSE(fs::exists(Path(".lock")));
}

TEST_F(TlsMaterialTest, ASetOutlivesItsRenewalUntilTheNextOne) {
  const TlsMaterial first = Ensure();
  fs::permissions(first.set.paths.cert, fs::perms::all);
  const TlsMaterial second = Ensure();
  EXPECT_TRUE(ReadContent(fs::path(first.set.paths.key).parent_path()));
  fs::create_directories(Path(".sets/left-by-a-crash"));
  fs::permissions(second.set.paths.cert, fs::perms::all);
  Ensure();
  EXPECT_FALSE(fs::exists(first.set.paths.key));
  EXPECT_TRUE(ReadContent(fs::path(second.set.paths.key).parent_path()));
  const fs::directory_iterator sets(Path(".sets"));
  EXPECT_EQ(std::distance(begin(sets), end(sets)), 2);
}

TEST_F(TlsMaterialTest, AMissingFileLeadsToAWholeNewSet) {
  WritePlainSet(tls_);
  fs::remove(Path("key.pem"));
  ExpectReplaced(Path("key.pem"), "it is missing");
}

TEST_F(TlsMaterialTest, ALinkThatIsMissingIsPutBack) {
  Ensure();
  const TlsContent content = Content();
  fs::remove(Path("key.pem"));
  EXPECT_EQ(Ensure().replaced, "");
  EXPECT_EQ(Content(), content);
}

TEST_F(TlsMaterialTest, ALinkedSetThatLostAFileIsReplaced) {
  const std::string key = Ensure().set.paths.key;
  fs::remove(key);
  ExpectReplaced(key, "it is missing");
}

TEST_F(TlsMaterialTest, AnExpiredLeafIsReplaced) {
  WritePlainSet(tls_, {.begins_in = -7200, .ends_in = -1});
  ExpectReplaced(Path("cert.pem"), "it expired on ");
}

TEST_F(TlsMaterialTest, ALeafIsReplacedADayBeforeItExpires) {
  WritePlainSet(tls_, {.ends_in = 24L * 3600 - 60});
  ExpectReplaced(Path("cert.pem"), "it is about to expire, on ");
}

TEST_F(TlsMaterialTest, ALeafWithMoreThanADayLeftIsKept) {
  WritePlainSet(tls_, {.ends_in = 24L * 3600 + 60});
  EXPECT_EQ(Ensure().replaced, "");
}

TEST_F(TlsMaterialTest, ALeafThatIsNotYetValidIsReplaced) {
  WritePlainSet(tls_, {.begins_in = 3600});
  ExpectReplaced(Path("cert.pem"), "it is not valid before ");
}

TEST_F(TlsMaterialTest, ALeafOfAnotherCaIsReplaced) {
  WritePlainSet(tls_);
  WritePlainSet(directory_ / "other");
  fs::rename(directory_ / "other/ca.pem", Path("ca.pem"));
  ExpectReplaced(Path("cert.pem"), "it does not verify against " + Path("ca.pem") + ": ");
}

TEST_F(TlsMaterialTest, AKeyOfAnotherLeafIsReplaced) {
  WritePlainSet(tls_);
  WritePlainSet(directory_ / "other");
  fs::rename(directory_ / "other/key.pem", Path("key.pem"));
  ExpectReplaced(Path("key.pem"), "it is not the key of " + Path("cert.pem"));
}

TEST_F(TlsMaterialTest, ALeafOfAnotherNameIsReplaced) {
  WritePlainSet(tls_, {.names = "DNS:localhost"});
  ExpectReplaced(Path("cert.pem"), "it is not issued to zlayer-buildd");
}

TEST_F(TlsMaterialTest, ALeafForOneSideOnlyIsReplaced) {
  WritePlainSet(tls_, {.usage = "clientAuth"});
  ExpectReplaced(Path("cert.pem"), "it is not issued for a TLS server");
  fs::remove_all(tls_);
  WritePlainSet(tls_, {.usage = "serverAuth"});
  ExpectReplaced(Path("cert.pem"), "it is not issued for a TLS client");
}

TEST_F(TlsMaterialTest, GarbageIsReplaced) {
  for (const char* name : {"ca.pem", "cert.pem", "key.pem"}) {
    WritePlainSet(tls_);
    directory_.Write(std::string("tls/") + name, "garbage", 0600);
    ExpectReplaced(Path(name), "no PEM ");
    fs::remove_all(tls_);
  }
}

TEST_F(TlsMaterialTest, AnEncryptedKeyIsReplacedAndNoPassphraseAskedFor) {
  WritePlainSet(tls_, {.encrypted_key = true});
  ExpectReplaced(Path("key.pem"), "no PEM private key");
}

TEST_F(TlsMaterialTest, NoPassphraseIsAskedForAKeyOfTheOldFormat) {
  for (const char* label : {"PRIVATE KEY", "EC PRIVATE KEY"}) {
    WritePlainSet(tls_);
    directory_.Write("tls/key.pem",
                     fmt::format("-----BEGIN {0}-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                                 "AES-128-CBC,{1:032}\n\n{1:044}\n-----END {0}-----\n",
                                 label, 0),
                     0600);
    testing::internal::CaptureStderr();
    ExpectReplaced(Path("key.pem"), "no PEM private key");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    fs::remove_all(tls_);
  }
}

TEST_F(TlsMaterialTest, APipeInThePlaceOfAFileBlocksNobody) {
  WritePlainSet(tls_);
  fs::remove(Path("key.pem"));
  ASSERT_EQ(::mkfifo(Path("key.pem").c_str(), 0600), 0);
  const TlsMaterial material = Ensure();
  EXPECT_EQ(material.replaced, Path("key.pem") + ": it is not a regular file");
  EXPECT_EQ(WhyUnusable(Content()), "");
}

TEST_F(TlsMaterialTest, AKeyThatOthersCanReadIsCompromised) {
  for (const unsigned mode : {0640u, 0604u}) {
    WritePlainSet(tls_);
    fs::permissions(Path("key.pem"), static_cast<fs::perms>(mode));
    ExpectReplaced(Path("key.pem"), "others can read or write it");
    fs::remove_all(tls_);
  }
}

TEST_F(TlsMaterialTest, ACompromisedKeyOfALinkedSetIsReplacedAndMadePrivate) {
  const std::string key = Ensure().set.paths.key;
  fs::permissions(key, static_cast<fs::perms>(0644));
  ExpectReplaced(key, "others can read or write it (mode 0644)");
  EXPECT_EQ(ModeOf(key), 0600u);
}

TEST_F(TlsMaterialTest, AHalfReplacedSetIsNotTakenForAGoodOne) {
  Ensure();
  const TlsContent content = Content();
  fs::remove(Path("cert.pem"));
  directory_.Write("tls/cert.pem", content.cert, 0600);
  ExpectReplaced(tls_, "an earlier replacement of its set was interrupted");
}

TEST_F(TlsMaterialTest, WhatCannotBeReplacedIsNamedWithWhyItHadToBe) {
  WritePlainSet(tls_);
  fs::remove(Path("key.pem"));
  fs::create_directory(Path("key.pem"));
  fs::permissions(Path("key.pem"), fs::perms::owner_all);
  EXPECT_EQ(EnsureError(), Path("key.pem") +
                               ": it cannot be replaced: Is a directory; a new set is needed "
                               "because of " +
                               Path("key.pem") + ": it is not a regular file");
}

}  // namespace
}  // namespace zlayer::sidecar
