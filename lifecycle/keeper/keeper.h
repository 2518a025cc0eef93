// The keeper: the parent and subreaper of one sidecar.
//
// This is the main header of the folder keeper/; start reading here, then in
// lifecycle/src/spawn/keeper_protocol.h. main.cc checks how it was started and runs a Keeper.
// start_program.cc starts the sidecar where the library could not start it first. descendants.cc
// kills what the sidecar started. system_call.h replaces the C library.
//
// A keeper has one thread and one sidecar, which these files call the program. It shares no
// memory with the host, only the socket pair and the host's pidfd. So it goes on after the host is
// killed, until nothing of the program is left.

#pragma once

#include <sys/types.h>

namespace zlayer::sidecar {

/// Sends the signals that the host asks for to the program's process group, and reports the
/// program's end. When the program or the host ends, the keeper kills everything that the program
/// started. What has left the process group does not escape: the keeper is a subreaper, so orphans
/// become its children.
class Keeper {
 public:
  /// `program`: the pid of the program, a child of this process; 0: the program does not run yet.
  explicit Keeper(pid_t program) : program_(program) {}

  /// `argv` and `environment` are the program's, for a program that does not run yet. Returns when
  /// nothing of the program is left.
  void Run(char* const* argv, char* const* environment);

 private:
  enum class Woke { orders, host_gone, signals };

  void Guard() const;
  Woke Wait() const;
  bool TakeOrder() const;
  void TakeSignals() const;
  bool ProgramEnded() const;
  void End() const;

  pid_t program_;     // reaped in End only, so the kernel does not reuse the number; 0: none
  int signals_ = -1;  // a signalfd
};

}  // namespace zlayer::sidecar
