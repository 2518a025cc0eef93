// Fuzzes the Relay with its real thread and sockets, and with faults that do not delay. Checks for
// any bytes in any pieces that each side receives a prefix of what the other side sent and then the
// end of the stream, and that the relay's thread ends.

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>

#include "fakes/fuzz/input.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/relay/relay.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::fakes::daemon {
namespace {

/// So few bytes that all of them fit into a socket's buffer: one thread plays both peers and must
/// not block. Slices are bounded too, because the kernel counts about 800 bytes of the buffer's 200
/// KiB for each.
constexpr size_t kMostBytes = 16 * 1024;
constexpr std::uint32_t kLeastSlice = 128;

/// One of the faults that do not delay, with `number` as its attribute.
v1::Fault FaultOf(std::uint8_t which, std::uint32_t number) {
  v1::Fault fault;
  switch (which % 6) {
    case 0:
      fault.mutable_latency()->set_after_bytes(number);
      break;
    case 1:
      fault.mutable_bandwidth()->set_rate_kb_s(~0U);
      break;
    case 2:
      fault.mutable_slicer()->set_average_size(number + kLeastSlice);
      break;
    case 3:
      fault.mutable_limit_data()->set_bytes(number);
      break;
    case 4:
      fault.mutable_reset_after()->set_bytes(number);
      break;
    default:
      fault.mutable_half_close()->set_after_bytes(number);
  }
  return fault;
}

/// Reads up to three faults from the input, two bytes each: which fault, and its number. True when
/// one of them cuts the connection.
bool AddFaults(Input& input, v1::FaultPlan& plan, Journal& journal, Peer& peer) {
  bool cuts = false;
  for (int left = input.Byte() % 4; left > 0; --left) {
    const std::uint8_t which = input.Byte();
    *plan.add_fault() = FaultOf(which, input.Byte() * 8U);
    const int index = plan.fault_size() - 1;
    const v1::Fault& fault = plan.fault(index);
    const auto trigger = std::make_shared<Trigger>(plan, index, 1, journal, *peer.happenings);
    FindFaultKind(fault)->apply(fault, trigger, peer);
    trigger->Arm();
    cuts = cuts || which % 6 >= 3;
  }
  return cuts;
}

struct Pair {
  explicit Pair(int flags) {
    int fds[2];
    MustHold(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "there are sockets");
    near.Reset(fds[0]);
    far.Reset(fds[1]);
    MustHold(flags == 0 || fcntl(far.get(), F_SETFL, flags) == 0, "sockets have flags");
  }
  UniqueFd near;
  UniqueFd far;
};

void Send(int socket, const std::string& bytes) {
  // The relay may have cut the connection.
  if (!bytes.empty()) (void)send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

/// Receives until the end of the stream or a reset.
std::string ReceiveAll(int socket) {
  std::string all;
  std::array<char, 4096> chunk;
  for (;;) {
    const ssize_t got = recv(socket, chunk.data(), chunk.size(), 0);
    if (got < 0 && errno == EINTR) continue;  // libFuzzer's own alarm
    if (got <= 0) break;
    all.append(chunk.data(), static_cast<size_t>(got));
  }
  return all;
}

void Run(Input input) {
  v1::FaultPlan plan;
  Journal journal;
  Peer peer;
  const bool cuts = AddFaults(input, plan, journal, peer);
  Pair client(O_NONBLOCK);
  const UniqueFd stop(eventfd(0, EFD_CLOEXEC));
  auto relay = std::make_unique<Relay>(MakeByteFaults(peer.connections.network, 1),
                                       client.far.get(), stop.get());
  UniqueFd server = relay->TakeInner();
  fcntl(server.get(), F_SETFL, 0);
  std::string up;
  std::string down;
  while (!input.empty() && up.size() + down.size() < kMostBytes) {
    const Arrival arrival = Arrival::Take(input);
    const bool is_up = arrival.direction == Direction::up;
    (is_up ? up : down) += arrival.bytes;
    Send(is_up ? client.near.get() : server.get(), arrival.bytes);
  }
  shutdown(client.near.get(), SHUT_WR);
  const std::string up_received = ReceiveAll(server.get());
  server.Reset();
  relay.reset();
  client.far.Reset();
  const std::string down_received = ReceiveAll(client.near.get());
  MustHold(up.starts_with(up_received), "the server gets the beginning of what the client sent");
  MustHold(down.starts_with(down_received), "and the client of what the server sent");
  MustHold(cuts || up == up_received, "the server gets all that nobody cuts");
  MustHold(cuts || down == down_received, "and so does the client");
}

}  // namespace
}  // namespace zlayer::fakes::daemon

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, size_t size) {
  zlayer::fakes::daemon::Run({bytes, size});
  return 0;
}
