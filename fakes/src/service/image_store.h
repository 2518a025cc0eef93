// The images and manifests that the fake pretends to have.

#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace zlayer::fakes::daemon {

/// "sha256:" and the SHA-256 digest of `text` in hex: an image id that is the same in every run.
std::string DigestOf(const std::string& text);

/// Maps names to ids, in memory only. Thread-safe.
class ImageStore {
 public:
  /// False when `storage_root` exists and is not a directory. It may be missing: the real daemon
  /// would create it.
  static bool CanBeAt(const std::string& storage_root);

  void AddImage(const std::string& reference, const std::string& image_id);

  /// The id of an image named by reference or by id.
  std::optional<std::string> FindImage(const std::string& name) const;

  /// Creates an empty manifest and returns its list id; nullopt when the name is taken.
  std::optional<std::string> CreateManifest(const std::string& name);

  /// The digest of a manifest named by name or by list id.
  std::optional<std::string> FindManifest(const std::string& name) const;

  void AddToManifest(const std::string& name, const std::string& image_id);

 private:
  struct Manifest {
    std::string list_id;
    std::vector<std::string> image_ids;
  };

  std::map<std::string, Manifest>::const_iterator Manifests(const std::string& name) const;

  mutable std::mutex mutex_;
  std::map<std::string, std::string> images_;  // by reference and by id
  std::map<std::string, Manifest> manifests_;
};

}  // namespace zlayer::fakes::daemon
