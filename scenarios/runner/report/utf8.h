// Text that JSON and XML can carry, from bytes that a fake or a client said.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::scenarios {

/// `text` with each byte that is no part of well-formed UTF-8 (Unicode 15, table 3-7) as U+FFFD.
std::string ValidUtf8(std::string_view text);

}  // namespace zlayer::scenarios
