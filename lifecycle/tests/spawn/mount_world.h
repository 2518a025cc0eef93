// A child process in namespaces of its own, where a test can change mounts and limits of the
// kernel.

#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <fstream>
#include <functional>
#include <string>

#include "lifecycle/src/base/unique_fd.h"

namespace zlayer::sidecar {

/// Runs `act` in a child that is root of new user and mount namespaces, and returns what `act`
/// returned. Changes of mounts are seen by nobody else. Needs what Containment::pid_namespace
/// needs.
inline std::string InMountWorld(const std::function<std::string()>& act) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const std::string user = std::to_string(::geteuid());
  const std::string group = std::to_string(::getegid());
  const pid_t child = ::fork();
  if (child == 0) {
    std::string said = "no namespaces";
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
      std::ofstream("/proc/self/setgroups") << "deny";
      std::ofstream("/proc/self/uid_map") << "0 " + user + " 1";
      std::ofstream("/proc/self/gid_map") << "0 " + group + " 1";
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
      try {
        said = act();
      } catch (const std::exception& error) {  // the test goes on in the parent only
        said = error.what();
      }
    }
    const ssize_t written = ::write(writer.get(), said.data(), said.size());
    ::_exit(written < 0 ? 1 : 0);
  }
  writer.reset();
  std::string said;
  std::array<char, 4096> bytes;
  for (ssize_t got; (got = ::read(reader.get(), bytes.data(), bytes.size())) > 0;) {
    said.append(bytes.data(), static_cast<size_t>(got));
  }
  ::waitpid(child, nullptr, 0);
  return said;
}

/// Gives up every capability, as a process of an ordinary user. False: errno.
inline bool DropCapabilities() {
  const std::array<unsigned, 2> header = {0x20080522, 0};  // _LINUX_CAPABILITY_VERSION_3
  const std::array<unsigned, 6> none = {};
  return ::syscall(SYS_capset, header.data(), none.data()) == 0;
}

}  // namespace zlayer::sidecar
