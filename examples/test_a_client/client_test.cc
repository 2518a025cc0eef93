// What client.sh does when the daemon misbehaves, and what the daemon saw of it.

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlayer/fakes/child_process.h>
#include <zlayer/fakes/fake_directory.h>

namespace {

using zlayer::fakes::ChildProcess;
using zlayer::fakes::FakeDirectory;

/// Runs the client where it finds the fake in place of the daemon; its exit status.
int RunClient(const FakeDirectory& directory) {
  auto client = ChildProcess::Start(
      {.argv = {CLIENT}, .environment = directory.Environment(), .err = STDERR_FILENO});
  if (!client) return -1;
  const auto end = client->WaitForEnd();
  return end ? end->code.value_or(-1) : -1;
}

TEST(ClientTest, GreetsAnHonestDaemonAndStopsIt) {
  auto directory = FakeDirectory::Make();
  ASSERT_TRUE(directory) << directory.error().message;
  EXPECT_EQ(RunClient(*directory), 0);
  auto verdict = directory->Journal().WaitFor("tls");
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_EQ(verdict->Text("accepted"), "true");
  auto end = directory->Journal().WaitFor("exiting");
  EXPECT_TRUE(end) << end.error().message;
}

TEST(ClientTest, SeesThatTheDaemonEnded) {
  auto directory = FakeDirectory::Make({.preset = "exit-with-reason"});
  ASSERT_TRUE(directory) << directory.error().message;
  EXPECT_EQ(RunClient(*directory), 3);
  EXPECT_TRUE(directory->Journal().WaitForFault("exit"));
}

TEST(ClientTest, RefusesAnExpiredCertificate) {
  auto directory = FakeDirectory::Make({.plan = "fault { tls_certificate { defect: EXPIRED } }"});
  ASSERT_TRUE(directory) << directory.error().message;
  EXPECT_EQ(RunClient(*directory), 5);
  EXPECT_TRUE(directory->Journal().WaitForFault("tls_certificate"));
}

}  // namespace
