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

bool HasHost(std::string_view reference) {
  const size_t slash = reference.find('/');
  return slash != reference.npos && IsHost(reference.substr(0, slash));
}

}  // namespace

bool IsReference(std::string_view text) {
  if (const size_t at = text.find('@'); at != text.npos) {
    if (!IsDigest(text.substr(at + 1))) return false;
    text = text.substr(0, at);
  }
  if (HasTag(text)) {
    const size_t colon = text.rfind(':');
    if (!IsTag(text.substr(colon + 1))) return false;
    text = text.substr(0, colon);
  }
  if (HasHost(text)) text.remove_prefix(text.find('/') + 1);
  for (;;) {
    const size_t slash = text.find('/');
    if (!IsPathComponent(text.substr(0, slash))) return false;
    if (slash == text.npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool IsDestination(std::string_view text) {
  constexpr std::string_view kRegistry = "docker://";
  if (text.starts_with(kRegistry)) return IsReference(text.substr(kRegistry.size()));
  for (const std::string_view transport : {"containers-storage:", "dir:", "docker-archive:",
                                           "docker-daemon:", "oci:", "oci-archive:"}) {
    if (text.starts_with(transport)) return text.size() > transport.size();
  }
  return IsReference(text);
}

bool HasTag(std::string_view reference) {
  const size_t colon = reference.rfind(':');
  return colon != reference.npos && reference.find('/', colon) == reference.npos;
}

std::string FullName(std::string_view reference) {
  std::string name(reference);
  if (!HasHost(name)) name.insert(0, "localhost/");
  if (!HasTag(name)) name += ":latest";
  return name;
}

}  // namespace zlayer::fakes::daemon
