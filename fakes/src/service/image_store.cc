#include "fakes/src/service/image_store.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "fakes/src/service/reference.h"

namespace zlayer::fakes::daemon {

namespace {

/// Digits of an id that are enough to find its image: what `--> ` shows in a build's log.
constexpr size_t kShortId = 12;

}  // namespace

std::string HexDigestOf(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

std::string DigestOf(const std::string& text) { return "sha256:" + HexDigestOf(text); }

bool ImageStore::CanBeAt(const std::string& storage_root) {
  if (storage_root.empty()) return true;
  struct stat found {};
  if (stat(storage_root.c_str(), &found) == 0) return S_ISDIR(found.st_mode);
  return errno == ENOENT;
}

void ImageStore::AddImage(const std::string& image_id) {
  const std::lock_guard lock(mutex_);
  ids_.insert(image_id);
}

void ImageStore::Tag(const std::string& image_id, const std::string& tag) {
  const std::lock_guard lock(mutex_);
  tags_[FullName(tag)] = image_id;
}

std::optional<std::string> ImageStore::FindImage(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  if (const auto id = ids_.lower_bound(name); id != ids_.end()) {
    if (*id == name || (name.size() >= kShortId && id->starts_with(name))) return *id;
  }
  if (!HasTag(name)) return std::nullopt;
  const auto found = tags_.find(FullName(name));
  if (found == tags_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> ImageStore::CreateManifest(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto [made, is_new] = manifests_.try_emplace(name, Manifest{HexDigestOf(name), {}});
  if (!is_new) return std::nullopt;
  return made->second.list_id;
}

std::map<std::string, ImageStore::Manifest>::const_iterator ImageStore::Manifests(
    const std::string& name) const {
  return std::find_if(manifests_.begin(), manifests_.end(), [&](const auto& manifest) {
    return manifest.first == name || manifest.second.list_id == name;
  });
}

std::optional<std::string> ImageStore::FindManifest(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = Manifests(name);
  if (found == manifests_.end()) return std::nullopt;
  std::string content = found->second.list_id;
  for (const std::string& id : found->second.image_ids) content += id;
  return DigestOf(content);
}

void ImageStore::AddToManifest(const std::string& name, const std::string& image_id) {
  const std::lock_guard lock(mutex_);
  const auto found = Manifests(name);
  if (found != manifests_.end()) manifests_[found->first].image_ids.push_back(image_id);
}

}  // namespace zlayer::fakes::daemon
