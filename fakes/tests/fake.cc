#include "fakes/tests/fake.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>

#include <algorithm>
#include <fstream>

namespace zlayer::fakes {

std::string FakePath() { return FAKE_BUILDD_PATH; }

Fake::Fake(const FakeSettings& settings) {
  Process mint({.program = FakePath(), .arguments = {"--mint-tls", directory_ / "tls"}});
  EXPECT_EQ(mint.Wait(), Ended::WithCode(0)) << mint.Stderr();
  const std::ofstream journal(directory_ / "journal");  // inotify wants it to be there

  Command command;
  command.program = settings.program.empty() ? FakePath() : settings.program;
  command.arguments = {"--bind",     "127.0.0.1:0",   "--tls-ca",  tls("ca.pem"),
                       "--tls-cert", tls("cert.pem"), "--tls-key", tls("key.pem")};
  command.arguments.insert(command.arguments.end(), settings.arguments.begin(),
                           settings.arguments.end());
  command.environment = settings.environment;
  command.environment.emplace("ZLAYER_FAKE_JOURNAL", directory_ / "journal");
  if (!settings.plan.empty()) {
    std::ofstream(directory_ / "plan.txtpb") << settings.plan;
    command.environment.emplace("ZLAYER_FAKE_PLAN", directory_ / "plan.txtpb");
  }
  command.block_signals = settings.block_signals;
  process_ = std::make_unique<Process>(command);
}

Fake::~Fake() {
  process_.reset();
  for (const v1::JournalEntry& entry : Journal()) {
    if (entry.has_child_started()) kill(entry.child_started().child_pid(), SIGKILL);
  }
}

std::string Fake::ReadPort() {
  const auto line = process_->ReadStdoutUntil("\n");
  if (!line) return "";
  const std::string head = "LISTENING 127.0.0.1:";
  EXPECT_TRUE(line->starts_with(head)) << *line;
  return line->substr(head.size(), line->size() - head.size() - 1);
}

std::vector<v1::JournalEntry> Fake::Journal() const {
  std::vector<v1::JournalEntry> entries;
  std::ifstream file(directory_ / "journal");
  for (std::string line; std::getline(file, line);) {
    if (file.eof()) break;  // no newline yet
    const auto read = google::protobuf::util::JsonStringToMessage(line, &entries.emplace_back());
    EXPECT_TRUE(read.ok()) << line << ": " << read.ToString();
  }
  return entries;
}

bool Fake::WaitForEntry(const std::function<bool(const v1::JournalEntry&)>& wanted,
                        std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const UniqueFd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  inotify_add_watch(changes.get(), (directory_ / "journal").c_str(), IN_MODIFY);
  for (;;) {
    const auto entries = Journal();
    if (std::any_of(entries.begin(), entries.end(), wanted)) return true;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd changed{.fd = changes.get(), .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&changed, 1, static_cast<int>(left.count())) == 0) return false;
    char events[4096];
    while (read(changes.get(), events, sizeof events) > 0) {
    }
  }
}

bool Fake::WaitForFault(const std::string& kind, std::chrono::milliseconds limit) {
  return WaitForEntry(
      [&](const v1::JournalEntry& entry) { return entry.fault_fired().kind() == kind; }, limit);
}

bool Fake::HasFired(const std::string& kind) const {
  const auto entries = Journal();
  return std::any_of(entries.begin(), entries.end(), [&](const v1::JournalEntry& entry) {
    return entry.fault_fired().kind() == kind;
  });
}

std::vector<std::string> ClientArguments(const Fake& fake, const std::string& port) {
  return {"s_client",
          "-connect",
          "127.0.0.1:" + port,
          "-alpn",
          "h2",
          "-servername",
          "zlayer-buildd",
          "-verify_hostname",
          "zlayer-buildd",
          "-CAfile",
          fake.tls("ca.pem"),
          "-cert",
          fake.tls("cert.pem"),
          "-key",
          fake.tls("key.pem"),
          "-verify_return_error"};
}

}  // namespace zlayer::fakes
