// Where a TLS directory keeps its files.
//
//   <tls_dir>/ca.pem, cert.pem, key.pem  -> .current/ca.pem, ...: the names that all clients read
//   <tls_dir>/.current                   -> .sets/<id>: the set in use, replaced by one rename(2)
//   <tls_dir>/.sets/<id>/ca.pem, ...     a set, complete before .current names it, then unchanged
//
// Three files cannot be renamed in one step, a link can: that is why the names lead through one.
// The first client of this protocol left three plain files instead; they stay in use while they are
// good.

#pragma once

#include <array>
#include <string>

namespace zlayer::sidecar {

inline constexpr std::array kTlsFileNames{"ca.pem", "cert.pem", "key.pem"};
inline constexpr const char* kCurrentLink = ".current";
inline constexpr const char* kSetsDirectory = ".sets";
/// Prefix of the id of a copy of plain files that are being replaced. Such a set must always be
/// replaced: the copy may no longer show the defect, such as a wrong mode.
inline constexpr const char* kCopyPrefix = "old-";

struct TlsPaths {
  std::string ca;
  std::string cert;
  std::string key;

  bool operator==(const TlsPaths&) const = default;
};

TlsPaths TlsPathsIn(const std::string& directory);
/// The target of the link of this name in the TLS directory, such as .current/ca.pem.
std::string TlsLinkTarget(const std::string& name);

/// What the three names and .current lead to. Two equal layouts, one read before the files and one
/// after, mean that this library published no set in between.
struct TlsLayout {
  int links = 0;        // names that lead through .current
  int files = 0;        // names that are anything else: plain files, other links
  int absent = 0;       // names that are not there
  std::string current;  // .sets/<id>; empty: .current names no set

  bool operator==(const TlsLayout&) const = default;

  bool nothing() const { return links == 0 && files == 0; }
  bool linked() const { return absent == 0 && files == 0; }
  /// Links are missing, and nothing else: the writer of the first set died while it made them, or
  /// somebody removed one. LinkNames makes them again.
  bool half_linked() const { return links > 0 && files == 0 && absent > 0; }
  /// The writer died while it replaced plain files: links and files are mixed, or .current still
  /// names the copy of the plain files.
  bool half_replaced() const;
};

TlsLayout ReadTlsLayout(const std::string& directory);

/// The directory from which to read the three files. If the names lead to a set, it is the set's
/// own directory, whose files do not change; else `directory` itself.
std::string SetDirectory(const std::string& directory, const TlsLayout& layout);

}  // namespace zlayer::sidecar
