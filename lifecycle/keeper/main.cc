// zlayer-buildd-keeper: stands between a host program and its sidecar, and outlives the host by as
// long as it takes to leave nothing behind. Started by the library only; see src/keeper_protocol.h.

#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "../src/keeper_protocol.h"
#include "keeper.h"

namespace zlayer::sidecar {
namespace {

int Refuse(const char* why) {
  if (::write(STDERR_FILENO, why, std::strlen(why)) < 0) return 1;
  return 2;
}

bool IsControl() {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(kKeeperControl, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_SEQPACKET;
}

int Main(int argc, char** argv) {
  if (argc != 2 || !IsControl()) {
    return Refuse(
        "zlayer-buildd-keeper: started by the sidecar library only, it does nothing by itself\n");
  }
  if (std::strcmp(argv[1], kKeeperVersion) != 0) {
    const FromKeeper report{FromKeeper::other_version, 0, 0};
    ::send(kKeeperControl, &report, sizeof report, MSG_NOSIGNAL);
    return 2;
  }
  Keeper(environ).Run();
  return 0;
}

}  // namespace
}  // namespace zlayer::sidecar

int main(int argc, char** argv) { return zlayer::sidecar::Main(argc, argv); }
