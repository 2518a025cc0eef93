#include "scenarios/runner/report/utf8.h"

#include <cstdint>

namespace zlayer::scenarios {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

std::uint8_t Byte(std::string_view text, size_t index) {
  return index < text.size() ? static_cast<std::uint8_t>(text[index]) : 0;
}

/// Number of bytes of the character at the beginning of `text`; 0 when there is no valid character.
size_t CharacterSize(std::string_view text) {
  const std::uint8_t first = Byte(text, 0);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xc2 && first < 0xe0   ? 2
                      : first >= 0xe0 && first < 0xf0 ? 3
                      : first >= 0xf0 && first < 0xf5 ? 4
                                                      : 0;
  for (size_t i = 1; i < size; ++i) {
    if ((Byte(text, i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  const std::uint8_t second = Byte(text, 1);
  const bool out_of_range = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                            (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return out_of_range ? 0 : size;
}

}  // namespace

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    valid += size == 0 ? kReplacement : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return valid;
}

}  // namespace zlayer::scenarios
