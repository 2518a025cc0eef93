#include "lifecycle/src/config/daemon_arguments.h"

#include <gmock/gmock.h>

namespace zlayer::sidecar {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr size_t kUsual = 16;  // arguments that are always there

ResolvedConfig Defaults() {
  ResolvedConfig config{};
  config.idle_secs = 30;
  config.storage_driver = "vfs";
  return config;
}

/// Everything behind the usual arguments.
std::vector<std::string> Further(const ResolvedConfig& config) {
  auto arguments = DaemonArguments(config, {"ca", "cert", "key"});
  arguments.erase(arguments.begin(), arguments.begin() + kUsual);
  return arguments;
}

/// The message of the error for `arguments`; "" if they are taken.
std::string Refusal(const std::vector<std::string>& arguments) {
  SidecarConfig config;
  config.arguments = arguments;
  const auto checked = CheckDaemonArguments(config);
  if (checked) return "";
  EXPECT_EQ(checked.error().kind, ErrorKind::config_invalid);
  return checked.error().message;
}

TEST(DaemonArgumentsTest, WhatIsNotSetIsNotPassed) {
  EXPECT_THAT(DaemonArguments(Defaults(), {"ca", "cert", "key"}),
              ElementsAre("--bind", "127.0.0.1:0", "--tls-ca", "ca", "--tls-cert", "cert",
                          "--tls-key", "key", "--idle-secs", "30", "--storage-root", "",
                          "--storage-runroot", "", "--storage-driver", "vfs"));
}

TEST(DaemonArgumentsTest, FurtherArgumentsComeLast) {
  ResolvedConfig config = Defaults();
  config.max_concurrent = 4;
  config.log_level = "debug";
  config.arguments = {"--new-flag", "a value", ""};
  EXPECT_THAT(Further(config), ElementsAre("--max-concurrent", "4", "--log-level", "debug",
                                           "--new-flag", "a value", ""));
}

TEST(DaemonArgumentsTest, AnArgumentMustNotRepeatAFlagThatTheLibraryPasses) {
  ResolvedConfig config = Defaults();
  config.max_concurrent = 4;
  config.log_level = "debug";
  const auto own = DaemonArguments(config, {"ca", "cert", "key"});
  for (size_t i = 0; i < own.size(); i += 2) {
    const std::string flag = own[i];
    const std::string why = "the library sets " + flag + " itself";
    EXPECT_THAT(Refusal({flag, "x"}), HasSubstr(why));
    EXPECT_THAT(Refusal({"--new", flag + "=x"}), StartsWith("arguments[1] is \"" + flag));
    EXPECT_THAT(Refusal({flag.substr(1) + "=x"}), HasSubstr(why)) << "one hyphen is enough for Go";
  }
  for (const char* other : {"--binds", "bind", "--tls", "-", "--", "", "--new=--bind"}) {
    EXPECT_EQ(Refusal({other}), "") << other;
  }
}

TEST(DaemonArgumentsTest, ABadArgumentIsShownEscapedAndShortened) {
  EXPECT_THAT(Refusal({std::string("--a\0b", 5)}),
              StartsWith("arguments[0] is \"--a\\x00b\": it must not contain NUL"));
  EXPECT_LT(Refusal({"--bind=\n" + std::string(100'000, 'x')}).size(), 300u);
}

}  // namespace
}  // namespace zlayer::sidecar
