// Bytes of a stranger, made fit for one line of an error message.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::sidecar {

/// Printable ASCII as it is; quotes, backslashes and everything else as C escapes. At most `limit`
/// bytes of the input are shown; what is cut off is counted, as in `LISTEN... (5000 bytes)`.
std::string Escaped(std::string_view bytes, size_t limit);

}  // namespace zlayer::sidecar
