// The table of the sweep: each system call that the library's threads make, and the errors that it
// may give there.
//
// What a call may do depends on more than its number: epoll_ctl(2) fails in other ways to add a
// descriptor than to remove it, and read(2) of an eventfd never gives EIO. So the table names calls
// by number, argument and kind of descriptor: "epoll_ctl(add)", "read(pipe)".

#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace zlayer::sidecar {

/// One row of the table. A row without errors is swept late only.
struct SystemCall {
  std::string_view name;
  std::vector<int> errors;
  /// The kernel does the work even when it reports the error, as close(2) does.
  bool done_anyway = false;
};

/// A system call as a tracer sees it when a thread enters it.
struct EnteredCall {
  pid_t thread;
  std::uint64_t number;
  std::array<std::uint64_t, 6> arguments;
};

/// Whether the sweep passes over calls of this number: they only ask for something of the process
/// or the clock, and cannot fail with the arguments that are in use.
bool CannotFail(std::uint64_t number);

/// Returns the row of the call, or null if the table does not know it.
const SystemCall* FindSystemCall(const EnteredCall& call);

/// The errors of the row of this name.
const std::vector<int>& ErrorsOf(std::string_view name);

/// Returns the errno value's name, such as "EMFILE".
std::string_view ErrorName(int error);

}  // namespace zlayer::sidecar
