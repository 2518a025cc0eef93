#include "zlayer/sidecar/environment.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace zlayer::sidecar {
namespace {

/// execve(2) passes on whatever it gets, so a name can stand there twice.
TEST(EnvironmentTest, OfTwoVariablesOfOneNameTheFirstCountsAsForGetenv) {
  char first[] = "TWICE=first";
  char second[] = "TWICE=second";
  char* both[] = {first, second, nullptr};
  char** const before = std::exchange(environ, both);
  const char* const of_getenv = std::getenv("TWICE");
  const auto seen = Environment::OfThisProcess().Get("TWICE");
  environ = before;
  EXPECT_STREQ(of_getenv, "first");
  EXPECT_EQ(seen, "first");
}

}  // namespace
}  // namespace zlayer::sidecar
