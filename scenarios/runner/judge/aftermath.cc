#include "scenarios/runner/judge/aftermath.h"

#include <dirent.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "scenarios/runner/process/token_processes.h"

namespace zlayer::scenarios {
namespace {

/// Pipes, sockets and pidfds hold something of a sidecar. Files do not: libraries open them at
/// will.
bool IsJudged(std::string_view link) {
  return link.starts_with("pipe:") || link.starts_with("socket:") || link.ends_with("[pidfd]");
}

/// Waits until no process carries the token. Kills those that still do at the deadline, and
/// describes each of them.
std::vector<std::string> KillLeftovers(std::string_view token, const Deadline& deadline) {
  const std::vector<TokenProcess> left = AwaitNone(token, deadline);
  KillAll(left);
  std::vector<std::string> descriptions;
  for (const TokenProcess& process : left) descriptions.push_back(process.description);
  return descriptions;
}

/// The pid of a child of this process that has ended and was not reaped; 0 when there is none. Does
/// not reap it.
pid_t Zombie() {
  siginfo_t info{};
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return 0;
  return info.si_pid;
}

std::string NewDescriptors(const Footprint& before) {
  const Footprint now = Footprint::OfThisProcess();
  std::vector<std::string> added;
  std::set_difference(now.descriptors.begin(), now.descriptors.end(), before.descriptors.begin(),
                      before.descriptors.end(), std::back_inserter(added));
  std::string list;
  for (const std::string& link : added) list += (list.empty() ? "" : ", ") + link;
  return list;
}

/// The descriptors that are still new at the deadline. This check polls, because gRPC closes the
/// sockets of a destroyed channel on a thread of its own and reports it to nobody.
std::string AwaitNoNewDescriptors(const Footprint& before, const Deadline& deadline) {
  for (;;) {
    std::string left = NewDescriptors(before);
    if (left.empty() || deadline.passed()) return left;
    poll(nullptr, 0, 1);
  }
}

}  // namespace

Footprint Footprint::OfThisProcess() {
  Footprint footprint;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir("/proc/self/fd"), &closedir);
  while (const dirent* entry = open ? readdir(open.get()) : nullptr) {
    char link[256];
    const std::string path = std::string("/proc/self/fd/") + entry->d_name;
    const ssize_t size = readlink(path.c_str(), link, sizeof link);
    if (size <= 0) continue;
    std::string target(link, static_cast<size_t>(size));
    // All pidfds have the same name; the number tells them apart.
    if (target.ends_with("[pidfd]")) target = fmt::format("fd {} {}", entry->d_name, target);
    if (IsJudged(target)) footprint.descriptors.insert(target);
  }
  return footprint;
}

std::vector<Violation> JudgeAftermath(std::string_view token, const Footprint& before,
                                      std::chrono::milliseconds limit) {
  const Deadline deadline(limit);
  std::vector<Violation> violations;
  const auto add = [&](std::string expected, std::string seen) {
    violations.push_back({Verdict::aftermath, "aftermath", std::move(expected), std::move(seen)});
  };
  for (const std::string& process : KillLeftovers(token, deadline)) {
    add(fmt::format("no process of the sidecar after {} ms", limit.count()), process);
  }
  if (const pid_t zombie = Zombie(); zombie != 0) {
    add("no zombie", fmt::format("pid {} has ended and was not waited for", zombie));
  }
  const std::string descriptors = AwaitNoNewDescriptors(before, deadline);
  if (!descriptors.empty()) add("nothing left open", descriptors);
  return violations;
}

}  // namespace zlayer::scenarios
