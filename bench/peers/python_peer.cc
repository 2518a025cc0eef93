// Python's subprocess.Popen, in one Python program for all cycles: the interpreter's own start is
// not measured. python_peer.py has the clock.

#ifdef ZLAYER_PYTHON3

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "peers/peer.h"
#include "piped_child.h"
#include "zlayer/fakes/child_process.h"

namespace zlayer::bench {
namespace {

class PythonPeer final : public Peer {
 public:
  /// The program ends when its stdin does, and has ended its fake by then.
  ~PythonPeer() override {
    if (!program_) return;
    program_->CloseIn();
    (void)program_->WaitForEnd();
  }

  tl::expected<CycleTimes, std::string> Cycle(const World& world) override {
    if (!program_) {
      auto program = fakes::ChildProcess::Start(
          {.argv = Command(world), .in = fakes::kPipe, .out = fakes::kPipe, .err = STDERR_FILENO});
      if (!program) return tl::unexpected(program.error().message);
      program_ = std::move(*program);
    }
    const bool asked = program_->Write("\n");
    const std::string answer = asked ? program_->ReadLine().value_or("") : "";
    CycleTimes times;
    if (std::sscanf(answer.c_str(), "%lf %lf", &times.spawn_to_line, &times.term_to_reaped) != 2) {
      return tl::unexpected<std::string>("the Python program has failed: its stderr says why");
    }
    return times;
  }

 private:
  static std::vector<std::string> Command(const World& world) {
    std::vector<std::string> words = FakeCommand(world);
    words.insert(words.begin(), {ZLAYER_PYTHON3, world.Beside("python_peer.py")});
    return words;
  }

  // The fixture's: what is measured is the Python program's child, not this one.
  std::optional<fakes::ChildProcess> program_;  // empty: not started
};

const PeerRegistration<PythonPeer> kRegistration("python");

}  // namespace
}  // namespace zlayer::bench

#endif  // ZLAYER_PYTHON3
