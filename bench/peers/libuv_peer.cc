// libuv: uv_spawn, streams and the exit callback, in a loop of its own.

#ifdef ZLAYER_WITH_LIBUV

#include <signal.h>
#include <uv.h>

#include <array>
#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "peers/peer.h"
#include "piped_child.h"
#include "stopwatch.h"

namespace zlayer::bench {
namespace {

/// One child in a loop. Killed, reaped and its handles closed when it goes.
class UvChild {
 public:
  /// `loop` must outlive this object and serve nothing else.
  explicit UvChild(uv_loop_t* loop) : loop_(loop) {
    uv_pipe_init(loop_, &out_.pipe, 0);
    uv_pipe_init(loop_, &err_.pipe, 0);
  }
  UvChild(const UvChild&) = delete;
  UvChild& operator=(const UvChild&) = delete;
  ~UvChild() {
    if (running_) {
      Signal(SIGKILL);
      AwaitEnd();
    }
    if (spawn_tried_) uv_close(Handle(&process_), nullptr);
    uv_close(Handle(&out_.pipe), nullptr);
    uv_close(Handle(&err_.pipe), nullptr);
    uv_run(loop_, UV_RUN_DEFAULT);  // until all three are closed
  }

  /// Returns libuv's error number, 0: none.
  int Start(const World& world) {
    std::vector<std::string> words = FakeCommand(world);
    std::vector<char*> argv = Argv(words);
    std::array<uv_stdio_container_t, 3> stdio{};
    stdio[0].flags = UV_IGNORE;  // libuv opens /dev/null
    Pipe(&out_, &stdio[1]);
    Pipe(&err_, &stdio[2]);
    uv_process_options_t options{};
    options.file = argv[0];
    options.args = argv.data();
    options.stdio = stdio.data();
    options.stdio_count = static_cast<int>(stdio.size());
    options.exit_cb = &OnExit;
    process_.data = this;
    spawn_tried_ = true;
    if (const int error = uv_spawn(loop_, &process_, &options); error != 0) return error;
    running_ = true;
    uv_read_start(Stream(&out_), &OnBuffer, &OnRead);
    uv_read_start(Stream(&err_), &OnBuffer, &OnRead);
    return 0;
  }

  /// Empty when stdout ends before its first line does.
  std::string ReadLine() {
    while (out_.text.find('\n') == std::string::npos) {
      if (out_.ended) return "";
      uv_run(loop_, UV_RUN_ONCE);
    }
    return out_.text;
  }
  void Signal(int signal) { uv_process_kill(&process_, signal); }
  /// True when it exited with status 0.
  bool AwaitEnd() {
    while (running_) uv_run(loop_, UV_RUN_ONCE);
    return exited_well_;
  }

 private:
  struct Output {
    uv_pipe_t pipe;
    std::string text;
    std::array<char, 4096> buffer;
    bool ended = false;
  };

  /// A handle's type is known by its place in libuv's C structures.
  template <typename T>
  static uv_handle_t* Handle(T* derived) {
    return reinterpret_cast<uv_handle_t*>(derived);
  }
  static uv_stream_t* Stream(Output* output) {
    return reinterpret_cast<uv_stream_t*>(&output->pipe);
  }

  static void Pipe(Output* output, uv_stdio_container_t* stdio) {
    output->pipe.data = output;
    stdio->flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
    stdio->data.stream = Stream(output);
  }
  static void OnBuffer(uv_handle_t* handle, size_t /*suggested*/, uv_buf_t* buffer) {
    auto* output = static_cast<Output*>(handle->data);
    *buffer = uv_buf_init(output->buffer.data(), static_cast<unsigned>(output->buffer.size()));
  }
  static void OnRead(uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer) {
    auto* output = static_cast<Output*>(stream->data);
    if (got > 0) output->text.append(buffer->base, static_cast<size_t>(got));
    if (got >= 0) return;
    output->ended = true;
    uv_read_stop(stream);
  }
  static void OnExit(uv_process_t* process, int64_t status, int signal) {
    auto* self = static_cast<UvChild*>(process->data);
    self->running_ = false;
    self->exited_well_ = status == 0 && signal == 0;
  }

  uv_loop_t* const loop_;
  uv_process_t process_{};
  Output out_{};
  Output err_{};
  bool spawn_tried_ = false;
  bool running_ = false;
  bool exited_well_ = false;
};

class LibuvPeer final : public Peer {
 public:
  LibuvPeer() { uv_loop_init(&loop_); }
  ~LibuvPeer() override { uv_loop_close(&loop_); }

  tl::expected<CycleTimes, std::string> Cycle(const World& world) override {
    CycleTimes times;
    const Stopwatch start;
    UvChild child(&loop_);
    if (const int error = child.Start(world); error != 0) {
      return tl::unexpected<std::string>(uv_strerror(error));
    }
    const std::string line = child.ReadLine();
    times.spawn_to_line = start.Seconds();
    if (!IsHandshakeLine(line)) return NoLine();

    const Stopwatch stop;
    child.Signal(SIGTERM);
    const bool well = child.AwaitEnd();
    times.term_to_reaped = stop.Seconds();
    if (!well) return BadEnd();
    return times;
  }

 private:
  uv_loop_t loop_{};
};

const PeerRegistration<LibuvPeer> kRegistration("libuv");

}  // namespace
}  // namespace zlayer::bench

#endif  // ZLAYER_WITH_LIBUV
