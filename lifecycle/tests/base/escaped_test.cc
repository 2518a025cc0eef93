#include "lifecycle/src/text/escaped.h"

#include <gtest/gtest.h>

namespace zlayer::sidecar {
namespace {

TEST(EscapedTest, OnlyPrintableAsciiPasses) {
  EXPECT_EQ(Escaped(std::string_view("a\0\x1b[0m\"\\\n\r\t\xff", 12), 100),
            "a\\x00\\x1b[0m\\\"\\\\\\n\\r\\t\\xff");
}

TEST(EscapedTest, CutsAndCounts) {
  EXPECT_EQ(Escaped("abcdef", 6), "abcdef");
  EXPECT_EQ(Escaped("abcdef", 3), "abc... (6 bytes)");
}

}  // namespace
}  // namespace zlayer::sidecar
