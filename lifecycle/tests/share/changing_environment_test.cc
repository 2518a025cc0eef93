// A host that changes its environment as soon as Ensure has returned.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <string>

#include "lifecycle/tests/share/fake_world.h"

namespace zlayer::sidecar {
namespace {

using ChangingEnvironmentTest = FakeWorld;

/// A start that EnsureUntil has left may still run, and must not read the environment then.
TEST_F(ChangingEnvironmentTest, AStartReadsTheEnvironmentBeforeEnsureReturns) {
  constexpr int kVariables = 400;
  const auto set = [](const std::string& name, size_t length) {
    ::setenv(name.c_str(), std::string(length, 'x').c_str(), 1);
  };
  options_.environment.reset();
  ::setenv("ZLAYER_BUILDD_BIN", FAKE_BUILDD_PATH, 1);
  ::setenv("ZLAYER_DATA_DIR", directory_.path().c_str(), 1);
  for (int i = 0; i < kVariables; ++i) set(fmt::format("VARIABLE_{}", i), 50);
  SidecarLifecycle lifecycle(config_, options_);
  ASSERT_TRUE(lifecycle.Ensure());  // OpenSSL and gRPC have read the environment
  for (size_t round = 0; round < 100; ++round) {
    lifecycle.Shutdown();
    (void)lifecycle.EnsureUntil(std::chrono::steady_clock::now() + std::chrono::microseconds(30));
    for (int i = 0; i < kVariables; ++i) set(fmt::format("VARIABLE_{}", i), 50 + round * 9);
    for (int i = 0; i < 50; ++i) set(fmt::format("MORE_{}_{}", round, i), 1);
  }
  lifecycle.Shutdown();
  for (size_t round = 0; round < 100; ++round) {
    for (int i = 0; i < 50; ++i) ::unsetenv(fmt::format("MORE_{}_{}", round, i).c_str());
  }
  for (int i = 0; i < kVariables; ++i) ::unsetenv(fmt::format("VARIABLE_{}", i).c_str());
  ::unsetenv("ZLAYER_BUILDD_BIN");
  ::unsetenv("ZLAYER_DATA_DIR");
}

}  // namespace
}  // namespace zlayer::sidecar
