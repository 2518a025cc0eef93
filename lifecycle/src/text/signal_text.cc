#include "lifecycle/src/text/signal_text.h"

#include <fmt/format.h>

#include <cstring>

namespace zlayer::sidecar {

std::string SignalText(int signal) {
  const char* const description = ::sigdescr_np(signal);  // null: it has none
  return description == nullptr ? fmt::format("signal {}", signal)
                                : fmt::format("signal {} ({})", signal, description);
}

}  // namespace zlayer::sidecar
