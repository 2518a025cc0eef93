// The arguments and the environment of the upstream.

#pragma once

#include <string>
#include <vector>

namespace zlayer::fakes::daemon {

/// The upstream has this variable in its environment: the fake's process id. A fake that has it
/// must not have an upstream of its own, or a path that leads back to the fake would start fakes
/// without end.
inline constexpr char kIsUpstream[] = "ZLAYER_FAKE_UPSTREAM_OF";

/// The fake's own arguments for the program at `path`, but with a port of its own: each `--bind`
/// has 127.0.0.1:0 in place of its value. Without a `--bind`, one is
/// added, but not for `--version`. Reads the flags by Go's
/// rules, where every flag but `--version` has a value.
std::vector<std::string> UpstreamArguments(const std::string& path, const char* const* argv);

/// The environment of this process without the variables ZLAYER_FAKE_*, and with kIsUpstream.
std::vector<std::string> UpstreamEnvironment();

/// Pointers to `strings`, and a null behind them, as execve(2) takes them.
std::vector<char*> Pointers(std::vector<std::string>& strings);

}  // namespace zlayer::fakes::daemon
