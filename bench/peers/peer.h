// A peer: a way to start and stop the fake that a user could choose instead of this library.
//
//   class MyPeer final : public Peer { ... };
//   const PeerRegistration<MyPeer> kRegistration("mine");   // in my_peer.cc, at namespace scope

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "world.h"

namespace zlayer::bench {

/// Seconds of one cycle's two parts.
struct CycleTimes {
  /// From just before the call that spawns until the whole handshake line has been read.
  double spawn_to_line = 0;
  /// From just before SIGTERM until the peer's own means have collected the exit status.
  double term_to_reaped = 0;
};

/// Used by one thread.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Starts the fake, reads its line, sends SIGTERM and reaps it. The fake is gone when this
  /// returns, whatever it returns; an exit status other than 0 is an error.
  virtual tl::expected<CycleTimes, std::string> Cycle(const World& world) = 0;
};

using MakePeer = std::unique_ptr<Peer> (*)();

/// Before main().
void RegisterPeer(std::string name, MakePeer make);

/// Null when the peer was not built.
MakePeer FindPeer(const std::string& name);

template <typename P>
class PeerRegistration {
 public:
  explicit PeerRegistration(std::string name) {
    RegisterPeer(std::move(name), []() -> std::unique_ptr<Peer> { return std::make_unique<P>(); });
  }
};

inline bool IsHandshakeLine(std::string_view line) { return line.starts_with("LISTENING "); }

inline tl::unexpected<std::string> NoLine() {
  return tl::unexpected<std::string>("no line came from the fake");
}

inline tl::unexpected<std::string> BadEnd() {
  return tl::unexpected<std::string>("the fake did not exit with status 0");
}

}  // namespace zlayer::bench
