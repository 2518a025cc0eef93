// The library in a shared object that is loaded at run time.

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "lifecycle/tests/base/temporary_directory.h"

namespace zlayer::sidecar {
namespace {

TEST(PluginTest, ASharedObjectCanBeTheHost) {
  void* const plugin = ::dlopen(LIFECYCLE_PLUGIN_PATH, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(plugin, nullptr) << ::dlerror();
  using StartAndStop = const char*(const char* binary, const char* data_dir);
  auto* const run = reinterpret_cast<StartAndStop*>(::dlsym(plugin, "StartAndStop"));
  ASSERT_NE(run, nullptr) << ::dlerror();
  const TemporaryDirectory directory;
  EXPECT_STREQ(run(FAKE_BUILDD_PATH, directory.path().c_str()), "");
  // Not unloaded: gRPC cannot be.
}

}  // namespace
}  // namespace zlayer::sidecar
