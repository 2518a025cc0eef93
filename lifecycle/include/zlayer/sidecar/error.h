// The error type of this library: why a start, a call or a build failed.
//
//   auto live = lifecycle.Ensure();
//   if (!live && live.error().kind == ErrorKind::client_rejected) RenewCertificates();
//   if (!live) std::cerr << live.error().message << '\n' << live.error().stderr_tail;

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace zlayer::sidecar {

/// What went wrong. Each comment tells after its colon what LifecycleError::message names.
enum class ErrorKind {
  binary_not_found,         ///< no candidate is an executable regular file: every path tried
  spawn_failed,             ///< the binary or its keeper could not be started: path and reason;
                            ///< or this process cannot use the library: what it lacks
  exited_before_handshake,  ///< it ended without a line: exit code or signal, end of stderr
  handshake_malformed,      ///< stdout began with something else: the line, escaped and shortened
  handshake_timeout,        ///< no handshake line in time: the limit
  handshake_io,             ///< stdout ended or failed while the process lives: why
  address_invalid,          ///< the line names a host or port that cannot be dialled: the address
  address_not_loopback,     ///< a spawned sidecar does not listen on loopback: its address
  dial_failed,              ///< no connection, or no answer to the first RPC: address and reason
  dial_timeout,             ///< TCP, TLS and first RPC did not end in time: address and limit
  server_rejected,          ///< we refused the server's TLS or certificate: the reason
  client_rejected,          ///< the server refused us: its TLS alert
  tls_material,             ///< certificates or key cannot be made, read or used: file and reason
  storage,                  ///< a storage directory cannot be made or is not safe: path, reason
  sidecar_lost,             ///< the sidecar ended, or its connection did: how
  crash_loop,               ///< too many failures in a row: the last cause, when to ask again
  cancelled,                ///< the caller's stop token was triggered, its deadline has passed, or
                            ///< Shutdown or the destructor ended the start
  config_invalid,           ///< a setting or a request's text makes no sense: its name, and why
  rpc_timeout,              ///< a call did not end before its deadline
  rpc_failed,               ///< a call ended with another gRPC status: the status, its message
  build_failed,             ///< the daemon sent an `error` event: its kind and message
  build_incomplete,         ///< a Build stream ended with OK, but without `finished` or `error`
  build_malformed,          ///< another event than a line came after `finished` or `error`: which
};

/// Returns the enumerator's name, such as "handshake_timeout". The text has static storage.
std::string_view ErrorKindName(ErrorKind kind);

/// A value type; owns its texts.
struct LifecycleError {
  ErrorKind kind;
  /// One line for a person. Does not contain the name of `kind`.
  std::string message;
  /// How the sidecar ended, if it ended by itself. At most one of exit_code and signal is set.
  std::optional<int> exit_code;
  std::optional<int> signal;
  /// The last 64 KiB at most of what the sidecar wrote to stderr: its raw bytes, not escaped.
  std::string stderr_tail;
  /// With crash_loop: the time until the next start is allowed. Otherwise 0.
  std::chrono::milliseconds retry_after{0};
  /// True if the same call may succeed on the sidecar of a new Ensure(): the sidecar went away, and
  /// nothing was refused. Only set by LiveSidecar::Explain, Call and RunBuild, with sidecar_lost. A
  /// call may have taken effect all the same; a build that may be repeated had not begun.
  bool retryable = false;
  /// The `kind` of the `error` event that ended a build, such as "exec". Empty if there was none.
  std::string build_error_kind = {};
};

template <typename T>
using Result = tl::expected<T, LifecycleError>;

}  // namespace zlayer::sidecar
