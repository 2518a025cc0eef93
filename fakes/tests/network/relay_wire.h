// A relay between two sockets, for tests of the relay itself.
//
//   Wire wire({[](Direction direction, Piece piece, Outlet& out) {
//     out.Emit(direction, std::move(piece));
//   }});
//   SendAll(wire.client(), "up");
//   EXPECT_EQ(Receive(wire.server(), 2).bytes, "up");

#pragma once

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fakes/src/relay/relay.h"
#include "fakes/tests/network/raw_socket.h"

namespace zlayer::fakes::daemon {

/// A fault that calls a function of the test for each piece.
class Scripted : public ByteFault {
 public:
  using Script = std::function<void(Direction, Piece, Outlet&)>;
  explicit Scripted(Script script, bool reads_up = true)
      : script_(std::move(script)), reads_up_(reads_up) {}
  void Pass(Direction direction, Piece piece, Outlet& out) override {
    script_(direction, std::move(piece), out);
  }
  bool Reads(Direction direction) const override {
    return reads_up_ || direction == Direction::down;
  }

 private:
  const Script script_;
  const bool reads_up_;
};

/// The sockets of a client and of a server, and a relay between them. The server's socket is the
/// relay's inner end.
class Wire {
 public:
  explicit Wire(const std::vector<Scripted::Script>& scripts, bool reads_up = true) {
    ByteFaults faults;
    for (const auto& script : scripts) {
      faults.push_back(std::make_unique<Scripted>(script, reads_up));
    }
    MakeTcpPair();
    relay_ = std::make_unique<Relay>(std::move(faults), outer_.get(), stop_.get());
    server_ = relay_->TakeInner();
  }

  int client() const { return client_.get(); }
  int server() const { return server_.get(); }
  void CloseServer() { server_.Reset(); }
  void Stop() { eventfd_write(stop_.get(), 1); }
  /// Waits until the relay has ended by itself.
  void Join() { relay_.reset(); }

 private:
  void MakeTcpPair() {
    const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener.get(), 1), 0);
    getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    client_ = Dial(std::to_string(ntohs(address.sin_port)));
    outer_.Reset(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  }

  fixture::UniqueFd client_;
  UniqueFd outer_;
  UniqueFd stop_{eventfd(0, EFD_CLOEXEC)};
  std::unique_ptr<Relay> relay_;
  UniqueFd server_;
};

}  // namespace zlayer::fakes::daemon
