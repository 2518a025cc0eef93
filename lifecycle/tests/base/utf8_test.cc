#include "lifecycle/src/text/utf8.h"

#include <gtest/gtest.h>

namespace zlayer::sidecar {
namespace {

TEST(Utf8Test, WellFormedTextPasses) {
  for (const std::string_view text :
       {"", "/plain", "/gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x90\xb3", "\x7f", "\xc2\x80",
        "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, MalformedTextDoesNot) {
  for (const std::string_view text :
       {"\x80", "a\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x90", "\xc3(", "\xe2(\xac",
        // overlong forms, surrogates, beyond U+10FFFF
        "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

}  // namespace
}  // namespace zlayer::sidecar
