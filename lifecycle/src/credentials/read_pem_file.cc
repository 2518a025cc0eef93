#include "lifecycle/src/credentials/read_pem_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/private_directory.h"
#include "lifecycle/src/base/unique_fd.h"

namespace zlayer::sidecar {
namespace {

/// Four times the size of a bundle of all public CAs.
constexpr off_t kMaxSize = 1 << 20;

tl::unexpected<TlsDefect> Defect(TlsDefect::Kind kind, const std::string& path,
                                 const std::string& reason) {
  return tl::unexpected(DefectOf(kind, path, reason));
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

tl::unexpected<TlsDefect> CannotRead(TlsDefect::Kind kind, const std::string& path, int error) {
  return Defect(kind, path, "it cannot be read: " + ErrnoText(error));
}

Inspected<struct stat> CheckedStatus(const std::string& path, PemSecrecy secrecy) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const bool missing = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    return missing ? Defect(TlsDefect::Kind::unusable, path, "it is missing: " + ErrnoText(errno))
                   : CannotRead(TlsDefect::Kind::refused, path, errno);
  }
  if (auto checked = CheckStatus(path, secrecy, status); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  return status;
}

/// Why open(2) failed with `error`. Nothing is read from the file, so a look at its path can only
/// make the message better.
tl::unexpected<TlsDefect> WhyNotOpened(const std::string& path, PemSecrecy secrecy, int error) {
  const auto status = CheckedStatus(path, secrecy);
  if (!status) return tl::unexpected(status.error());
  const bool ours = status->st_uid == ::geteuid();
  const bool replaceable = error == ENOENT || (error == EACCES && ours);
  return CannotRead(replaceable ? TlsDefect::Kind::unusable : TlsDefect::Kind::refused, path,
                    error);
}

/// Allocates once, because a string that grows leaves copies of a key in freed memory. The extra
/// byte is for the read(2) that finds the end of the file, or finds that the file has grown.
Inspected<PemText> ReadAll(int fd, const std::string& path, off_t expected_size) {
  std::string text(static_cast<size_t>(expected_size) + 1, '\0');
  size_t size = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, text.data() + size, text.size() - size);
    if (got > 0) size += static_cast<size_t>(got);
  } while ((got > 0 && size < text.size()) || (got < 0 && errno == EINTR));
  const int error = errno;
  const bool grown = size == text.size();
  text.resize(size);
  PemText read(std::move(text));
  if (got < 0) return CannotRead(TlsDefect::Kind::refused, path, error);
  if (grown) {
    return Defect(TlsDefect::Kind::refused, path, "somebody writes to it while it is read");
  }
  return read;
}

}  // namespace

Inspected<void> CheckPemFile(const std::string& path, PemSecrecy secrecy) {
  auto status = CheckedStatus(path, secrecy);
  if (!status) return tl::unexpected(std::move(status.error()));
  return {};
}

Inspected<PemText> ReadPemFile(const std::string& path, PemSecrecy secrecy) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return WhyNotOpened(path, secrecy, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return CannotRead(TlsDefect::Kind::refused, path, errno);
  }
  if (auto checked = CheckStatus(path, secrecy, status); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  return ReadAll(file.get(), path, status.st_size);
}

}  // namespace zlayer::sidecar
