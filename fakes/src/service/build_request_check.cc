#include "fakes/src/service/build_request_check.h"

#include <sys/stat.h>

#include <string_view>
#include <vector>

#include "fakes/src/service/reference.h"
#include "fakes/src/service/words.h"
#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::fakes::daemon {
namespace {

using buildah_sidecar::v1::BuildRequest;

std::vector<std::string_view> Parts(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// os/arch or os/arch/variant. The variant may be empty.
bool IsPlatform(std::string_view text) {
  const auto parts = Parts(text, '/');
  return (parts.size() == 2 || parts.size() == 3) && !parts[0].empty() && !parts[1].empty();
}

std::string Unknown(std::string_view field, const std::string& value) {
  return "unknown " + std::string(field) + " \"" + value + "\"";
}

std::string WhyNotRepository(const char* field, const std::string& text) {
  const std::string repository = Trimmed(text);
  if (repository.empty() || IsReference(repository)) return "";
  return std::string(field) + ": \"" + text + "\" is not a repository";
}

/// False when `path` names nothing, or another kind of file than `type` (0: any).
bool Exists(const std::string& path, mode_t type) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && (type == 0 || (found.st_mode & S_IFMT) == type);
}

/// Relative paths need a context.
bool IsMissing(const std::string& dockerfile, const std::string& context) {
  if (dockerfile.starts_with('/')) return !Exists(dockerfile, 0);
  return !context.empty() && !Exists(context + "/" + dockerfile, 0);
}

}  // namespace

std::string WhyUnparsable(const BuildRequest& request) {
  if (request.dockerfile_paths().empty()) return "dockerfile_paths is empty";
  if (!IsOneOf(Word(request.format()), {"", "oci", "docker"})) {
    return Unknown("format", request.format());
  }
  if (!IsOneOf(Word(request.pull_policy()), {"", "always", "missing", "ifmissing", "if-missing",
                                             "never", "ifnewer", "if-newer", "newer"})) {
    return Unknown("pull policy", request.pull_policy());
  }
  for (const std::string& platform : request.platforms()) {
    const std::string word = Word(platform);
    if (!word.empty() && !IsPlatform(word)) return Unknown("platform", platform);
  }
  if (!IsOneOf(Word(request.isolation()), {"", "default", "oci", "rootless", "chroot"})) {
    return Unknown("isolation", request.isolation());
  }
  std::string why = WhyNotRepository("cache_from", request.cache_from());
  return why.empty() ? WhyNotRepository("cache_to", request.cache_to()) : why;
}

std::string WhyNotBuildable(const BuildRequest& request) {
  const std::string& context = request.context_dir();
  if (!context.empty() && !Exists(context, S_IFDIR)) {
    return "context_dir \"" + context + "\" is not a directory";
  }
  for (const std::string& dockerfile : request.dockerfile_paths()) {
    if (IsMissing(dockerfile, context)) return "no Dockerfile at \"" + dockerfile + "\"";
  }
  for (const std::string& tag : request.tags()) {
    if (!IsReference(tag)) return "tag \"" + tag + "\" is not a reference";
  }
  return "";
}

}  // namespace zlayer::fakes::daemon
