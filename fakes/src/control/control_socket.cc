#include "fakes/src/control/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace zlayer::fakes::daemon {
namespace {

/// A socket is made under another name first, and that is longer.
constexpr size_t kLongestPath = sizeof(sockaddr_un::sun_path) - sizeof ".4294967295";
constexpr int kBacklog = 64;

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

/// Why the directory of `path` is not one in which only this user can make and use a socket; empty
/// when it is.
std::string WhyNotPrivate(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path();
  if (directory.empty()) directory = ".";
  struct stat found {};
  if (stat(directory.c_str(), &found) != 0) return directory + ": " + std::strerror(errno);
  if (!S_ISDIR(found.st_mode)) return directory + ": is not a directory";
  if (found.st_uid != geteuid()) return directory + ": belongs to another user";
  if ((found.st_mode & 077) == 0) return "";
  char mode[16];
  std::snprintf(mode, sizeof mode, "%04o", found.st_mode & 07777U);
  return directory + ": is not private (mode " + mode + "); chmod 700 makes it so";
}

std::string WhyNotUsable(const std::string& path) {
  if (path.empty()) return "names no path";
  if (path.size() > kLongestPath) {
    return "the path is longer than " + std::to_string(kLongestPath) + " bytes";
  }
  if (std::string why = WhyNotPrivate(path); !why.empty()) return why;
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode)) {
    return path + ": is there and is not a socket";
  }
  return "";
}

/// Binds under a name of this process and renames then: a client finds the old socket or one that
/// listens, and two fakes that start together do not meet.
bool BindTo(int socket, const std::string& path) {
  const std::string own = path + "." + std::to_string(getpid());
  const sockaddr_un address = AddressOf(own);
  unlink(own.c_str());
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
  if (listen(socket, kBacklog) == 0 && rename(own.c_str(), path.c_str()) == 0) return true;
  const int error = errno;
  unlink(own.c_str());
  errno = error;
  return false;
}

}  // namespace

Result<UniqueFd> ListenForControl(const std::string& value) {
  const std::string head = "unix:";
  const std::string variable = "ZLAYER_FAKE_CONTROL=" + value + ": ";
  if (!value.starts_with(head)) return BadInput(variable + "must be unix:PATH");
  const std::string path = value.substr(head.size());
  if (std::string why = WhyNotUsable(path); !why.empty()) return BadInput(variable + why);
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener || !BindTo(listener.get(), path)) {
    return BadInput(variable + "cannot listen: " + std::strerror(errno));
  }
  return listener;
}

Result<UniqueFd> ConnectToControl(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return BadInput(path + ": is too long for a socket");
  }
  UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = AddressOf(path);
  if (!client ||
      connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return BadInput(path + ": no fake answers there: " + std::strerror(errno));
  }
  return client;
}

}  // namespace zlayer::fakes::daemon
