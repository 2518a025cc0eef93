// TLS directories for tests: sets with a defect, as plain files, and what can be seen of a set from
// outside.

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace zlayer::sidecar {

/// What a set is made with. The defaults are the protocol's.
struct TlsRecipe {
  long begins_in = -3600;       // seconds from now
  long ends_in = 1000L * 3600;  // seconds from now
  std::string names = "DNS:zlayer-buildd,DNS:localhost,IP:127.0.0.1,IP:::1";
  std::string usage = "serverAuth,clientAuth";
  bool encrypted_key = false;
  bool intermediate = false;  // between root and leaf, in ca.pem
};

/// Writes ca.pem, cert.pem and key.pem, mode 0600, to `directory`, which is made with mode 0700.
void WritePlainSet(const std::string& directory, const TlsRecipe& recipe = {});

/// The content of the three files, as a reader of the names sees it.
struct TlsContent {
  std::string ca;
  std::string cert;
  std::string key;
  bool operator==(const TlsContent&) const = default;
};

/// Nullopt when a file is missing.
std::optional<TlsContent> ReadContent(const std::string& directory);

/// Why OpenSSL would not use the set for both sides of the protocol today; empty: it would.
std::string WhyUnusable(const TlsContent& content);

/// Every regular file below `directory` that holds a private key and that others may read.
std::vector<std::string> KeysOthersCanRead(const std::string& directory);

/// The permission bits, links followed; 07777 when there is no such file.
unsigned ModeOf(const std::string& path);

}  // namespace zlayer::sidecar
