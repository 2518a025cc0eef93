// A path as text for a message.

#pragma once

#include <string>
#include <string_view>

#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {

/// How many bytes of a path a message shows at most: more than paths have in practice, and less
/// than PATH_MAX.
inline constexpr size_t kMostOfAPath = 512;

/// A path may hold any byte but NUL: newlines, escape sequences of a terminal, text that is not
/// UTF-8. Every path in a message passes through here.
inline std::string PathText(std::string_view path) { return Escaped(path, kMostOfAPath); }

}  // namespace zlayer::sidecar
