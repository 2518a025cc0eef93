#include "lifecycle/src/credentials/read_pem_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/unique_fd.h"

namespace zlayer::sidecar {
namespace {

/// Four times the size of a bundle of all public CAs.
constexpr off_t kMaxSize = 1 << 20;

tl::unexpected<TlsDefect> Defect(TlsDefect::Kind kind, const std::string& path,
                                 const std::string& reason) {
  return tl::unexpected(TlsDefect{kind, path + ": " + reason});
}

Inspected<void> CheckStatus(const std::string& path, PemSecrecy secrecy,
                            const struct stat& status) {
  if (!IsTrustedOwner(status.st_uid)) {
    return Defect(
        TlsDefect::Kind::refused, path,
        fmt::format("it belongs to another user (uid {}), who can read and replace it; remove it "
                    "or change its owner",
                    status.st_uid));
  }
  constexpr auto kUnusable = TlsDefect::Kind::unusable;
  if (!S_ISREG(status.st_mode)) return Defect(kUnusable, path, "it is not a regular file");
  const unsigned mode = status.st_mode & 07777;
  if (secrecy == PemSecrecy::secret && (mode & 077) != 0) {
    return Defect(kUnusable, path, fmt::format("others can read or write it (mode {:04o})", mode));
  }
  if (secrecy == PemSecrecy::open && (mode & 022) != 0) {
    return Defect(kUnusable, path, fmt::format("others can write it (mode {:04o})", mode));
  }
  if (status.st_size > kMaxSize) return Defect(kUnusable, path, "it is larger than 1 MiB");
  return {};
}

Inspected<struct stat> CheckedStatus(const std::string& path, PemSecrecy secrecy) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const bool missing = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    return missing
               ? Defect(TlsDefect::Kind::unusable, path, "it is missing: " + ErrnoText(errno))
               : Defect(TlsDefect::Kind::refused, path, "it cannot be read: " + ErrnoText(errno));
  }
  if (auto checked = CheckStatus(path, secrecy, status); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  return status;
}

/// Allocates once, because a string that grows leaves copies of a key in freed memory. The extra
/// byte is for the read(2) that finds the end of the file.
Inspected<PemText> ReadAll(int fd, const std::string& path, off_t expected_size) {
  std::string text(static_cast<size_t>(expected_size) + 1, '\0');
  size_t size = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, text.data() + size, text.size() - size);
    if (got > 0) size += static_cast<size_t>(got);
  } while ((got > 0 && size < text.size()) || (got < 0 && errno == EINTR));
  if (got < 0) {
    return Defect(TlsDefect::Kind::refused, path, "it cannot be read: " + ErrnoText(errno));
  }
  text.resize(size);
  return PemText(std::move(text));
}

}  // namespace

bool IsTrustedOwner(unsigned uid) { return uid == ::geteuid() || uid == 0; }

Inspected<void> CheckPemFile(const std::string& path, PemSecrecy secrecy) {
  auto status = CheckedStatus(path, secrecy);
  if (!status) return tl::unexpected(std::move(status.error()));
  return {};
}

Inspected<PemText> ReadPemFile(const std::string& path, PemSecrecy secrecy) {
  const auto status = CheckedStatus(path, secrecy);
  if (!status) return tl::unexpected(status.error());
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) {
    const bool ours = status->st_uid == ::geteuid();
    const bool replaceable = errno == ENOENT || (errno == EACCES && ours);
    return Defect(replaceable ? TlsDefect::Kind::unusable : TlsDefect::Kind::refused, path,
                  "it cannot be read: " + ErrnoText(errno));
  }
  return ReadAll(file.get(), path, status->st_size);
}

}  // namespace zlayer::sidecar
