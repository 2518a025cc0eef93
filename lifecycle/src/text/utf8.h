// UTF-8, which protobuf demands of every string.

#pragma once

#include <string_view>

namespace zlayer::sidecar {

/// Whether `text` is well-formed UTF-8 as RFC 3629 defines it. A protobuf message with another
/// string is refused by its receiver, and libprotobuf complains on stderr when it is sent.
bool IsUtf8(std::string_view text);

}  // namespace zlayer::sidecar
