// Words of a request as the deployed daemon reads them: without the spaces around them, in any
// case. And the id of a request that has none.

#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace zlayer::fakes::daemon {

inline std::string Trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == text.npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1));
}

/// Trimmed, and ASCII letters in lower case.
inline std::string Word(std::string_view text) {
  std::string word = Trimmed(text);
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return word;
}

inline bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A random UUID (RFC 9562, version 4).
std::string NewUuid();

}  // namespace zlayer::fakes::daemon
