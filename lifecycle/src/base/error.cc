// The enumerators of ErrorKind and Phase as text. The switches have no default, so that the
// compiler warns about an enumerator without a name.

#include "zlayer/sidecar/error.h"

#include "zlayer/sidecar/config.h"

namespace zlayer::sidecar {

std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::binary_not_found:
      return "binary_not_found";
    case ErrorKind::spawn_failed:
      return "spawn_failed";
    case ErrorKind::exited_before_handshake:
      return "exited_before_handshake";
    case ErrorKind::handshake_malformed:
      return "handshake_malformed";
    case ErrorKind::handshake_timeout:
      return "handshake_timeout";
    case ErrorKind::handshake_io:
      return "handshake_io";
    case ErrorKind::address_invalid:
      return "address_invalid";
    case ErrorKind::address_not_loopback:
      return "address_not_loopback";
    case ErrorKind::dial_failed:
      return "dial_failed";
    case ErrorKind::dial_timeout:
      return "dial_timeout";
    case ErrorKind::server_rejected:
      return "server_rejected";
    case ErrorKind::client_rejected:
      return "client_rejected";
    case ErrorKind::tls_material:
      return "tls_material";
    case ErrorKind::storage:
      return "storage";
    case ErrorKind::sidecar_lost:
      return "sidecar_lost";
    case ErrorKind::crash_loop:
      return "crash_loop";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::config_invalid:
      return "config_invalid";
    case ErrorKind::rpc_timeout:
      return "rpc_timeout";
    case ErrorKind::rpc_failed:
      return "rpc_failed";
    case ErrorKind::build_failed:
      return "build_failed";
    case ErrorKind::build_incomplete:
      return "build_incomplete";
    case ErrorKind::build_malformed:
      return "build_malformed";
  }
  return "unknown";
}

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::discover:
      return "discover";
    case Phase::tls_material:
      return "tls_material";
    case Phase::storage:
      return "storage";
    case Phase::spawn:
      return "spawn";
    case Phase::handshake:
      return "handshake";
    case Phase::dial:
      return "dial";
    case Phase::probe:
      return "probe";
  }
  return "unknown";
}

}  // namespace zlayer::sidecar
