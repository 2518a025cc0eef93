#include "fakes/src/service/reference.h"

#include <algorithm>
#include <cctype>

namespace zlayer::fakes::daemon {
namespace {

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsHostCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == ':' ||
         c == '[' || c == ']';
}

/// Lower-case letters and digits, with '.', '_' or '-' between them.
bool IsPathComponent(std::string_view text) {
  if (text.empty() || !IsLowerOrDigit(text.front()) || !IsLowerOrDigit(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLowerOrDigit(c) || c == '.' || c == '_' || c == '-'; });
}

bool IsTag(std::string_view text) {
  if (text.empty() || text.size() > 128 || text.front() == '.' || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

bool IsDigest(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + 64) return false;
  return std::all_of(text.begin() + kPrefix.size(), text.end(),
                     [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
}

/// Docker's rule: the first component is a host when it is `localhost` or has a '.' or a ':'.
bool IsHost(std::string_view text) {
  if (text != "localhost" && text.find_first_of(".:") == text.npos) return false;
  return std::all_of(text.begin(), text.end(), IsHostCharacter);
}

}  // namespace

bool IsReference(std::string_view text) {
  constexpr std::string_view kTransport = "docker://";
  if (text.starts_with(kTransport)) text.remove_prefix(kTransport.size());
  if (IsDigest(text)) return true;
  if (const size_t at = text.find('@'); at != text.npos) {
    if (!IsDigest(text.substr(at + 1))) return false;
    text = text.substr(0, at);
  }
  const size_t colon = text.rfind(':');
  if (colon != text.npos && text.find('/', colon) == text.npos) {
    if (!IsTag(text.substr(colon + 1))) return false;
    text = text.substr(0, colon);
  }
  const size_t first = text.find('/');
  if (first != text.npos && IsHost(text.substr(0, first))) text.remove_prefix(first + 1);
  for (;;) {
    const size_t slash = text.find('/');
    if (!IsPathComponent(text.substr(0, slash))) return false;
    if (slash == text.npos) return true;
    text.remove_prefix(slash + 1);
  }
}

}  // namespace zlayer::fakes::daemon
