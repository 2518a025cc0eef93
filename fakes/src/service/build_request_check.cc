#include "fakes/src/service/build_request_check.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::fakes::daemon {
namespace {

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return word.empty() || std::find(words.begin(), words.end(), word) != words.end();
}

/// os/arch or os/arch/variant.
bool IsPlatform(std::string_view text) {
  const auto slashes = std::count(text.begin(), text.end(), '/');
  return (slashes == 1 || slashes == 2) && text.front() != '/' && text.back() != '/' &&
         text.find("//") == text.npos;
}

std::string Unknown(std::string_view field, const std::string& value) {
  return "unknown " + std::string(field) + " \"" + value + "\"";
}

}  // namespace

std::string WhyUnparsable(const buildah_sidecar::v1::BuildRequest& request) {
  if (request.dockerfile_paths().empty()) return "dockerfile_paths is empty";
  if (!IsOneOf(request.format(), {"oci", "docker"})) return Unknown("format", request.format());
  for (const std::string& platform : request.platforms()) {
    if (!IsPlatform(platform)) return Unknown("platform", platform);
  }
  if (!IsOneOf(request.pull_policy(), {"always", "missing", "never", "ifnewer"})) {
    return Unknown("pull policy", request.pull_policy());
  }
  if (!IsOneOf(request.isolation(), {"default", "oci", "rootless", "chroot"})) {
    return Unknown("isolation", request.isolation());
  }
  return "";
}

}  // namespace zlayer::fakes::daemon
