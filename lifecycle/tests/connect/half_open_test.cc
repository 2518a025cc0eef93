// A connection whose other machine is gone without a word. The network is a namespace of the test:
// where none can be made, CMake does not register this program.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "lifecycle/src/connect/tcp_connect.h"
#include "lifecycle/tests/connect/relay_world.h"

namespace zlayer::sidecar {
namespace {

/// An address that is not of loopback, on the loopback interface of the namespace.
constexpr char kAddress[] = "10.99.0.1";

bool ChangeFlags(int socket, int on, int off) {
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (::ioctl(socket, SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags = static_cast<short>((request.ifr_flags | on) & ~off);
  return ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
}

/// A network of its own for this process, of one machine with kAddress.
bool EnterNetwork(int* control) {
  if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  *control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo:1");
  auto* address = reinterpret_cast<sockaddr_in*>(&request.ifr_addr);
  address->sin_family = AF_INET;
  ::inet_pton(AF_INET, kAddress, &address->sin_addr);
  return ChangeFlags(*control, IFF_UP, 0) && ::ioctl(*control, SIOCSIFADDR, &request) == 0;
}

/// Cuts the network under an idle connection. 0: the connection broke; else what went wrong.
int BreaksWhenTheNetworkIsGone() {
  int control = -1;
  if (!EnterNetwork(&control)) return 10;
  const Listener listener(INADDR_ANY);
  StartWait wait({}, -1);
  const HalfOpenLimit limit{std::chrono::seconds(1), std::chrono::seconds(1), 2};
  const auto socket =
      ConnectTcp({kAddress, listener.port}, {kPatience, Clock::now() + kPatience, limit}, &wait);
  if (!socket) return 11;
  if (!ChangeFlags(control, 0, IFF_UP)) return 12;
  const Waited waited = wait.For(socket->get(), POLLIN, Clock::now() + kPatience);
  if (waited != Waited::ready) return 13;
  char byte = 0;
  // ETIMEDOUT, or what the kernel says of the lost route.
  return ::recv(socket->get(), &byte, 1, 0) == -1 && errno != EAGAIN ? 0 : 14;
}

TEST(HalfOpenTest, AnIdleConnectionBreaksWhenTheNetworkIsGone) {
  const pid_t child = ::fork();  // the namespace ends with it
  if (child == 0) ::_exit(BreaksWhenTheNetworkIsGone());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace zlayer::sidecar
