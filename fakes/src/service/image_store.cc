#include "fakes/src/service/image_store.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace zlayer::fakes::daemon {

std::string DigestOf(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  constexpr char kHex[] = "0123456789abcdef";
  std::string hex = "sha256:";
  for (unsigned int i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

bool ImageStore::CanBeAt(const std::string& storage_root) {
  if (storage_root.empty()) return true;
  struct stat found {};
  if (stat(storage_root.c_str(), &found) == 0) return S_ISDIR(found.st_mode);
  return errno == ENOENT;
}

void ImageStore::AddImage(const std::string& reference, const std::string& image_id) {
  const std::lock_guard lock(mutex_);
  images_[reference] = image_id;
  images_[image_id] = image_id;
}

std::optional<std::string> ImageStore::FindImage(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = images_.find(name);
  if (found == images_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> ImageStore::CreateManifest(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto [made, is_new] = manifests_.try_emplace(name, Manifest{DigestOf(name), {}});
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
