// Names a signal in a message.

#pragma once

#include <string>

namespace zlayer::sidecar {

/// "signal 9 (Killed)"; "signal 34" for a signal that has no description, such as a real-time
/// signal. Any number is accepted. Thread-safe, unlike strsignal(3).
std::string SignalText(int signal);

}  // namespace zlayer::sidecar
