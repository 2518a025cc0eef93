// Daemons that take too many descriptors, too much memory, processor time or disk; and a daemon
// with a wrong clock.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

std::string ProcPath(Fake& fake, const std::string& file) {
  return "/proc/" + std::to_string(fake.process().pid()) + "/" + file;
}

/// A number of /proc/PID/status, such as VmRSS in KiB.
long StatusOf(Fake& fake, const std::string& name) {
  std::ifstream status(ProcPath(fake, "status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
  }
  return -1;
}

long OpenDescriptors(Fake& fake) {
  const std::filesystem::directory_iterator entries(ProcPath(fake, "fd"));
  return std::distance(begin(entries), end(entries));
}

void ExpectServes(Fake& fake, const std::string& port) {
  const Seen seen = RunOpenssl(ClientArguments(fake, port));
  EXPECT_EQ(seen.ended, Ended::WithCode(0)) << seen.output;
}

void ExpectStops(Fake& fake) {
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(LeakFdsTest, TheyStayOpen) {
  for (const std::string phase : {"START", "SERVING"}) {
    Fake fake({.plan = "fault { leak_fds { phase: " + phase + " count: 200 } }"});
    const std::string port = fake.ReadPort();
    ASSERT_TRUE(fake.WaitForFault("leak_fds"));
    EXPECT_GE(OpenDescriptors(fake), 200);
    ExpectServes(fake, port);
    ExpectStops(fake);
  }
}

TEST(LeakFdsTest, BeforeItServesTheServerHasWhatItNeeds) {
  for (const std::string phase : {"BOUND", "LINE"}) {
    Fake fake({.plan = "fault { leak_fds { phase: " + phase + " count: 100 limit: 64 } }"});
    ASSERT_NE(fake.ReadPort(), "");
    ASSERT_TRUE(fake.WaitForFault("leak_fds"));
    EXPECT_TRUE(fake.process().LivesFor(milliseconds(200)));
    ExpectStops(fake);
  }
}

TEST(LeakFdsTest, AtTheLimitNothingIsAcceptedAndSigtermWorks) {
  Fake fake({.plan = "fault { leak_fds { phase: SERVING count: 65536 limit: 64 } }"});
  const std::string port = fake.ReadPort();
  ASSERT_TRUE(fake.WaitForFault("leak_fds"));
  EXPECT_GE(OpenDescriptors(fake), 64);
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_TRUE(client.LivesFor(milliseconds(150)));
  for (const v1::JournalEntry& entry : fake.Journal()) EXPECT_FALSE(entry.has_accepted());
  ExpectStops(fake);
}

TEST(TakeMemoryTest, ItIsResident) {
  for (const std::string phase : {"START", "SERVING"}) {
    Fake fake({.plan = "fault { take_memory { phase: " + phase + " mib: 100 } }"});
    const std::string port = fake.ReadPort();
    ASSERT_TRUE(fake.WaitForFault("take_memory"));
    EXPECT_GE(StatusOf(fake, "VmRSS"), 100 * 1024);
    ExpectServes(fake, port);
    ExpectStops(fake);
  }
}

/// The soft limit "Max data size" of /proc/PID/limits, in bytes.
std::string DataLimit(Fake& fake) {
  std::ifstream limits(ProcPath(fake, "limits"));
  const std::string name = "Max data size";
  for (std::string line; std::getline(limits, line);) {
    if (!line.starts_with(name)) continue;
    const size_t at = line.find_first_not_of(' ', name.size());
    return line.substr(at, line.find(' ', at) - at);
  }
  return "";
}

#ifndef ZLAYER_SANITIZED  // a sanitizer's shadow memory would count, so nothing is limited then
TEST(MemoryBoundTest, IsThePlans) {
  Fake honest;
  ASSERT_NE(honest.ReadPort(), "");
  EXPECT_EQ(DataLimit(honest), std::to_string(256 << 20));
  Fake other({.plan = "memory_mib: 512"});
  ASSERT_NE(other.ReadPort(), "");
  EXPECT_EQ(DataLimit(other), std::to_string(512 << 20));
}
#endif

TEST(MemoryBoundTest, LeavesRoomForManyConnections) {
  Fake fake;
  const std::string port = fake.ReadPort();
  std::vector<std::unique_ptr<Process>> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<Process>(
        Command{.program = "openssl", .arguments = UntilClosed(ClientArguments(fake, port))}));
  }
  for (const auto& client : clients) {
    EXPECT_TRUE(client->ReadStdoutUntil("Verify return code: 0 (ok)"));
  }
  clients.clear();  // the fake would wait for those that have not spoken
  ExpectStops(fake);
}

/// User time of all threads of the fake, in clock ticks.
long CpuTicks(Fake& fake) {
  std::ifstream stat(ProcPath(fake, "stat"));
  std::string text;
  std::getline(stat, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string field;
  for (int i = 0; i < 11; ++i) fields >> field;
  long user = 0;
  fields >> user;
  return user;
}

TEST(BurnCpuTest, ThreadsAreBusyAndSigtermEndsThem) {
  Fake fake({.plan = "fault { burn_cpu { threads: 2 } }"});
  const std::string port = fake.ReadPort();
  ASSERT_TRUE(fake.WaitForFault("burn_cpu"));
  const long ticks = sysconf(_SC_CLK_TCK) / 5;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (CpuTicks(fake) < ticks && std::chrono::steady_clock::now() < deadline) {
    ASSERT_TRUE(fake.process().LivesFor(milliseconds(10)));
  }
  EXPECT_GE(CpuTicks(fake), ticks);
  ExpectServes(fake, port);
  ExpectStops(fake);
}

/// Size in MiB of the deleted file below `directory` that the fake holds open; -1 if there is none.
long NamelessMib(Fake& fake, const std::string& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(ProcPath(fake, "fd"), error)) {
    const std::string target = std::filesystem::read_symlink(entry.path(), error);
    if (!target.starts_with(directory) || !target.ends_with(" (deleted)")) continue;
    return static_cast<long>(std::filesystem::file_size(entry.path(), error) >> 20);
  }
  return -1;
}

TEST(FillDiskTest, AFileWithoutANameIsFilled) {
  for (const std::string phase : {"BOUND", "SERVING"}) {
    const TemporaryDirectory place;
    Fake fake({.plan = "fault { fill_disk { phase: " + phase + " mib: 5 } }",
               .environment = {{"TMPDIR", place / "."}}});
    ASSERT_NE(fake.ReadPort(), "");
    ASSERT_TRUE(fake.WaitForFault("fill_disk"));
    const std::string directory = std::filesystem::canonical(place / ".");
    EXPECT_EQ(NamelessMib(fake, directory), 5);
    EXPECT_TRUE(std::filesystem::is_empty(directory));
    ExpectStops(fake);
  }
}

TEST(ClockTest, AWrongOneRefusesGoodClients) {
  for (const auto& [offset, reason] :
       {std::pair{"-172800", "not yet valid"}, std::pair{"630720000", "expired"}}) {
    Fake fake({.plan = std::string("fault { clock { offset_secs: ") + offset + " } }"});
    RunOpenssl(UntilClosed(ClientArguments(fake, fake.ReadPort())));
    const v1::TlsVerdict verdict = Verdict(fake);
    EXPECT_FALSE(verdict.accepted());
    EXPECT_THAT(verdict.reason(), HasSubstr(reason));
    EXPECT_TRUE(fake.HasFired("clock"));
  }
}

TEST(ClockTest, FiresOnlyWhereItDecides) {
  Fake fake({.plan = "fault { clock { offset_secs: 1 } }"});
  ExpectServes(fake, fake.ReadPort());
  EXPECT_TRUE(Verdict(fake).accepted());
  EXPECT_FALSE(fake.HasFired("clock"));
}

TEST(ClockTest, TheLogHasItsTime) {
  Fake fake({.plan = "fault { clock { offset_secs: 630720000 } }"});
  const auto line = fake.process().ReadStderrUntil("\n");
  ASSERT_TRUE(line);
  const std::string head = "{\"time\":\"";
  const int year = std::stoi(line->substr(head.size(), 4));
  const std::chrono::year_month_day today(
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  EXPECT_GE(year, static_cast<int>(today.year()) + 19);
}

}  // namespace
}  // namespace zlayer::fakes
