// TLS directories for tests: writes sets with a defect as plain files, and inspects sets without
// the library under test.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lifecycle/src/credentials/directory_lock.h"

namespace zlayer::sidecar {

/// The properties of a set. The defaults make one that the protocol accepts.
struct TlsRecipe {
  long begins_in = -3600;       // seconds from now
  long ends_in = 1000L * 3600;  // seconds from now
  std::string names = "DNS:zlayer-buildd,DNS:localhost,IP:127.0.0.1,IP:::1";
  std::string usage = "serverAuth,clientAuth";
  bool encrypted_key = false;
  bool intermediate = false;  // between root and leaf, in ca.pem
  long intermediate_ends_in = 1000L * 3600;
};

/// Writes ca.pem, cert.pem and key.pem, mode 0600, to `directory`, which is made with mode 0700.
void WritePlainSet(const std::string& directory, const TlsRecipe& recipe = {});

/// The content of the three files, links followed.
struct TlsContent {
  std::string ca;
  std::string cert;
  std::string key;
  bool operator==(const TlsContent&) const = default;
};

/// Nullopt when a file is missing.
std::optional<TlsContent> ReadContent(const std::string& directory);

/// Why OpenSSL refuses the set for one of the two sides of the protocol today; empty: it accepts
/// it.
std::string WhyUnusable(const TlsContent& content);

/// Every regular file below `directory` that holds a private key and that others may read.
std::vector<std::string> KeysOthersCanRead(const std::string& directory);

/// A limit that no test reaches: for tests in which nobody keeps the lock.
LockLimit Patient();

/// The permission bits, links followed; 07777 when there is no such file.
unsigned ModeOf(const std::string& path);

}  // namespace zlayer::sidecar
