// Texts that a stranger wrote, in messages of errors: one bounded line of printable ASCII.

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>

#include <algorithm>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/connect/status_text.h"
#include "lifecycle/src/credentials/certificate_text.h"

namespace zlayer::sidecar {
namespace {

using testing::HasSubstr;

constexpr size_t kThreeMegabytes = 3'000'000;
constexpr std::string_view kHostile("a\x1b[31m\n\"red\0\xff", 13);

bool IsOneLine(const std::string& text) {
  return text.size() < kLongestMessage + 100 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

TEST(StrangersTextTest, EveryMessageIsOneBoundedLine) {
  const auto text = [](std::string_view bytes) {
    return Fail(ErrorKind::rpc_failed, "it said {}", bytes).value().message;
  };
  EXPECT_EQ(text("plain \"quoted\" \\x"), "it said plain \"quoted\" \\x");
  EXPECT_EQ(text(kHostile), "it said a\\x1b[31m\\n\"red\\x00\\xff");
  EXPECT_PRED1(IsOneLine, text(std::string(kThreeMegabytes, 'x')));
  EXPECT_PRED1(IsOneLine, text(std::string(kThreeMegabytes, '\n')));
  EXPECT_THAT(text(std::string(kThreeMegabytes, 'x')), HasSubstr("... (3000008 bytes)"));
}

TEST(StrangersTextTest, AStatusIsShortenedAndEscaped) {
  EXPECT_EQ(StatusText({grpc::StatusCode::NOT_FOUND, std::string(kHostile)}),
            "NOT_FOUND: a\\x1b[31m\\n\\\"red\\x00\\xff");
  const std::string text =
      StatusText({grpc::StatusCode::INTERNAL, std::string(kThreeMegabytes, '\n')});
  EXPECT_PRED1(IsOneLine, text);
  EXPECT_LT(text.size(), 3 * kShownOfAStranger);
}

TEST(StrangersTextTest, ACommonNameIsShortenedAndEscaped) {
  const X509Ptr certificate(::X509_new());
  X509_NAME* name = ::X509_get_subject_name(certificate.get());
  ::X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(kHostile.data()),
                               static_cast<int>(kHostile.size()), -1, 0);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), 0);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 60);
  const std::string text = DescribeCertificate(certificate.get());
  EXPECT_PRED1(IsOneLine, text);
  EXPECT_THAT(text, HasSubstr("its certificate \"a\\x1b[31m\\n\\\"red\\x00"));
}

}  // namespace
}  // namespace zlayer::sidecar
