#include "lifecycle/src/config/resolved_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>

namespace zlayer::sidecar {
namespace {

using ::testing::StartsWith;

Environment WithDataDir() {
  Environment environment;
  environment.Set("ZLAYER_DATA_DIR", "/data");
  return environment;
}

TEST(ResolvedConfigTest, DefaultsFollowTheDataDirectory) {
  const auto config = ResolveConfig({}, {}, WithDataDir());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->tls_dir, "/data/buildd");
  EXPECT_EQ(config->storage_graph_root, "/data/buildd/storage/graph");
  EXPECT_EQ(config->storage_run_root, "/data/buildd/storage/run");
  EXPECT_EQ(config->storage_driver, "vfs");
  EXPECT_EQ(config->idle_secs, 30);
}

TEST(ResolvedConfigTest, AnEmptyVariableCountsAsUnset) {
  Environment environment;
  environment.Set("ZLAYER_DATA_DIR", "");
  environment.Set("HOME", "/home/somebody");
  EXPECT_EQ(ResolveConfig({}, {}, environment).value().data_dir,
            ::geteuid() == 0 ? "/var/lib/zlayer" : "/home/somebody/.zlayer");
}

struct BadSetting {
  const char* message_start;
  std::function<void(SidecarConfig*, LifecycleOptions*)> set;
};

TEST(ResolvedConfigTest, SettingsThatMakeNoSenseAreNamed) {
  using std::chrono::milliseconds;
  const BadSetting cases[] = {
      {"idle_secs is -1", [](auto* config, auto*) { config->idle_secs = -1; }},
      {"addr is empty", [](auto* config, auto*) { config->addr = ""; }},
      {"addr is \"here\": there is no port", [](auto* config, auto*) { config->addr = "here"; }},
      {"tls_dir is empty", [](auto* config, auto*) { config->tls_dir = ""; }},
      {"storage_graph_root is empty", [](auto* config, auto*) { config->storage_graph_root = ""; }},
      {"storage_run_root is empty", [](auto* config, auto*) { config->storage_run_root = ""; }},
      {"storage_driver is empty", [](auto* config, auto*) { config->storage_driver = ""; }},
      {"max_concurrent is 0", [](auto* config, auto*) { config->max_concurrent = 0; }},
      {"max_concurrent is -1", [](auto* config, auto*) { config->max_concurrent = -1; }},
      {"log_level is \"\"", [](auto* config, auto*) { config->log_level = ""; }},
      {"log_level is \"loud\\n\"", [](auto* config, auto*) { config->log_level = "loud\n"; }},
      {"arguments[0] is \"--bind=:1\"",
       [](auto* config, auto*) { config->arguments = {"--bind=:1"}; }},
      {"context_mount is \"src\"",
       [](auto* config, auto*) {
         config->context_mount = ContextMount{"src", "/workspace"};
       }},
      {"handshake_timeout is -1 ms",
       [](auto*, auto* options) { options->handshake_timeout = milliseconds(-1); }},
      {"connect_timeout is 0 ms",
       [](auto*, auto* options) { options->connect_timeout = milliseconds(0); }},
      {"rpc_timeout is -5 ms",
       [](auto*, auto* options) { options->rpc_timeout = milliseconds(-5); }},
      {"grace is -1 ms", [](auto*, auto* options) { options->grace = milliseconds(-1); }},
  };
  for (const BadSetting& bad : cases) {
    SidecarConfig config;
    LifecycleOptions options;
    bad.set(&config, &options);
    const auto resolved = ResolveConfig(config, options, WithDataDir());
    ASSERT_FALSE(resolved) << bad.message_start;
    EXPECT_EQ(resolved.error().kind, ErrorKind::config_invalid);
    EXPECT_THAT(resolved.error().message, StartsWith(bad.message_start));
  }
}

}  // namespace
}  // namespace zlayer::sidecar
