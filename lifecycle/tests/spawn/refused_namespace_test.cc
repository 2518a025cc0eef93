// Containment::pid_namespace on systems that refuse namespaces, and file systems that refuse
// execve.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lifecycle/src/config/discover.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/spawn/mount_world.h"
#include "lifecycle/tests/spawn/shell_launch.h"

namespace zlayer::sidecar {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// ThreadSanitizer has a thread of its own, and a process with two threads cannot have a new user
// namespace.
#ifndef ZLAYER_THREAD_SANITIZER

std::string WhyNot(const std::string& path, Containment containment) {
  const auto launched = LaunchWhole(nullptr, {path, {}, SmallEnvironment(), containment, ""});
  return launched ? "it was launched" : launched.error().message;
}

std::string WhyNoNamespace() { return WhyNot("/bin/true", Containment::pid_namespace); }

TEST(RefusedNamespaceTest, ALimitOfNamespacesIsNamedAndNoDisk) {
  const std::string why = InMountWorld([] {
    std::ofstream("/proc/sys/user/max_pid_namespaces") << "0" << std::flush;
    return WhyNoNamespace();
  });
  EXPECT_THAT(why, HasSubstr("cannot make a PID namespace: the limit of namespaces is reached"));
  EXPECT_THAT(why, Not(HasSubstr("No space left")));
}

TEST(RefusedNamespaceTest, ALimitOfUserNamespacesIsNamed) {
  const std::string why = InMountWorld([]() -> std::string {
    std::ofstream("/proc/sys/user/max_user_namespaces") << "0" << std::flush;
    return DropCapabilities() ? WhyNoNamespace() : "no capset";
  });
  EXPECT_THAT(why, HasSubstr("max_user_namespaces"));
  EXPECT_THAT(why, Not(HasSubstr("No space left")));
}

TEST(RefusedNamespaceTest, AReadOnlyProcIsNamed) {
  const std::string why = InMountWorld([]() -> std::string {
    if (::mount(nullptr, "/proc", nullptr,
                MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                nullptr) != 0) {
      return "no remount";
    }
    return DropCapabilities() ? WhyNoNamespace() : "no capset";
  });
  EXPECT_THAT(why, HasSubstr("cannot make a PID namespace: Read-only file system (without "
                             "CAP_SYS_ADMIN it needs a /proc that can be written"));
}

TEST(RefusedNamespaceTest, AMissingProcIsNamedAndNoInterpreter) {
  const std::string why = InMountWorld([]() -> std::string {
    if (::mount("none", "/proc", "tmpfs", 0, nullptr) != 0) return "no tmpfs";
    return DropCapabilities() ? WhyNoNamespace() : "no capset";
  });
  EXPECT_THAT(why, HasSubstr("it needs a /proc that can be written"));
  EXPECT_THAT(why, Not(HasSubstr("interpreter")));
}

class NoexecTest : public testing::Test {
 protected:
  /// What `act` returns where the directory is a tmpfs mounted noexec with a program in it.
  std::string OnNoexec(const std::function<std::string()>& act) {
    return InMountWorld([&]() -> std::string {
      if (::mount("none", directory_.path().c_str(), "tmpfs", MS_NOEXEC, nullptr) != 0) {
        return "no tmpfs";
      }
      std::filesystem::copy_file("/bin/true", program_);
      return act();
    });
  }

  const TemporaryDirectory directory_;
  const std::string program_ = directory_ / "zlayer-buildd";
};

TEST_F(NoexecTest, TheMountIsNamedAtTheExec) {
  const std::string why = OnNoexec([&] { return WhyNot(program_, Containment::keeper); });
  EXPECT_THAT(why, HasSubstr("Permission denied (it is on a file system mounted noexec)"));
}

TEST_F(NoexecTest, TheMountOfAnInterpreterIsNamed) {
  const TemporaryDirectory elsewhere;
  const std::string script = elsewhere.Write("script", "#!" + program_ + "\n", 0755);
  const std::string why = OnNoexec([&] { return WhyNot(script, Containment::keeper); });
  EXPECT_THAT(why,
              HasSubstr("its interpreter " + program_ + " is on a file system mounted noexec"));
}

TEST_F(NoexecTest, TheMountIsNamedByTheDiscovery) {
  Environment environment;
  environment.Set("ZLAYER_BUILDD_BIN", program_);
  const std::string why = OnNoexec([&] {
    const auto binary = DiscoverBinary(environment, "/nonexistent");
    return binary ? *binary : binary.error().message;
  });
  EXPECT_THAT(why, HasSubstr(program_ + " (on a file system mounted noexec)"));
}

#endif

}  // namespace
}  // namespace zlayer::sidecar
