// Where a TLS directory keeps its files.
//
//   <tls_dir>/ca.pem, cert.pem, key.pem  -> .current/ca.pem, ...: what everybody else reads
//   <tls_dir>/.current                   -> .sets/<id>: the set in use, replaced by one rename
//   <tls_dir>/.sets/<id>/ca.pem, ...     a set, complete before .current names it, then unchanged
//
// The first client of this protocol left three plain files instead; they are good, too.

#pragma once

#include <array>
#include <string>

namespace zlayer::sidecar {

inline constexpr std::array kTlsFileNames{"ca.pem", "cert.pem", "key.pem"};
inline constexpr const char* kCurrentLink = ".current";
inline constexpr const char* kSetsDirectory = ".sets";
/// Begins the id of a set that is a copy of plain files on their way to being replaced. To be
/// replaced is all that it is for: what was wrong with the files, such as a mode, it may not show.
inline constexpr const char* kCopyPrefix = "old-";

struct TlsPaths {
  std::string ca;
  std::string cert;
  std::string key;

  bool operator==(const TlsPaths&) const = default;
};

TlsPaths TlsPathsIn(const std::string& directory);
/// What the link of this name in the TLS directory says.
std::string TlsLinkTarget(const std::string& name);

/// How the three names of a directory are bound at one moment.
struct TlsLayout {
  int links = 0;        // names that lead through .current
  int files = 0;        // names that are anything else, other links included
  int absent = 0;       // names that are not there
  std::string current;  // .sets/<id>; empty: .current names no set

  bool operator==(const TlsLayout&) const = default;

  bool nothing() const { return links == 0 && files == 0; }
  bool linked() const { return absent == 0 && files == 0; }
  /// The first set was being published when its writer died: what is missing are links.
  bool half_linked() const { return links > 0 && files == 0 && absent > 0; }
  /// Plain files were being replaced when the writer died.
  bool half_replaced() const;
};

TlsLayout ReadTlsLayout(const std::string& directory);

/// Where to read a set that cannot change while it is read: the set's own directory if the names
/// lead there, else `directory` itself.
std::string SetDirectory(const std::string& directory, const TlsLayout& layout);

}  // namespace zlayer::sidecar
