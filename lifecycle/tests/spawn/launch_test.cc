// The environment of a launched program, and the reasons for which a launch fails, at every level
// of containment.

#include "lifecycle/src/spawn/launch.h"

#include <elf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "lifecycle/src/supervise/sidecar_process.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/spawn/shell_launch.h"

namespace zlayer::sidecar {
namespace {

using ::testing::HasSubstr;

class LaunchTest : public testing::TestWithParam<Containment> {
 protected:
  Result<Launched> Run(const std::string& path, const std::vector<std::string>& arguments) {
    return LaunchWhole(loop_.get(), {path, arguments, SmallEnvironment(), GetParam(), ""});
  }

  /// All that the program writes to stdout until it ends.
  std::string OutputOf(Launched launched) {
    std::string output;
    ::fcntl(launched.stdout_pipe.get(), F_SETFL, 0);  // blocking
    std::array<char, 4096> chunk;
    for (ssize_t got; (got = ::read(launched.stdout_pipe.get(), chunk.data(), chunk.size())) > 0;) {
      output.append(chunk.data(), static_cast<size_t>(got));
    }
    SidecarProcess::Adopt(loop_.get(), std::move(launched), {})->WaitForEnd();
    return output;
  }

  /// The message of a launch that fails.
  std::string WhyNot(const std::string& path) {
    const auto launched = Run(path, {});
    if (launched) return "it was launched";
    EXPECT_EQ(launched.error().kind, ErrorKind::spawn_failed);
    return launched.error().message;
  }

  std::shared_ptr<EventLoop> loop_ = EventLoop::Shared().value();
  const TemporaryDirectory directory_;
};

std::string Field(const std::string& status, const std::string& name) {
  const size_t line = status.find("\n" + name + ":\t");
  if (line == status.npos) return "no " + name;
  const size_t begin = line + name.size() + 3;
  return status.substr(begin, status.find('\n', begin) - begin);
}

/// The SigIgn field. Under ThreadSanitizer the library uses posix_spawn instead of clone, which
/// leaves the C library's own two signals ignored.
std::string IgnoredAfterLaunch([[maybe_unused]] Containment containment) {
#ifdef ZLAYER_THREAD_SANITIZER
  if (containment == Containment::group) return "0000000180000000";
#endif
  return "0000000000000000";
}

TEST_P(LaunchTest, TheProgramHasNoSignalBlockedOrIgnored) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  const auto old_handler = ::signal(SIGPIPE, SIG_IGN);
  auto launched = Run("/bin/cat", {"/proc/self/status"});
  ::signal(SIGPIPE, old_handler);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(launched) << launched.error().message;
  const std::string status = OutputOf(std::move(*launched));
  EXPECT_EQ(Field(status, "SigBlk"), "0000000000000000");
  EXPECT_EQ(Field(status, "SigIgn"), IgnoredAfterLaunch(GetParam()));
  EXPECT_EQ(Field(status, "SigCgt"), "0000000000000000");
}

TEST_P(LaunchTest, TheProgramHasThreeDescriptorsAndAnEmptyStdin) {
  const UniqueFd leak(::dup(1));  // not close-on-exec
  auto launched = Run("/bin/sh", {"-c", "ls /proc/self/fd; read x; echo $?"});
  ASSERT_TRUE(launched) << launched.error().message;
  // ls has the directory open as a fourth descriptor; reading the empty stdin fails.
  EXPECT_EQ(OutputOf(std::move(*launched)), "0\n1\n2\n3\n1\n");
}

TEST_P(LaunchTest, ItWorksForAHostWithoutStandardDescriptors) {
  std::array<UniqueFd, 3> saved;
  for (int fd = 0; fd < 3; ++fd) {
    saved[static_cast<size_t>(fd)].reset(::fcntl(fd, F_DUPFD_CLOEXEC, 100));
    ::close(fd);
  }
  auto launched = Run("/bin/sh", {"-c", "echo out; ls /proc/self/fd"});
  const std::string output = launched ? OutputOf(std::move(*launched)) : launched.error().message;
  for (int fd = 0; fd < 3; ++fd) ::dup2(saved[static_cast<size_t>(fd)].get(), fd);
  EXPECT_EQ(output, "out\n0\n1\n2\n3\n");
}

TEST_P(LaunchTest, TheProgramLeadsItsProcessGroup) {
  // The fields of stat: pid, name, state, parent, group. In a PID namespace /proc has its own
  // numbers.
  auto launched = Run("/bin/sh", {"-c", "read line </proc/self/stat; echo $line"});
  ASSERT_TRUE(launched) << launched.error().message;
  std::istringstream output(OutputOf(std::move(*launched)));
  int pid = 0;
  int group = -1;
  std::string ignored;
  output >> pid >> ignored >> ignored >> ignored >> group;
  EXPECT_EQ(pid, group);
}

TEST_P(LaunchTest, ArgumentsArriveAsTheyWereGiven) {
  auto launched = Run("/bin/sh", {"-c", "printf '%s|' \"$0\" \"$@\"", "a b", "", "c\n"});
  ASSERT_TRUE(launched) << launched.error().message;
  EXPECT_EQ(OutputOf(std::move(*launched)), "a b||c\n|");
}

TEST_P(LaunchTest, WhatIsNoProgramIsSaidToBeNone) {
  EXPECT_THAT(WhyNot(directory_.Write("text", "no program\n", 0755)),
              HasSubstr("Exec format error (neither a program nor a script with a #! line)"));
  EXPECT_THAT(WhyNot(directory_.Write("empty", "", 0755)), HasSubstr("(the file is empty)"));
}

TEST_P(LaunchTest, AMissingInterpreterIsNamed) {
  const std::string script = directory_.Write("script", "#! /nonexistent/sh -e\n", 0755);
  EXPECT_EQ(WhyNot(script),
            "cannot start " + script +
                ": No such file or directory (its interpreter /nonexistent/sh is missing)");
}

TEST_P(LaunchTest, ACarriageReturnInTheFirstLineIsNamed) {
  const std::string script = directory_.Write("script", "#!/bin/sh\r\necho\r\n", 0755);
  EXPECT_EQ(WhyNot(script),
            "cannot start " + script +
                ": No such file or directory (a carriage return belongs to the name "
                "of its interpreter, \"/bin/sh\\r\": its lines end with CR LF, save "
                "it with LF only)");
}

/// A copy of a real program with `change` made to its bytes.
template <typename Change>
std::string Changed(const TemporaryDirectory& directory, const Change& change) {
  std::ifstream file("/bin/true", std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  std::string program = bytes.str();
  change(program);
  return directory.Write("program", program, 0755);
}

TEST_P(LaunchTest, AProgramForAnotherMachineIsNamedWithBoth) {
  const std::string program = Changed(directory_, [](std::string& bytes) {
    bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_S390);
  });
  EXPECT_THAT(WhyNot(program), HasSubstr("Exec format error (a program for s390; this machine is"));
}

TEST_P(LaunchTest, AMissingLoaderIsNamed) {
  const std::string program = Changed(directory_, [](std::string& bytes) {
    bytes.replace(bytes.find("/lib64/ld-"), 10, "/lib99/ld-");
  });
  EXPECT_THAT(WhyNot(program), HasSubstr("its dynamic loader /lib99/ld-"));
}

TEST_P(LaunchTest, AFileThatIsBeingWrittenIsToldApart) {
  const std::string program = Changed(directory_, [](std::string&) {});
  const UniqueFd writer(::open(program.c_str(), O_WRONLY | O_CLOEXEC));
  EXPECT_THAT(WhyNot(program), HasSubstr("Text file busy (somebody has it open for writing)"));
}

TEST_P(LaunchTest, AFileThatMayNotBeExecutedIsToldApart) {
  EXPECT_THAT(WhyNot(directory_.Write("data", "x", 0644)),
              HasSubstr("Permission denied (no permission to execute it)"));
}

TEST_P(LaunchTest, AnEnvironmentThatIsTooLargeIsToldApart) {
  const std::vector<std::string> environment = {"HUGE=" + std::string(1 << 20, 'x')};
  const auto launched = LaunchWhole(loop_.get(), {"/bin/true", {}, environment, GetParam(), ""});
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::spawn_failed);
  EXPECT_THAT(launched.error().message, HasSubstr("cannot start /bin/true"));
  EXPECT_THAT(launched.error().message,
              HasSubstr("Argument list too long (the arguments and the "));
}

TEST_P(LaunchTest, WhatIsBegunAndNeverAwaitedLeavesNothing) {
  // The program and its child hold the FIFO open, and would run for 100 s.
  const std::string fifo = directory_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const UniqueFd reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const std::string script = "exec 9>" + fifo + "; sleep 100 & echo up >&9; exec sleep 100";
  auto launch = Launch::Begin({"/bin/sh", {"-c", script}, SmallEnvironment(), GetParam(), ""},
                              LongLimits(), loop_.get());
  ASSERT_TRUE(launch) << launch.error().message;
  pollfd poll{reader.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&poll, 1, 20'000), 1);
  std::array<char, 8> bytes;
  ASSERT_EQ(::read(reader.get(), bytes.data(), bytes.size()), 3);
  launch->reset();
  // The FIFO hangs up when the last process that holds it has ended.
  ASSERT_EQ(::poll(&poll, 1, 20'000), 1);
  EXPECT_EQ(poll.revents, POLLHUP);
}

INSTANTIATE_TEST_SUITE_P(, LaunchTest, EveryLevel(),
                         [](const auto& level) { return LevelName(level.param); });

}  // namespace
}  // namespace zlayer::sidecar
