#include "tls_material.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>

#include "make_error.h"
#include "mint_certificates.h"
#include "private_directory.h"
#include "unique_fd.h"

namespace zlayer::sidecar {
namespace {

bool Exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool Complete(const TlsMaterial& material) {
  return Exists(material.ca_path) && Exists(material.cert_path) && Exists(material.key_path);
}

/// Held until the descriptor is closed.
Result<UniqueFd> Lock(const std::string& directory) {
  const std::string path = directory + "/.lock";
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  int locked = -1;
  if (lock) {
    do {
      locked = ::flock(lock.get(), LOCK_EX);
    } while (locked != 0 && errno == EINTR);
  }
  if (locked != 0) {
    return Fail(ErrorKind::tls_material, "cannot lock {}: {}", path, ErrnoText(errno));
  }
  return lock;
}

Result<void> WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return Fail(ErrorKind::tls_material, "cannot write {}: {}", path, ErrnoText(errno));
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

/// The file appears complete or not at all. The lock is held, so a left-over of the temporary name
/// is nobody's.
Result<void> Publish(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  {
    const UniqueFd file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) {
      return Fail(ErrorKind::tls_material, "cannot create {}: {}", temporary, ErrnoText(errno));
    }
    if (auto written = WriteAll(file.get(), content, temporary); !written) return written;
    ::fsync(file.get());
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return Fail(ErrorKind::tls_material, "cannot rename {} to {}: {}", temporary, path,
                ErrnoText(errno));
  }
  return {};
}

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

std::string CertificatePem(X509* certificate) {
  const BioPtr bio(::BIO_new(::BIO_s_mem()));
  ::PEM_write_bio_X509(bio.get(), certificate);
  return Contents(bio.get());
}

std::string KeyPem(EVP_PKEY* key) {
  const BioPtr bio(::BIO_new(::BIO_s_secmem()));
  ::PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return Contents(bio.get());
}

Result<void> Generate(const TlsMaterial& material) {
  const MintedCertificates minted = MintCertificates();
  if (!minted.leaf_key) {
    return Fail(ErrorKind::tls_material, "cannot make certificates: {}", TakeOpensslError());
  }
  auto done = Publish(material.ca_path, CertificatePem(minted.ca.get()));
  if (done) done = Publish(material.cert_path, CertificatePem(minted.leaf.get()));
  if (done) done = Publish(material.key_path, KeyPem(minted.leaf_key.get()));
  return done;
}

}  // namespace

Result<TlsMaterial> EnsureTlsMaterial(const std::string& directory) {
  TlsMaterial material{directory + "/ca.pem", directory + "/cert.pem", directory + "/key.pem"};
  if (Complete(material)) return material;
  if (auto made = CreatePrivateDirectory(directory, ErrorKind::tls_material); !made) {
    return tl::unexpected(std::move(made.error()));
  }
  auto lock = Lock(directory);
  if (!lock) return tl::unexpected(std::move(lock.error()));
  if (Complete(material)) return material;  // another process was first
  if (auto generated = Generate(material); !generated) {
    return tl::unexpected(std::move(generated.error()));
  }
  return material;
}

}  // namespace zlayer::sidecar
