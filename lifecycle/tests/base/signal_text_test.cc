#include "lifecycle/src/text/signal_text.h"

#include <gtest/gtest.h>

#include <climits>

namespace zlayer::sidecar {
namespace {

TEST(SignalTextTest, ASignalWithADescriptionHasNumberAndDescription) {
  EXPECT_EQ(SignalText(9), "signal 9 (Killed)");
}

TEST(SignalTextTest, AnyOtherNumberIsNamedByItself) {
  for (const int signal : {34, 64, 0, -1, 65, 1000, INT_MIN, INT_MAX}) {
    EXPECT_EQ(SignalText(signal), "signal " + std::to_string(signal));
  }
}

}  // namespace
}  // namespace zlayer::sidecar
