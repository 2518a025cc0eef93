#include "zlayer/sidecar/context_mount.h"

#include <gtest/gtest.h>

namespace zlayer::sidecar {
namespace {

TEST(GuestPathTest, ReplacesThePrefixOfPathsAtOrBelowIt) {
  const ContextMount mount{"/home/me/src", "/workspace"};
  EXPECT_EQ(GuestPath(mount, "/home/me/src"), "/workspace");
  EXPECT_EQ(GuestPath(mount, "/home/me/src/app/Dockerfile"), "/workspace/app/Dockerfile");
}

TEST(GuestPathTest, ComparesWholeComponents) {
  EXPECT_EQ(GuestPath({"/src", "/workspace"}, "/src2/app"), "/src2/app");
  EXPECT_EQ(GuestPath({"/src", "/workspace"}, "/other"), "/other");
}

TEST(GuestPathTest, TrailingSlashesAndTheRootMakeNoDifference) {
  EXPECT_EQ(GuestPath({"/src/", "/workspace/"}, "/src/app"), "/workspace/app");
  EXPECT_EQ(GuestPath({"/", "/host"}, "/src/app"), "/host/src/app");
  EXPECT_EQ(GuestPath({"/src", "/"}, "/src/app"), "/app");
  EXPECT_EQ(GuestPath({"/src", "/"}, "/src"), "/");
}

}  // namespace
}  // namespace zlayer::sidecar
