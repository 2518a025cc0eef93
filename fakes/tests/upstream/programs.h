// Programs that a fake stands in front of, and a look at what is left of them.
//
//   Programs programs;
//   Fake fake({.environment = programs.Behind(programs.FakeWith("fault { hang {} }"))});

#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "fakes/fixture/journal_messages.h"
#include "fakes/fixture/pidfd.h"
#include "fakes/fixture/unique_fd.h"
#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/fixture/shared_place.h"
#include "fakes/tests/fixture/temporary_directory.h"

namespace zlayer::fakes {

/// Waits for the end of a process that is not a child of this one. Holds the process, not its
/// number.
class Watched {
 public:
  explicit Watched(pid_t pid) : process_(OpenPidfd(pid)) { EXPECT_TRUE(process_) << pid; }

  bool Ends(std::chrono::milliseconds limit = kPatience) const {
    pollfd ended{.fd = process_.get(), .events = POLLIN, .revents = 0};
    return poll(&ended, 1, static_cast<int>(limit.count())) == 1;
  }

 private:
  fixture::UniqueFd process_;
};

/// Every process of a test carries a variable of its own.
class Programs {
 public:
  /// The environment of a fake in front of `program`.
  std::map<std::string, std::string> Behind(const std::string& program) const {
    return {{"ZLAYER_FAKE_UPSTREAM", program}, {"UPSTREAM_TEST", directory_.path()}};
  }
  /// A shell script that can be executed.
  std::string Script(const std::string& text) {
    std::string path = directory_ / ("script-" + std::to_string(++scripts_));
    std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  /// Another fake with this plan; Journal() is what it sees. The shell runs `before` first.
  std::string FakeWith(const std::string& plan, const std::string& before = "") {
    std::ofstream(directory_ / "plan.txtpb") << "why: \"an upstream\" " << plan;
    const std::ofstream journal(directory_ / "journal");
    return Script(before + "\nexport ZLAYER_FAKE_PLAN=" + (directory_ / "plan.txtpb") +
                  " ZLAYER_FAKE_JOURNAL=" + (directory_ / "journal") + "\nexec " + FakePath() +
                  " \"$@\"");
  }
  std::vector<v1::JournalEntry> Journal() const {
    return ReadMessages(directory_ / "journal").value_or(std::vector<v1::JournalEntry>());
  }
  bool WaitForEntry(const std::function<bool(const v1::JournalEntry&)>& wanted) const {
    return FollowMessages(directory_ / "journal", {.deadline = Clock::now() + kPatience}, wanted) ==
           Followed::found;
  }

  /// The processes of the test: the fake, its guardian, and all of the upstream. No zombies.
  std::vector<std::string> Left() const {
    return ProcessesWith("UPSTREAM_TEST=" + directory_.path());
  }

  const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
  int scripts_ = 0;
};

/// Waits until the fake's upstream, made by FakeWith(), has accepted a connection: from then on it
/// handles signals.
inline void AwaitServing(Fake& fake, const Programs& programs) {
  Process client({.program = "openssl", .arguments = ClientArguments(fake, fake.ReadPort())});
  EXPECT_TRUE(client.Wait());
  EXPECT_TRUE(
      programs.WaitForEntry([](const v1::JournalEntry& entry) { return entry.tls().accepted(); }));
}

/// The upstream's process id, once it runs; 0: it did not come.
inline pid_t UpstreamOf(Fake& fake) {
  pid_t pid = 0;
  fake.WaitForEntry([&](const v1::JournalEntry& entry) {
    if (entry.upstream().child_pid() != 0) pid = entry.upstream().child_pid();
    return pid != 0;
  });
  return pid;
}

/// 0: the process is gone.
inline pid_t ParentOf(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  // "pid (name) state parent ..."; the name may contain spaces and parentheses.
  return text.empty() ? 0 : std::stoi(text.substr(text.rfind(')') + 4));
}

}  // namespace zlayer::fakes
