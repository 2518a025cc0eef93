#include "fakes/src/mint/tls_set.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>
#include <vector>

#include "fakes/src/base/unique_fd.h"
#include "fakes/src/mint/revocation_list.h"
#include "fakes/src/tls/pem.h"

namespace zlayer::fakes::daemon {
namespace {

tl::unexpected<Failure> CannotWrite(const std::string& path) {
  return BadInput("--mint-tls: " + path + ": " + std::strerror(errno));
}

Result<void> WriteNewPrivateFile(const std::string& path, const std::string& content) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file ||
      write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    return CannotWrite(path);
  }
  return {};
}

}  // namespace

Result<void> MintTlsSet(const std::string& directory, const CertificateDraft& wanted) {
  CertificateDraft authority = AuthorityDraft("zlayer-buildd-ca");
  authority.key = wanted.key;
  const Result<Identity> ca = Mint(authority, nullptr);
  if (!ca) return tl::unexpected(ca.error());
  const Result<Identity> leaf = Mint(wanted, &*ca);
  if (!leaf) return tl::unexpected(leaf.error());
  const Result<std::string> revoked = MintRevocationList(*ca);
  if (!revoked) return tl::unexpected(revoked.error());
  const std::vector<std::pair<std::string, std::string>> files = {
      {directory + "/ca.pem", CertificateToPem(ca->certificate.get())},
      {directory + "/ca-key.pem", KeyToPem(ca->key.get())},
      {directory + "/cert.pem", CertificateToPem(leaf->certificate.get())},
      {directory + "/key.pem", KeyToPem(leaf->key.get())},
      {directory + "/crl.pem", *revoked}};

  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return CannotWrite(directory);
  for (const auto& [path, content] : files) {
    if (access(path.c_str(), F_OK) == 0) {
      return BadInput("--mint-tls: " + path + " exists; it is not overwritten");
    }
  }
  for (const auto& [path, content] : files) {
    if (auto written = WriteNewPrivateFile(path, content); !written) return written;
  }
  return {};
}

}  // namespace zlayer::fakes::daemon
