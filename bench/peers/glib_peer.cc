// GLib: GSubprocess, its stdout as a GDataInputStream, g_subprocess_wait().

#ifdef ZLAYER_WITH_GLIB

#include <gio/gio.h>
#include <signal.h>

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "peers/peer.h"
#include "piped_child.h"
#include "stopwatch.h"

namespace zlayer::bench {
namespace {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};

/// Takes the error.
tl::unexpected<std::string> Fail(GError* error) {
  std::string message = error->message;
  g_error_free(error);
  return tl::unexpected(std::move(message));
}

/// Killed and reaped when it goes. Its stdin is /dev/null, which is GSubprocess's default.
class GlibChild {
 public:
  GlibChild(const World& world, GError** error) {
    std::vector<std::string> words = FakeCommand(world);
    const auto flags = static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                                     G_SUBPROCESS_FLAGS_STDERR_PIPE);
    child_.reset(g_subprocess_newv(Argv(words).data(), flags, error));
  }
  GlibChild(const GlibChild&) = delete;
  GlibChild& operator=(const GlibChild&) = delete;
  ~GlibChild() {
    if (!child_ || reaped_) return;
    g_subprocess_force_exit(child_.get());
    g_subprocess_wait(child_.get(), nullptr, nullptr);
  }

  /// Empty when none comes.
  std::string ReadLine() const {
    const std::unique_ptr<GDataInputStream, Unref> out(
        g_data_input_stream_new(g_subprocess_get_stdout_pipe(child_.get())));
    char* const line = g_data_input_stream_read_line(out.get(), nullptr, nullptr, nullptr);
    std::string copy = line != nullptr ? line : "";
    g_free(line);
    return copy;
  }
  void Signal(int signal) const { g_subprocess_send_signal(child_.get(), signal); }
  /// False with the error set when waiting failed.
  bool Wait(GError** error) {
    reaped_ = g_subprocess_wait(child_.get(), nullptr, error) != FALSE;
    return reaped_;
  }
  bool exited_well() const { return g_subprocess_get_successful(child_.get()) != FALSE; }

 private:
  std::unique_ptr<GSubprocess, Unref> child_;
  bool reaped_ = false;
};

class GlibPeer final : public Peer {
 public:
  tl::expected<CycleTimes, std::string> Cycle(const World& world) override {
    CycleTimes times;
    GError* error = nullptr;
    const Stopwatch start;
    GlibChild child(world, &error);
    if (error != nullptr) return Fail(error);
    const std::string line = child.ReadLine();
    times.spawn_to_line = start.Seconds();
    if (!IsHandshakeLine(line)) return NoLine();

    const Stopwatch stop;
    child.Signal(SIGTERM);
    const bool waited = child.Wait(&error);
    times.term_to_reaped = stop.Seconds();
    if (!waited) return Fail(error);
    if (!child.exited_well()) return BadEnd();
    return times;
  }
};

const PeerRegistration<GlibPeer> kRegistration("glib");

}  // namespace
}  // namespace zlayer::bench

#endif  // ZLAYER_WITH_GLIB
