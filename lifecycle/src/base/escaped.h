// Makes bytes of untrusted origin, such as a sidecar's output, safe for a one-line error message.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::sidecar {

/// Keeps printable ASCII; double quotes, backslashes and all other bytes become C escapes. Shows at
/// most `limit` bytes of the input and then the length of the whole: `LISTEN... (5000 bytes)`.
std::string Escaped(std::string_view bytes, size_t limit);

}  // namespace zlayer::sidecar
