// The guard of one sidecar.

#pragma once

#include <sys/types.h>

#include "../src/keeper_protocol.h"

namespace zlayer::sidecar {

/// Runs the program when the host says so, passes the host's signals on to its process group, and
/// reports its end. When the program ends, or the host does, everything that the program started is
/// killed, wherever it has gone: the keeper is its subreaper.
class Keeper {
 public:
  /// `environment`: the program's.
  explicit Keeper(char* const* environment) : environment_(environment) {}

  /// Returns when nothing of the program is left.
  void Run();

 private:
  enum class Woke { orders, host_gone, signals };

  Woke Wait() const;
  bool TakeOrder();
  void StartProgram(int strings, int size);
  void TakeSignals();
  bool ProgramEnded();
  void End();

  char* const* const environment_;
  int signals_ = -1;    // a signalfd
  pid_t program_ = -1;  // not reaped yet, so the number is its own; -1: none
  char order_[kLongestOrder];
};

}  // namespace zlayer::sidecar
