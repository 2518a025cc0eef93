#include "first_client.h"

#include <signal.h>

#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace zlayer::bench {

tl::expected<FirstClient, std::string> FirstClient::Start(const World& world) {
  auto child = PipedChild::Start(world);
  if (!child) return tl::unexpected(std::move(child.error()));
  auto line = std::async(std::launch::async,
                         [out = child->TakeStdout()] { return bench::ReadLine(out.get()); });
  if (!line.get().starts_with("LISTENING ")) {
    return tl::unexpected(std::string("no line came from the fake"));
  }
  return FirstClient(std::move(*child));
}

tl::expected<void, std::string> FirstClient::Shutdown() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kPoll{50};
  constexpr std::chrono::seconds kGrace{5};

  child_.Signal(SIGTERM);
  const auto deadline = Clock::now() + kGrace;
  while (Clock::now() < deadline) {
    auto ended = child_.TryWait();
    if (!ended) return tl::unexpected(std::move(ended.error()));
    if (*ended) return {};
    std::this_thread::sleep_for(kPoll);  // the subject of the measurement
  }
  child_.Signal(SIGKILL);
  return child_.Wait();
}

}  // namespace zlayer::bench
