#include "zlayer/sidecar/config.h"

namespace zlayer::sidecar {

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
