// The fake as a plain child: stdin /dev/null, stdout and stderr pipes, what a program does that has
// only system calls.
//
//   auto child = PipedChild::Start(world);           // posix_spawn(3)
//   std::string line = child->ReadLine();            // "LISTENING 127.0.0.1:40123"
//   child->Signal(SIGTERM);
//   auto ended = child->Wait();
//
// PipedChild does not use the fixture's ChildProcess, because benchmarks measure PipedChild as a
// peer of the library: a pidfd, a poll or a change of signals would add to its time. It uses the
// fixture's UniqueFd, which costs nothing.

#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "fakes/fixture/unique_fd.h"
#include "world.h"

namespace zlayer::bench {

using fakes::fixture::UniqueFd;

/// The words of a command line as exec has them: pointers into `words`, then a null pointer.
std::vector<char*> Argv(std::vector<std::string>& words);

/// The fake's command line, the program first.
std::vector<std::string> FakeCommand(const World& world);

/// The first line, without its newline; empty when none comes.
std::string ReadLine(int fd);

/// Starts argv[0] with the two descriptors as its stdout and stderr. Returns an errno value.
using Launch = int (*)(char* const* argv, int out, int err, pid_t* pid);

int PosixSpawn(char* const* argv, int out, int err, pid_t* pid);

/// Killed and reaped when it goes. Its stderr stays unread: the honest fake writes far less than
/// the 64 KiB that a pipe holds.
class PipedChild {
 public:
  static tl::expected<PipedChild, std::string> Start(const World& world,
                                                     Launch launch = &PosixSpawn);

  PipedChild(PipedChild&& other) noexcept;
  PipedChild& operator=(PipedChild&&) = delete;
  ~PipedChild();

  std::string ReadLine() const { return bench::ReadLine(out_.get()); }
  /// For another reader; this object has none then.
  UniqueFd TakeStdout() { return std::move(out_); }

  void Signal(int signal) const;
  /// Blocks until it has ended and is reaped. Fails unless its status is 0.
  tl::expected<void, std::string> Wait();
  /// The same, but false when it still runs.
  tl::expected<bool, std::string> TryWait();

 private:
  PipedChild(UniqueFd out, UniqueFd err) : out_(std::move(out)), err_(std::move(err)) {}
  tl::expected<bool, std::string> Reap(int more_flags);

  pid_t pid_ = -1;  // -1 once reaped
  UniqueFd out_;
  UniqueFd err_;
};

}  // namespace zlayer::bench
