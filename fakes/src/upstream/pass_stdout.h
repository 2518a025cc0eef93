// What the upstream prints goes to the fake's stdout, unchanged.

#pragma once

#include <string>

#include "fakes/src/process/waiter.h"
#include "fakes/src/upstream/first_line.h"
#include "fakes/src/upstream/upstream.h"

namespace zlayer::fakes::daemon {

/// The first line of the upstream.
struct FirstLine {
  std::string text;  ///< with its newline; not complete when the stream ended or it was too long
  std::string rest;  ///< what came together with it
};

/// Waits for the line, however long that takes, and journals it.
FirstLine ReadFirstLine(Upstream& upstream, Journal& journal);

/// Prints `bytes` and whatever else the upstream prints, and ends as it does. For an upstream whose
/// first line names no address: the client gets what it would have got from it. Main thread.
[[noreturn]] void PassAndEndAlike(Upstream& upstream, const std::string& bytes);

/// Prints `bytes` and whatever else comes from `out`, a non-blocking pipe, until its end or until
/// `wait` returns Woke::stop. At the end, stdout is closed.
void PassStdout(int out, const std::string& bytes, const Waiter& wait);

}  // namespace zlayer::fakes::daemon
