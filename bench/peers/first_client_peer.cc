// The first client, rebuilt.

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "first_client.h"
#include "peers/peer.h"
#include "stopwatch.h"

namespace zlayer::bench {
namespace {

class FirstClientPeer final : public Peer {
 public:
  tl::expected<CycleTimes, std::string> Cycle(const World& world) override {
    CycleTimes times;
    const Stopwatch start;
    auto client = FirstClient::Start(world);
    times.spawn_to_line = start.Seconds();
    if (!client) return tl::unexpected(std::move(client.error()));

    const Stopwatch stop;
    auto stopped = client->Shutdown();
    times.term_to_reaped = stop.Seconds();
    if (!stopped) return tl::unexpected(std::move(stopped.error()));
    return times;
  }
};

const PeerRegistration<FirstClientPeer> kRegistration("first_client");

}  // namespace
}  // namespace zlayer::bench
