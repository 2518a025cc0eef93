// The guard of one sidecar.

#pragma once

#include <sys/types.h>

namespace zlayer::sidecar {

/// Passes the host's signals on to the program's process group, and reports its end. When the
/// program ends, or the host does, everything that the program started is killed, wherever it has
/// gone: the keeper is its subreaper.
class Keeper {
 public:
  /// `program`: its pid, a child of this process; 0: it does not run yet.
  explicit Keeper(pid_t program) : program_(program) {}

  /// `argv`, `environment`: the program's. Returns when nothing of the program is left.
  void Run(char* const* argv, char* const* environment);

 private:
  enum class Woke { orders, host_gone, signals };

  void Guard() const;
  Woke Wait() const;
  bool TakeOrder() const;
  void TakeSignals() const;
  bool ProgramEnded() const;
  void End() const;

  pid_t program_;     // not reaped yet, so the number is its own; 0: none
  int signals_ = -1;  // a signalfd
};

}  // namespace zlayer::sidecar
