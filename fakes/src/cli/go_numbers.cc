#include <charconv>
#include <limits>

#include "fakes/src/cli/go_flags.h"

namespace zlayer::fakes::daemon {
namespace {

struct Digits {
  std::string_view text;
  int base = 10;
};

/// Takes the prefix that tells the base.
Digits WithoutPrefix(std::string_view text) {
  if (text.size() < 2 || text[0] != '0') return {text};
  switch (text[1]) {
    case 'x':
    case 'X':
      return {text.substr(2), 16};
    case 'b':
    case 'B':
      return {text.substr(2), 2};
    case 'o':
    case 'O':
      return {text.substr(2), 8};
    default:
      return {text.substr(1), 8};
  }
}

/// Takes the underscores out, which may only stand between two digits, or a prefix and a digit.
std::optional<std::string> WithoutUnderscores(std::string_view text, std::string_view digits) {
  std::string plain;
  // A leading 0 is a prefix, so that an underscore may follow it.
  bool behind_digit = digits.size() < text.size();
  for (const char c : digits) {
    if (c == '_' && !behind_digit) return std::nullopt;
    behind_digit = c != '_';
    if (c != '_') plain += c;
  }
  if (!behind_digit) return std::nullopt;
  return plain;
}

}  // namespace

std::optional<std::uint64_t> ParseUint(std::string_view text) {
  const Digits digits = WithoutPrefix(text);
  const auto plain = WithoutUnderscores(text, digits.text);
  if (!plain || plain->empty()) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = plain->data() + plain->size();
  const auto [parsed, error] = std::from_chars(plain->data(), end, number, digits.base);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

std::optional<std::int64_t> ParseInt(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto number = ParseUint(text);
  constexpr auto kGreatest = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (!number || *number > kGreatest + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? ~*number + 1 : *number);
}

}  // namespace zlayer::fakes::daemon
