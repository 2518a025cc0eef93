// The keeper: the parent and subreaper of one sidecar.
//
// This is the main header of the folder keeper/; start reading here, then in
// lifecycle/src/spawn/keeper_protocol.h. main.cc checks how it was started and runs a Keeper.
// start_program.cc starts the sidecar where the library could not start it first. descendants.cc
// kills what the sidecar started. report.cc tells the host. system_call.h replaces the C library.
//
// A keeper has one thread and one sidecar, which these files call the program. It shares no
// memory with the host, only the socket pair and the host's pidfd. So it goes on after the host is
// killed, until nothing of the program is left. A program whose host has died is stopped as the
// host would have stopped it: SIGTERM, the grace, SIGKILL. At once SIGKILL would leave what only
// the program can undo, such as mounts.

#pragma once

#include <sys/types.h>

namespace zlayer::sidecar {

/// Sends the signals that the host asks for to the program's process group, and reports the
/// program's end. When the host ends, the keeper stops the program. When the program has ended, the
/// keeper kills everything that the program started. What has left the process group does not
/// escape: the keeper is a subreaper, so orphans become its children.
class Keeper {
 public:
  /// `program`: the pid of the program, a child of this process; 0: the program does not run yet.
  /// `grace_ms`: from SIGTERM to SIGKILL after the host's death, in milliseconds.
  Keeper(pid_t program, long grace_ms) : program_(program), grace_ms_(grace_ms) {}

  /// `argv` and `environment` are the program's, for a program that does not run yet. Returns when
  /// nothing of the program is left.
  void Run(char* const* argv, char* const* environment);

 private:
  enum class Woke { orders, host_gone, signals, output, grace_over };

  void Guard();
  Woke Wait() const;
  void DropOutput();
  bool TakeOrder();
  void TakeSignals();
  void StopWithoutHost();
  void Terminate();
  bool ProgramEnded() const;
  void End() const;

  pid_t program_;     // reaped in End only, so the kernel does not reuse the number; 0: none
  int signals_ = -1;  // a signalfd
  const long grace_ms_;
  long grace_end_ms_ = -1;  // monotonic time; -1: the program has not been sent SIGTERM
  bool host_gone_ = false;
  int outputs_[2] = {-1, -1};  // the program's stdout and stderr, once the host is gone; -1: closed
};

}  // namespace zlayer::sidecar
