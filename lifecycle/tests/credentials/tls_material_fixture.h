// The fixture of the tests of EnsureTlsMaterial: a TLS directory below a temporary one.

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "lifecycle/src/connect/tls_session.h"
#include "lifecycle/src/credentials/tls_material.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/credentials/tls_files.h"

namespace zlayer::sidecar {

class TlsMaterialTest : public testing::Test {
 protected:
  TlsMaterial Ensure(TlsPeer peer = TlsPeer::spawned) {
    auto material = EnsureTlsMaterial(tls_, peer, Patient());
    if (material) return std::move(*material);
    ADD_FAILURE() << material.error().message;
    return {};
  }

  std::string EnsureError(TlsPeer peer = TlsPeer::spawned) {
    const auto material = EnsureTlsMaterial(tls_, peer, Patient());
    if (material) return "no error";
    EXPECT_EQ(material.error().kind, ErrorKind::tls_material);
    EXPECT_THAT(material.error().message, testing::Not(testing::HasSubstr("\n")));
    return material.error().message;
  }

  TlsContent Content() {
    const auto content = ReadContent(tls_);
    EXPECT_TRUE(content) << tls_ << " is incomplete";
    return content.value_or(TlsContent{});
  }

  std::string Path(const std::string& name) const { return tls_ + "/" + name; }

  /// EnsureTlsMaterial replaces the present set, and names `file` and `reason` as the defect. The
  /// new set is good, private, different in all three files, and kept by the next call.
  void ExpectReplaced(const std::string& file, const std::string& reason) {
    const auto before = ReadContent(tls_);
    const TlsMaterial material = Ensure();
    EXPECT_THAT(material.replaced,
                testing::AllOf(testing::StartsWith(file + ": "), testing::HasSubstr(reason)));
    const TlsContent after = Content();
    EXPECT_EQ(WhyUnusable(after), "");
    if (before) {
      EXPECT_NE(after.ca, before->ca);
      EXPECT_NE(after.cert, before->cert);
      EXPECT_NE(after.key, before->key);
    }
    EXPECT_THAT(material.set.paths.key, testing::StartsWith(tls_ + "/.sets/"));
    EXPECT_EQ(ReadContent(std::filesystem::path(material.set.paths.key).parent_path()), after);
    EXPECT_THAT(KeysOthersCanRead(tls_), testing::IsEmpty());
    EXPECT_TRUE(MakeTlsContext(material.set));
    EXPECT_EQ(Ensure().replaced, "");
    EXPECT_EQ(Content(), after);
  }

  const TemporaryDirectory directory_;
  const std::string tls_ = directory_ / "tls";
};

}  // namespace zlayer::sidecar
