// The images and manifests that the fake pretends to have.

#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace zlayer::fakes::daemon {

/// The SHA-256 digest of `text`, 64 hex digits: an image id that is the same in every run.
std::string HexDigestOf(const std::string& text);

/// "sha256:" and HexDigestOf().
std::string DigestOf(const std::string& text);

/// Maps names to ids, in memory only. Thread-safe.
class ImageStore {
 public:
  /// False when `storage_root` exists and is not a directory. It may be missing: the real daemon
  /// would create it.
  static bool CanBeAt(const std::string& storage_root);

  void AddImage(const std::string& image_id);

  /// Gives an image another name. Any text is taken, as in the deployed daemon.
  void Tag(const std::string& image_id, const std::string& tag);

  /// The id of an image, found by its id, by at least the first 12 digits of it, or by a tag with
  /// its tag part. Not by "sha256:" and the id.
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
  std::set<std::string> ids_;
  std::map<std::string, std::string> tags_;  // full names to ids
  std::map<std::string, Manifest> manifests_;
};

}  // namespace zlayer::fakes::daemon
