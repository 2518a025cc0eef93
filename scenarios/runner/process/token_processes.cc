#include "scenarios/runner/process/token_processes.h"

#include <dirent.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>

#include "proto/message_file.h"

namespace zlayer::scenarios {
namespace {

std::string ProcFile(pid_t pid, std::string_view file) {
  return ReadFile(fmt::format("/proc/{}/{}", pid, file)).value_or("");
}

/// Whether the environment of `pid` has kTokenVariable with exactly this value. False for a zombie
/// and for a process that this one may not read.
bool Carries(pid_t pid, std::string_view token) {
  const std::string wanted = fmt::format("{}={}", kTokenVariable, token);
  const std::string environment = ProcFile(pid, "environ");
  for (size_t at = 0; (at = environment.find(wanted, at)) != environment.npos; ++at) {
    const size_t end = at + wanted.size();
    const bool begins = at == 0 || environment[at - 1] == '\0';
    if (begins && (end == environment.size() || environment[end] == '\0')) return true;
  }
  return false;
}

std::vector<pid_t> AllPids() {
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), &closedir);
  std::vector<pid_t> pids;
  while (const dirent* entry = proc ? readdir(proc.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) pids.push_back(pid);
  }
  return pids;
}

/// For people; see TokenProcess::description.
std::string Describe(pid_t pid) {
  std::string command = ProcFile(pid, "cmdline");
  std::replace(command.begin(), command.end(), '\0', ' ');
  const std::string stat = ProcFile(pid, "stat");  // pid (name) state ppid pgrp session ...
  int parent = 0;
  int group = 0;
  int session = 0;
  const size_t name_end = stat.rfind(')');
  if (name_end != stat.npos) {
    std::sscanf(stat.c_str() + name_end + 1, " %*c %d %d %d", &parent, &group, &session);
  }
  return fmt::format("pid {}, parent {}, group {}, session {}: {}", pid, parent, group, session,
                     command.substr(0, 120));
}

/// Adds the processes with `token` that are not in `seen` yet.
void ScanOnce(std::string_view token, std::set<pid_t>* seen, std::vector<TokenProcess>* found) {
  for (const pid_t pid : AllPids()) {
    if (seen->contains(pid) || !Carries(pid, token)) continue;
    TokenProcess process = PinByToken(pid, token);
    if (!process.pidfd) continue;
    seen->insert(pid);
    found->push_back(std::move(process));
  }
}

}  // namespace

std::string NewToken() {
  std::uint64_t words[2] = {};
  if (getrandom(words, sizeof words, 0) != sizeof words) std::abort();  // cannot fail once seeded
  return fmt::format("{:016x}{:016x}", words[0], words[1]);
}

TokenProcess PinByToken(pid_t pid, std::string_view token) {
  TokenProcess process{pid, UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))), ""};
  // Before pidfd_open the kernel could have given `pid` to another process. From then on the pidfd
  // pins the process, so the environment is read (again) after it.
  if (process.pidfd && Carries(pid, token)) {
    process.description = Describe(pid);
  } else {
    process.pidfd.Reset();
  }
  return process;
}

// One pass can miss a process: it may be forked after its parent was looked at, or it may be in
// execve, when its environment reads as empty. So passes are repeated until two in a row find
// nothing new.
std::vector<TokenProcess> FindByToken(std::string_view token) {
  std::set<pid_t> seen;
  std::vector<TokenProcess> found;
  for (int quiet = 0; quiet < 2;) {
    const size_t before = found.size();
    ScanOnce(token, &seen, &found);
    quiet = found.size() == before ? quiet + 1 : 0;
  }
  return found;
}

std::vector<TokenProcess> AwaitNone(std::string_view token, const Deadline& deadline) {
  for (;;) {
    std::vector<TokenProcess> left = FindByToken(token);
    if (left.empty()) return left;
    for (const TokenProcess& process : left) {
      pollfd ended{process.pidfd.get(), POLLIN, 0};
      poll(&ended, 1, deadline.poll_ms());
    }
    if (deadline.passed()) return FindByToken(token);
  }
}

void KillAll(const std::vector<TokenProcess>& processes) {
  for (const TokenProcess& process : processes) {
    syscall(SYS_pidfd_send_signal, process.pidfd.get(), SIGKILL, nullptr, 0);
  }
  const Deadline deadline(std::chrono::seconds(1));
  for (const TokenProcess& process : processes) {
    pollfd ended{process.pidfd.get(), POLLIN, 0};
    poll(&ended, 1, deadline.poll_ms());
  }
}

}  // namespace zlayer::scenarios
