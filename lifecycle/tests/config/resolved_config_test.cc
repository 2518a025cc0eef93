#include "lifecycle/src/config/resolved_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>

namespace zlayer::sidecar {
namespace {

using ::testing::AnyOf;
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

/// A setting with a NUL byte, and its name.
struct NulSetting {
  const char* name;
  std::function<void(SidecarConfig*, LifecycleOptions*, Environment*)> set;
};

TEST(ResolvedConfigTest, ANulByteInAnySettingIsRefusedByName) {
  const std::string nul("/a\0b", 4);
  const NulSetting cases[] = {
      {"addr", [&](auto* config, auto*, auto*) { config->addr = nul; }},
      {"tls_dir", [&](auto* config, auto*, auto*) { config->tls_dir = nul; }},
      {"tls_crl", [&](auto* config, auto*, auto*) { config->tls_crl = nul; }},
      {"storage_graph_root", [&](auto* config, auto*, auto*) { config->storage_graph_root = nul; }},
      {"storage_run_root", [&](auto* config, auto*, auto*) { config->storage_run_root = nul; }},
      {"storage_driver", [&](auto* config, auto*, auto*) { config->storage_driver = nul; }},
      {"context_mount.host_prefix",
       [&](auto* config, auto*, auto*) {
         config->context_mount = ContextMount{nul, "/workspace"};
       }},
      {"context_mount.guest_prefix",
       [&](auto* config, auto*, auto*) {
         config->context_mount = ContextMount{"/src", nul};
       }},
      {"keeper_path", [&](auto*, auto* options, auto*) { options->keeper_path = nul; }},
      {"the environment variable ZLAYER_DATA_DIR",
       [&](auto*, auto*, auto* environment) { environment->Set("ZLAYER_DATA_DIR", nul); }},
      {"the environment variable A\\x00B",
       [&](auto*, auto*, auto* environment) { environment->Set(std::string("A\0B", 3), "c"); }},
  };
  for (const NulSetting& bad : cases) {
    SidecarConfig config;
    LifecycleOptions options;
    Environment environment = WithDataDir();
    bad.set(&config, &options, &environment);
    const auto resolved = ResolveConfig(config, options, environment);
    ASSERT_FALSE(resolved) << bad.name;
    EXPECT_EQ(resolved.error().kind, ErrorKind::config_invalid);
    EXPECT_THAT(resolved.error().message,
                AnyOf(std::string(bad.name) + " is \"/a\\x00b\": it contains a NUL byte",
                      std::string(bad.name) + " contains a NUL byte"));
  }
}

TEST(ResolvedConfigTest, PathsOnACommandLineMayHoldAnyOtherBytes) {
  SidecarConfig config;
  const std::string bytes = "/\xff\n";
  config.tls_dir = bytes;
  config.storage_graph_root = bytes;
  config.storage_run_root = bytes;
  config.context_mount = ContextMount{"/host\xff", "/gr\xc3\xbcn"};
  const auto resolved = ResolveConfig(config, {}, WithDataDir());
  ASSERT_TRUE(resolved) << resolved.error().message;
  EXPECT_EQ(resolved->tls_dir, bytes);
}

TEST(ResolvedConfigTest, ALongValueIsShownShortened) {
  SidecarConfig config;
  config.addr = std::string(3'000'000, '\n');
  const auto resolved = ResolveConfig(config, {}, WithDataDir());
  ASSERT_FALSE(resolved);
  EXPECT_LT(resolved.error().message.size(), 4000u);
  EXPECT_EQ(resolved.error().message.find('\n'), std::string::npos);
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
      {"context_mount.guest_prefix is \"/\\xff\": it is not UTF-8",
       [](auto* config, auto*) {
         config->context_mount = ContextMount{"/src", "/\xff"};
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
