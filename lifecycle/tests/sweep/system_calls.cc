#include "lifecycle/tests/sweep/system_calls.h"

#include <sys/syscall.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>

#include "lifecycle/tests/sweep/system_call_table.h"

namespace zlayer::sidecar {
namespace {

/// "pipe", "socket", "eventfd", "pidfd"; "file" for everything else.
std::string_view KindOf(pid_t thread, std::uint64_t fd) {
  std::error_code failed;
  const std::string link = std::filesystem::read_symlink(
      "/proc/" + std::to_string(thread) + "/fd/" + std::to_string(fd), failed);
  for (const std::string_view kind : {"pipe", "socket", "eventfd", "pidfd"}) {
    if (link.starts_with(std::string(kind) + ":") ||
        link == "anon_inode:[" + std::string(kind) + "]") {
      return kind;
    }
  }
  return "file";
}

bool Matches(const SystemCallMatch& match, const EnteredCall& call) {
  if (static_cast<std::uint64_t>(match.number) != call.number) return false;
  // The kernel takes an int here; the upper half of the register may hold anything.
  if (match.argument >= 0 &&
      static_cast<std::uint32_t>(call.arguments[static_cast<size_t>(match.argument)]) !=
          match.value) {
    return false;
  }
  return match.kind.empty() || KindOf(call.thread, call.arguments[0]) == match.kind;
}

}  // namespace

bool CannotFail(std::uint64_t number) {
  static const std::set<long> numbers = {SYS_brk,     // returns an address, never an error
                                         SYS_tgkill,  // the program's own SIGSTOP
                                         SYS_exit,
                                         SYS_exit_group,
                                         SYS_getpid,
                                         SYS_gettid,
                                         SYS_getppid,
                                         SYS_getuid,
                                         SYS_geteuid,
                                         SYS_getgid,
                                         SYS_getegid,
                                         SYS_set_robust_list,
                                         SYS_rseq,
                                         SYS_rt_sigaction,
                                         SYS_rt_sigreturn,
                                         SYS_restart_syscall,
                                         SYS_prctl,
                                         SYS_sched_yield,
                                         SYS_clock_gettime,
                                         SYS_clock_nanosleep,
                                         SYS_madvise,
                                         SYS_sched_getparam,
                                         SYS_sched_getscheduler,
                                         SYS_umask};
  return numbers.contains(static_cast<long>(number));
}

const SystemCall* FindSystemCall(const EnteredCall& call) {
  for (const SystemCallRow& row : SystemCallTable()) {
    if (Matches(row.match, call)) return &row.call;
  }
  return nullptr;
}

const std::vector<int>& ErrorsOf(std::string_view name) {
  static const std::vector<int> none;
  const auto row = std::find_if(SystemCallTable().begin(), SystemCallTable().end(),
                                [&](const SystemCallRow& one) { return one.call.name == name; });
  return row == SystemCallTable().end() ? none : row->call.errors;
}

std::string_view ErrorName(int error) { return ::strerrorname_np(error); }

}  // namespace zlayer::sidecar
