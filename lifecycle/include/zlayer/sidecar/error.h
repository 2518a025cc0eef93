// Why a sidecar could not be had, or a call on one failed.
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

enum class ErrorKind {
  binary_not_found,         ///< no candidate is an executable regular file; the message lists them
  spawn_failed,             ///< the kernel did not start the binary: path and errno text
  exited_before_handshake,  ///< ended without a line: exit code or signal, end of stderr
  handshake_malformed,      ///< the line, escaped and shortened
  handshake_timeout,        ///< no line within the limit
  handshake_io,             ///< stdout ended or cannot be read, while the process lives
  address_invalid,          ///< host or port that nobody can dial
  address_not_loopback,     ///< a sidecar of our own announced another machine's address
  dial_failed,              ///< no connection, or no answer to the first RPC: address and reason
  dial_timeout,             ///< connection, TLS and first RPC took longer than the limit
  server_rejected,          ///< we refused the server: the reason of the verification
  client_rejected,          ///< the server refused us: its TLS alert
  tls_material,             ///< certificates or key cannot be made, read or used: the file
  storage,                  ///< a storage directory cannot be made: the path and errno text
  sidecar_lost,             ///< it was up and is gone
  crash_loop,               ///< it failed too often in a row: the last cause, and when to ask again
  cancelled,                ///< the caller's stop token was triggered
  config_invalid,           ///< a setting that makes no sense: its name and value
  rpc_timeout,              ///< a call's deadline was over before its end
  rpc_failed,               ///< a call ended with another gRPC status: its name and message
  build_failed,             ///< the daemon's error event: its kind and message
  build_incomplete,         ///< a Build stream ended well, without `finished` or `error`
  build_malformed,          ///< a Build stream went on after `finished` or `error`
};

/// The enumerator's name, such as "handshake_timeout". Static storage.
std::string_view ErrorKindName(ErrorKind kind);

struct LifecycleError {
  ErrorKind kind;
  /// One line for a person, without the kind's name.
  std::string message;
  /// How the sidecar ended by itself, where it did. At most one of the two is set.
  std::optional<int> exit_code;
  std::optional<int> signal;
  /// The end of what the sidecar wrote to stderr, at most 64 KiB, as it was written.
  std::string stderr_tail;
  /// With crash_loop: how long until a start is allowed.
  std::chrono::milliseconds retry_after{0};
  /// The same call on a new Ensure() may succeed: the sidecar went away, nothing was refused. Only
  /// with sidecar_lost of a call.
  bool retryable = false;
  /// The `kind` of the error event that ended a build, such as "exec"; empty without one.
  std::string build_error_kind = {};
};

template <typename T>
using Result = tl::expected<T, LifecycleError>;

}  // namespace zlayer::sidecar
