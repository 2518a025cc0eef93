// Makes text of untrusted origin, such as a sidecar's output, safe for a one-line error message.
//
// - Escaped is called where a message quotes such text. The text cannot end the quotes.
// - Fail (make_error.h) applies OneLine to every message that it makes. So the message stays one
//   line even where Escaped was forgotten.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::sidecar {

/// How many bytes of one stranger's text a message shows.
inline constexpr size_t kShownOfAStranger = 4096;

/// The bytes of a whole message, the length at its end not counted. Long enough for a list of every
/// path that was tried.
inline constexpr size_t kLongestMessage = 32 * 1024;

/// Keeps printable ASCII; double quotes, backslashes and all other bytes become C escapes. Shows at
/// most `limit` bytes of the input and then the length of the whole: `LISTEN... (5000 bytes)`.
std::string Escaped(std::string_view bytes, size_t limit = kShownOfAStranger);

/// Keeps printable ASCII, double quotes and backslashes too; all other bytes become C escapes. Cut
/// after kLongestMessage bytes, as by Escaped.
std::string OneLine(std::string message);

}  // namespace zlayer::sidecar
