#include "lifecycle/src/spawn/exec_failure.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/mounted_noexec.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

std::string ReadAt(int fd, off_t offset, size_t size) {
  std::string bytes(size, '\0');
  const ssize_t got = ::pread(fd, bytes.data(), size, offset);
  bytes.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return bytes;
}

template <typename T>
std::optional<T> Parse(std::string_view bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string MachineName(unsigned machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86_64";
    case EM_386:
      return "i386";
    case EM_AARCH64:
      return "aarch64";
    case EM_ARM:
      return "arm";
    case EM_RISCV:
      return "riscv";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390";
    default:
      return fmt::format("ELF machine {}", machine);
  }
}

/// The dynamic loader that a 64-bit ELF file names (PT_INTERP); empty if it names none.
std::string Loader(int fd, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto at = static_cast<off_t>(header.e_phoff + i * sizeof(Elf64_Phdr));
    const auto segment = Parse<Elf64_Phdr>(ReadAt(fd, at, sizeof(Elf64_Phdr)));
    if (!segment) break;
    if (segment->p_type != PT_INTERP) continue;
    const std::string name = ReadAt(fd, static_cast<off_t>(segment->p_offset), 256);
    return name.substr(0, name.find('\0'));
  }
  return "";
}

/// The interpreter in a script's first line, as the kernel reads it: /bin/sh of "#!/bin/sh -e".
std::string Interpreter(std::string_view head) {
  std::string_view line = head.substr(2, head.find('\n') - 2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return std::string(line.substr(0, line.find_first_of(std::string_view(" \t\0", 3))));
}

/// The file exists, but execve(2) said ENOENT: so what is missing is what the file needs.
std::string WhyNotFound(int fd) {
  const std::string head = ReadAt(fd, 0, 256);
  if (head.starts_with("#!")) {
    const std::string interpreter = Interpreter(head);
    return interpreter.ends_with('\r')
               ? fmt::format(
                     "a carriage return belongs to the name of its interpreter, \"{}\": its "
                     "lines end with CR LF, save it with LF only",
                     Escaped(interpreter, 120))
               : fmt::format("its interpreter {} is missing", Escaped(interpreter, 120));
  }
  const auto header = Parse<Elf64_Ehdr>(head);
  const std::string loader =
      header && head.starts_with(ELFMAG) ? Loader(fd, *header) : std::string();
  if (loader.empty()) return "its interpreter or its dynamic loader is missing";
  return fmt::format("its dynamic loader {} is missing", Escaped(loader, 120));
}

std::string WhyNoProgram(int fd) {
  const std::string head = ReadAt(fd, 0, sizeof(Elf64_Ehdr));
  if (head.empty()) return "the file is empty";
  const auto header = Parse<Elf64_Ehdr>(head);
  if (!header || !head.starts_with(ELFMAG)) return "neither a program nor a script with a #! line";
  utsname self{};
  ::uname(&self);
  return fmt::format("a program for {}; this machine is {}", MachineName(header->e_machine),
                     self.machine);
}

std::string WhyDenied(const std::string& path, int fd) {
  if (IsMountedNoexec(path)) return "it is on a file system mounted noexec";
  const std::string head = fd < 0 ? "" : ReadAt(fd, 0, 256);
  const std::string interpreter = head.starts_with("#!") ? Interpreter(head) : "";
  if (!interpreter.empty() && IsMountedNoexec(interpreter)) {
    return fmt::format("its interpreter {} is on a file system mounted noexec",
                       Escaped(interpreter, 120));
  }
  if (::access(path.c_str(), X_OK) != 0) return "no permission to execute it";
  return "it or its interpreter may not be executed";
}

}  // namespace

std::string ExplainExecFailure(const std::string& path, int error) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const auto because = [&](const std::string& why) {
    return fmt::format("{} ({})", ErrnoText(error), why);
  };
  switch (error) {
    case ENOENT:
      return file ? because(WhyNotFound(file.get())) : ErrnoText(error);
    case ENOEXEC:
      return file ? because(WhyNoProgram(file.get())) : ErrnoText(error);
    case EACCES:
      return because(WhyDenied(path, file.get()));
    case ETXTBSY:
      return because("somebody has it open for writing");
    case E2BIG:
      return because("the arguments and the environment are larger than the system allows");
    case ELIBBAD:
      return because("its dynamic loader is not executable");
    default:
      return ErrnoText(error);
  }
}

std::string ExplainNamespaceFailure(const StartFailure& failure) {
  const char* why = "Containment::keeper needs no namespace";
  if (failure.step == StartFailure::Step::user_map) {
    why = failure.error == EROFS || failure.error == ENOENT
              ? "without CAP_SYS_ADMIN it needs a /proc that can be written, for /proc/self/uid_map"
              : "the system does not let this user map its id in /proc/self/uid_map; a security "
                "module may forbid it, else CAP_SYS_ADMIN helps";
  } else if (failure.error == EPERM) {
    why = "Containment::pid_namespace needs CAP_SYS_ADMIN or unprivileged user namespaces";
  } else if (failure.error == ENOSPC) {
    // Not "No space left on device", which names a disk.
    return "the limit of namespaces is reached; raise /proc/sys/user/max_pid_namespaces and, for a "
           "process without CAP_SYS_ADMIN, max_user_namespaces, or accept Containment::keeper";
  }
  return fmt::format("{} ({})", ErrnoText(failure.error), why);
}

tl::unexpected<LifecycleError> NotStarted(const std::string& binary, const StartFailure& failure) {
  switch (failure.outcome) {
    case ExecLimit::Outcome::cancelled:
      return Fail(ErrorKind::cancelled, "cancelled while {} was being started", binary);
    case ExecLimit::Outcome::timeout:
      return Fail(ErrorKind::handshake_timeout, "{} could not be started in time", binary);
    case ExecLimit::Outcome::finished:
      break;
  }
  return Fail(ErrorKind::spawn_failed, "cannot start {}: {}", binary,
              ExplainExecFailure(binary, failure.error));
}

}  // namespace zlayer::sidecar
