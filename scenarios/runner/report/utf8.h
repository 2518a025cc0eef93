// Makes valid UTF-8 of bytes that a fake or a client has written: JSON can carry nothing else.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::scenarios {

/// Returns `text` with U+FFFD in place of each byte that is not part of well-formed UTF-8 (Unicode
/// 15, table 3-7).
std::string ValidUtf8(std::string_view text);

}  // namespace zlayer::scenarios
