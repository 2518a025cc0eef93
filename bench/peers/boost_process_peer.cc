// Boost.Process, the interface that Boost 1.81 has under that name: child, ipstream, wait().

#ifdef ZLAYER_WITH_BOOST_PROCESS

#include <signal.h>

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <boost/process/pipe.hpp>
#include <string>
#include <system_error>
#include <tl/expected.hpp>

#include "peers/peer.h"
#include "stopwatch.h"

namespace zlayer::bench {
namespace {

namespace bp = boost::process;

class BoostProcessPeer final : public Peer {
 public:
  /// A child that is left early is killed and reaped by its destructor.
  tl::expected<CycleTimes, std::string> Cycle(const World& world) override {
    CycleTimes times;
    std::error_code error;
    std::string line;
    const Stopwatch start;
    bp::ipstream out;
    bp::ipstream err;
    bp::child child(bp::exe = world.binary(), bp::args = world.Arguments(),
                    bp::std_in<bp::null, bp::std_out> out, bp::std_err > err, error);
    if (error) return tl::unexpected(error.message());
    std::getline(out, line);
    times.spawn_to_line = start.Seconds();
    if (!IsHandshakeLine(line)) return NoLine();

    const Stopwatch stop;
    ::kill(child.id(), SIGTERM);  // its own terminate() is SIGKILL
    child.wait(error);
    times.term_to_reaped = stop.Seconds();
    if (error) return tl::unexpected(error.message());
    if (child.exit_code() != 0) return BadEnd();
    return times;
  }
};

const PeerRegistration<BoostProcessPeer> kRegistration("boost_process");

}  // namespace
}  // namespace zlayer::bench

#endif  // ZLAYER_WITH_BOOST_PROCESS
