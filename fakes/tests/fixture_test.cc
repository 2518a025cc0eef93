// The fixture for tests of somebody else's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "zlayer/fakes/fake_buildd.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr milliseconds kAWhile{150};
constexpr milliseconds kNoTime{0};

/// The message of an error, for the log of a test that expected none.
template <typename T>
std::string Why(const Result<T>& result) {
  return result ? "" : result.error().message;
}

/// True once no process has this id, or only a zombie; it was killed before.
bool IsGone(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(status, line);
  return line.empty() || line.find(") Z") != line.npos;
}

/// Runs a shell command with these variables; its exit status.
int RunClient(const std::string& script, const std::map<std::string, std::string>& variables) {
  const pid_t child = fork();
  if (child == 0) {
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WEXITSTATUS(status);
}

/// A client that starts the daemon with its own material and reads its line.
constexpr char kClient[] =
    "tls=$ZLAYER_DATA_DIR/buildd; "
    "\"$ZLAYER_BUILDD_BIN\" --tls-ca $tls/ca.pem --tls-cert $tls/cert.pem --tls-key $tls/key.pem "
    "> $ZLAYER_DATA_DIR/line 2> $ZLAYER_DATA_DIR/log";

TEST(FakeBuilddTest, HonestOneSaysWhereItListensAndStops) {
  auto fake = FakeBuildd::Start();
  ASSERT_TRUE(fake) << Why(fake);
  const auto address = fake->Address();
  ASSERT_TRUE(address) << Why(address);
  EXPECT_THAT(*address, MatchesRegex("127.0.0.1:[0-9]+"));
  const auto end = fake->Stop();
  ASSERT_TRUE(end) << Why(end);
  EXPECT_EQ(*end, FakeEnd{.code = 0});
  EXPECT_EQ(*fake->Stop(), *end);
  const auto entries = fake->Journal().Read();
  ASSERT_TRUE(entries) << Why(entries);
  EXPECT_EQ(entries->front().event, "started");
  EXPECT_EQ(entries->front().pid, fake->pid());
  EXPECT_EQ(entries->front().Text("argv.1"), "--bind");
  EXPECT_EQ(entries->front().Number("ppid"), getpid());
  EXPECT_GT(entries->front().monotonic_ns, 0);
  EXPECT_EQ(entries->back().event, "exiting");
}

TEST(FakeBuilddTest, IsHonestWhateverItsOwnerWasTold) {
  setenv("ZLAYER_FAKE_PLAN", "exit-0-before-line", 1);
  auto fake = FakeBuildd::Start();
  unsetenv("ZLAYER_FAKE_PLAN");
  ASSERT_TRUE(fake) << Why(fake);
  EXPECT_TRUE(fake->Address());
}

TEST(FakeBuilddTest, TakesAPresetAPlanOrAFile) {
  const std::string plan = "fault { grandchild { setsid: true } }";
  auto directory = FakeDirectory::Make();
  ASSERT_TRUE(directory) << Why(directory);
  const std::string file = directory->path() + "/mine.json";
  std::ofstream(file) << R"({"fault": [{"grandchild": {"setsid": true}}]})" << std::flush;
  for (const FakeOptions& options : {FakeOptions{.preset = "grandchild-setsid"},
                                     FakeOptions{.plan = plan}, FakeOptions{.plan_file = file}}) {
    auto fake = FakeBuildd::Start(options);
    ASSERT_TRUE(fake) << Why(fake);
    const auto fired = fake->Journal().WaitForFault("grandchild");
    ASSERT_TRUE(fired) << Why(fired);
    const auto chosen = fake->Journal().WaitFor("plan");
    ASSERT_TRUE(chosen) << Why(chosen);
    EXPECT_EQ(chosen->Text("plan.fault.0.grandchild.setsid"), "true");
  }
}

TEST(FakeBuilddTest, BadPlansAreErrorsBeforeAnythingStarts) {
  const auto message = [](const FakeOptions& options) {
    const auto fake = FakeBuildd::Start(options);
    EXPECT_TRUE(!fake && fake.error().kind == ErrorKind::options_invalid);
    return Why(fake);
  };
  EXPECT_THAT(message({.plan = "\nfault { hangg {} }"}),
              AllOf(HasSubstr("plan.txtpb:2"), HasSubstr("did you mean \"hang\"?")));
  EXPECT_THAT(message({.preset = "tls-of"}), HasSubstr("did you mean \"tls-off\"?"));
  EXPECT_THAT(message({.preset = "honest", .plan = "why: \"\""}), HasSubstr("only one of"));
}

TEST(FakeBuilddTest, MissingProgramNamesThePathsTried) {
  const auto fake = FakeBuildd::Start({.program = "/nowhere/fake"});
  ASSERT_FALSE(fake);
  EXPECT_EQ(fake.error().kind, ErrorKind::fake_not_found);
  EXPECT_THAT(fake.error().message, HasSubstr("/nowhere/fake"));
}

TEST(FakeBuilddTest, ArgumentsAndEnvironmentReplaceTheFixtures) {
  auto fake = FakeBuildd::Start({.arguments = {"--bind=localhost:0", "--log-level", "debug"},
                                 .environment = {{"ZLAYER_FAKE_PLAN", "handshake-crlf"}}});
  ASSERT_TRUE(fake) << Why(fake);
  const auto line = fake->Line();
  ASSERT_TRUE(line) << Why(line);
  EXPECT_THAT(*line, MatchesRegex("LISTENING .*:[0-9]+\r"));
}

TEST(FakeBuilddTest, LineOfOneThatEndsSaysHowAndWhy) {
  auto fake = FakeBuildd::Start(
      {.plan = "fault { grandchild {} } fault { exit { code: 7 stderr: \"no space left\" } }"});
  ASSERT_TRUE(fake) << Why(fake);
  const auto line = fake->Line();
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::ended);
  EXPECT_THAT(line.error().message, AllOf(HasSubstr("code 7"), HasSubstr("no space left")));
}

TEST(FakeBuilddTest, LineOfOneThatHangsIsATimeout) {
  auto fake = FakeBuildd::Start({.preset = "hang-before-line"});
  ASSERT_TRUE(fake) << Why(fake);
  const auto line = fake->Line(kAWhile);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::timeout);
}

TEST(FakeBuilddTest, EndlessLineIsMalformed) {
  auto fake = FakeBuildd::Start({.preset = "handshake-endless"});
  ASSERT_TRUE(fake) << Why(fake);
  const auto line = fake->Line();
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::malformed);
}

TEST(FakeBuilddTest, StopKillsOneThatIgnoresSignals) {
  auto fake = FakeBuildd::Start({.preset = "ignore-signals"});
  ASSERT_TRUE(fake) << Why(fake);
  ASSERT_TRUE(fake->Address());
  const auto end = fake->Stop(kAWhile);
  ASSERT_TRUE(end) << Why(end);
  EXPECT_EQ(*end, (FakeEnd{.signal = SIGKILL, .killed = true}));
  EXPECT_EQ(*fake->Stop(), *end);
  EXPECT_TRUE(fake->Journal().WaitForFault("ignore_signals", kNoTime));
}

TEST(FakeBuilddTest, OwnerTakesProcessesAndFilesAway) {
  auto fake =
      FakeBuildd::Start({.plan = "fault { grandchild { setsid: true ignore_signals: true } }"
                                 "fault { ignore_signals {} }"});
  ASSERT_TRUE(fake) << Why(fake);
  const auto child = fake->Journal().WaitFor("child_started");
  ASSERT_TRUE(child) << Why(child);
  const std::string directory = fake->directory().path();
  const pid_t pid = fake->pid();
  { const FakeBuildd owner = std::move(*fake); }
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), -1) << "it was not reaped";
  EXPECT_TRUE(IsGone(static_cast<pid_t>(child->Number("child_pid"))));
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(JournalFileTest, WaitSeesWhatComesLater) {
  auto fake = FakeBuildd::Start();
  ASSERT_TRUE(fake) << Why(fake);
  ASSERT_TRUE(fake->Address());
  fake->Signal(SIGTERM);
  const auto signal = fake->Journal().WaitFor(
      [](const JournalEntry& entry) { return entry.Number("number") == SIGTERM; });
  ASSERT_TRUE(signal) << Why(signal);
  EXPECT_EQ(signal->event, "signal");
  EXPECT_EQ(signal->Number("sender_pid"), getpid());
  EXPECT_EQ(signal->Text("no.such.field"), "");
  EXPECT_EQ(signal->Number("no.such.field"), 0);
}

TEST(JournalFileTest, WaitSleepsUntilTheFileGrows) {
  // The line takes its time, so that the wait begins long before the second fault.
  auto fake = FakeBuildd::Start(
      {.plan = "fault { handshake_bytes { text: \"LISTENING {host}:{port}\\n\" drip_ms: 20 } }"
               "fault { grandchild { phase: LINE } }"});
  ASSERT_TRUE(fake) << Why(fake);
  const auto begin = std::chrono::steady_clock::now();
  const auto fired = fake->directory().Journal().WaitForFault("grandchild");
  EXPECT_TRUE(fired) << Why(fired);
  // One that is not woken looks once more at its limit.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kDefaultLimit);
}

TEST(JournalFileTest, TimeoutNamesWhatCameInstead) {
  auto fake = FakeBuildd::Start();
  ASSERT_TRUE(fake) << Why(fake);
  ASSERT_TRUE(fake->Address());
  const auto call = fake->Journal().WaitFor("rpc_started", kAWhile);
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error().kind, ErrorKind::timeout);
  EXPECT_THAT(call.error().message,
              StartsWith("no \"rpc_started\" within 150 ms; the journal has: started, plan"));
}

TEST(JournalFileTest, WaitEndsWithTheFake) {
  auto fake = FakeBuildd::Start({.preset = "crash-before-line"});
  ASSERT_TRUE(fake) << Why(fake);
  const auto call = fake->Journal().WaitFor("rpc_started");
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error().kind, ErrorKind::ended);
}

TEST(FakeDirectoryTest, ClientThatStartsTheDaemonStartsTheFake) {
  auto directory = FakeDirectory::Make({.plan = "fault { when { launches: 1 } exit { code: 3 } }"
                                                "fault { hang {} }"});
  ASSERT_TRUE(directory) << Why(directory);
  EXPECT_EQ(RunClient(kClient, directory->Environment()), 3);
  const auto fired = directory->Journal().WaitForFault("exit");
  ASSERT_TRUE(fired) << Why(fired);
  EXPECT_EQ(directory->Journal().WaitFor("plan")->Number("launch"), 1);
  EXPECT_EQ(RunClient(std::string(kClient) + " &", directory->Environment()), 0);
  const auto hung = directory->Journal().WaitForFault("hang");
  ASSERT_TRUE(hung) << Why(hung);
  const std::string path = directory->path();
  { const FakeDirectory owner = std::move(*directory); }
  EXPECT_TRUE(IsGone(hung->pid));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(FakeDirectoryTest, ProcessesOfSomebodyElseAreLeftAlone) {
  const pid_t stranger = fork();
  if (stranger == 0) {
    pause();
    _exit(0);
  }
  {
    auto directory = FakeDirectory::Make();
    ASSERT_TRUE(directory) << Why(directory);
    std::ofstream(directory->Journal().path())
        << R"({"pid":)" << stranger << R"(,"started":{}})" << std::endl;
  }
  EXPECT_FALSE(IsGone(stranger));
  kill(stranger, SIGKILL);
  waitpid(stranger, nullptr, 0);
}

TEST(MintTlsTest, WritesASetOnceAndExpiredOnesToo) {
  auto directory = FakeDirectory::Make();
  ASSERT_TRUE(directory) << Why(directory);
  const auto expired = MintTls(directory->path() + "/expired", std::chrono::seconds(-60));
  ASSERT_TRUE(expired) << Why(expired);
  EXPECT_TRUE(std::filesystem::exists(expired->key));
  EXPECT_EQ(RunClient("openssl x509 -in " + expired->cert + " -noout -checkend 0 > /dev/null", {}),
            1);
  const auto again = MintTls(directory->path() + "/expired");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("is not overwritten"));
}

}  // namespace
}  // namespace zlayer::fakes
