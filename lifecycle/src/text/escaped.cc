#include "lifecycle/src/text/escaped.h"

#include <fmt/format.h>

#include <algorithm>

namespace zlayer::sidecar {
namespace {

bool IsPrintableAscii(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f;
}

/// Appends `c`, as a C escape if it is not printable ASCII.
void AppendPrintable(char c, std::string* out) {
  if (IsPrintableAscii(c)) {
    *out += c;
    return;
  }
  switch (c) {
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default:
      *out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

std::string Escaped(std::string_view bytes, size_t limit) {
  std::string out;
  for (const char c : bytes.substr(0, limit)) {
    if (c == '"' || c == '\\') out += '\\';
    AppendPrintable(c, &out);
  }
  if (bytes.size() > limit) out += fmt::format("... ({} bytes)", bytes.size());
  return out;
}

std::string OneLine(std::string message) {
  if (std::all_of(message.begin(), message.end(), IsPrintableAscii) &&
      message.size() <= kLongestMessage) {
    return message;
  }
  std::string out;
  for (const char c : message) {
    if (out.size() >= kLongestMessage) {
      out.resize(kLongestMessage);
      return out + fmt::format("... ({} bytes)", message.size());
    }
    AppendPrintable(c, &out);
  }
  return out;
}

}  // namespace zlayer::sidecar
