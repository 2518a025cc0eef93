// Turns Ctrl-C and other requests to end into a descriptor to wait for, so that the program can
// stop what it has started before it exits.

#pragma once

namespace zlayer::tools {

/// Blocks SIGINT, SIGTERM, SIGHUP and SIGPIPE (nobody reads our output any more) in the calling
/// thread and those it starts later, and offers them as a descriptor. Make it before any thread.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Readable once a signal came.
  int fd() const { return fd_; }

  /// Whether a signal came. Does not wait, and takes nothing away.
  bool came() const;

 private:
  int fd_;
};

}  // namespace zlayer::tools
