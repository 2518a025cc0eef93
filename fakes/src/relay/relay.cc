#include "fakes/src/relay/relay.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/monotonic.h"
#include "fakes/src/relay/pipeline.h"

namespace zlayer::fakes::daemon {
namespace {

/// When more bytes than this wait in one direction, its source is not read any more: the memory
/// stays bounded, and the writer blocks, as on a real slow network.
constexpr size_t kMostWaiting = 256 * 1024;

/// The body of a relay's thread: reads, passes pieces through the pipeline, and writes those that
/// are due.
class Loop {
 public:
  Loop(ByteFaults faults, int outer, int inner, int stop_fd)
      : pipeline_(std::move(faults)), outer_(outer), stop_fd_(stop_fd) {
    LaneOf(Direction::up).source = LaneOf(Direction::down).sink = outer;
    LaneOf(Direction::up).sink = LaneOf(Direction::down).source = inner;
  }

  RelayEnd Run() {
    pipeline_.Open(MonotonicNs());
    while (!Ended() && Wait()) {
      for (const Direction direction : {Direction::up, Direction::down}) {
        Read(direction);
        Write(direction);
      }
    }
    return closed_ ? RelayEnd::fault : end_;
  }

 private:
  Lane& LaneOf(Direction direction) { return pipeline_.LaneOf(direction); }

  /// True when the connection is closed, when both sinks have ended, or when the server has ended
  /// and the client has got all of it. (Source and sink must both be checked: a fault may drop the
  /// server's end, or end the client's side early.)
  bool Ended() {
    const Lane& down = LaneOf(Direction::down);
    const bool server_done = down.source_ended && down.sink_ended && down.waiting.empty();
    return closed_ || server_done || (down.sink_ended && LaneOf(Direction::up).sink_ended);
  }

  bool MayRead(Direction direction) {
    const Lane& lane = LaneOf(direction);
    return !lane.source_ended && lane.waiting_bytes < kMostWaiting && pipeline_.Reads(direction);
  }

  void Read(Direction direction) {
    if (!MayRead(direction)) return;
    Lane& lane = LaneOf(direction);
    const ssize_t got = recv(lane.source, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    Piece piece{.due_ns = MonotonicNs()};
    if (got > 0) piece.bytes.assign(buffer_.data(), static_cast<size_t>(got));
    if (got <= 0) {
      lane.source_ended = true;
      if (end_ == RelayEnd::stopped) {
        end_ = direction == Direction::up ? RelayEnd::client : RelayEnd::server;
      }
      piece.then = Piece::Then::end;
    }
    pipeline_.Pass(direction, std::move(piece));
  }

  void Write(Direction direction) {
    Lane& lane = LaneOf(direction);
    while (!closed_ && !lane.waiting.empty() && lane.waiting.front().due_ns <= MonotonicNs()) {
      Piece& piece = lane.waiting.front();
      if (!lane.sink_ended && !piece.bytes.empty()) {
        if (piece.leaves) std::exchange(piece.leaves, nullptr)();
        const ssize_t sent = send(lane.sink, piece.bytes.data(), piece.bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (sent < 0) {
          lane.sink_ended = true;  // the reader is gone: drop these bytes
        } else if (static_cast<size_t>(sent) < piece.bytes.size()) {
          lane.waiting_bytes -= static_cast<size_t>(sent);
          piece.bytes.erase(0, static_cast<size_t>(sent));
          return;
        }
      }
      lane.waiting_bytes -= piece.bytes.size();
      const Piece::Then then = piece.then;
      lane.waiting.pop_front();
      Finish(lane, then);
    }
  }

  void Finish(Lane& lane, Piece::Then then) {
    if (then == Piece::Then::end && !lane.sink_ended) {
      lane.sink_ended = true;
      shutdown(lane.sink, SHUT_WR);
    }
    if (then == Piece::Then::reset) {
      // connect(2) with AF_UNSPEC disconnects a TCP socket: the kernel sends RST at once, and no
      // FIN.
      const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
      connect(outer_, &nobody, sizeof nobody);
    }
    // Send FIN now. The outer socket is closed only when the server has closed the inner one, which
    // may be much later.
    if (then == Piece::Then::close) shutdown(outer_, SHUT_WR);
    closed_ = closed_ || then == Piece::Then::close || then == Piece::Then::reset;
  }

  /// Waits until a socket is ready or a piece is due. False when the relay must stop.
  bool Wait() {
    std::array<pollfd, 5> fds{};
    fds[0] = {.fd = stop_fd_, .events = POLLIN, .revents = 0};
    std::int64_t due = -1;
    size_t count = 1;
    for (const Direction direction : {Direction::up, Direction::down}) {
      const Lane& lane = LaneOf(direction);
      if (MayRead(direction)) {
        fds[count++] = {.fd = lane.source, .events = POLLIN, .revents = 0};
      }
      if (lane.waiting.empty()) continue;
      const std::int64_t next = lane.waiting.front().due_ns;
      if (next <= MonotonicNs()) {
        fds[count++] = {.fd = lane.sink, .events = POLLOUT, .revents = 0};
      } else if (due < 0 || next < due) {
        due = next;
      }
    }
    while (WaitUntil(due, fds.data(), count) < 0 && errno == EINTR) {
    }
    return fds[0].revents == 0;
  }

  /// Polls until `due_ns`; negative means without a limit. Uses ppoll(2), because `slicer` has
  /// delays below the millisecond of poll(2).
  static int WaitUntil(std::int64_t due_ns, pollfd* fds, nfds_t count) {
    if (due_ns < 0) return ppoll(fds, count, nullptr, nullptr);
    const std::int64_t left = std::max<std::int64_t>(0, due_ns - MonotonicNs());
    const timespec timeout{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    return ppoll(fds, count, &timeout, nullptr);
  }

  Pipeline pipeline_;
  const int outer_;
  const int stop_fd_;
  bool closed_ = false;
  RelayEnd end_ = RelayEnd::stopped;    // whose side ended first
  std::array<char, 64 * 1024> buffer_;  // for one recv(2)
};

}  // namespace

ByteFaults MakeByteFaults(const std::vector<MakeByteFault>& makers, std::uint32_t number) {
  ByteFaults faults;
  for (const MakeByteFault& make : makers) {
    if (auto fault = make(number)) faults.push_back(std::move(fault));
  }
  return faults;
}

Relay::Relay(ByteFaults faults, int outer, int stop_fd) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return;
  inner_.Reset(ends[0]);
  auto loop = std::make_unique<Loop>(std::move(faults), outer, ends[1], stop_fd);
  const bool started = thread_.Start(
      [this, loop = std::move(loop), near = UniqueFd(ends[1]), number = OnConnection::Current()] {
        const OnConnection scope(number);
        end_ = loop->Run();
      });
  if (!started) inner_.Reset();
}

Relay::~Relay() { Join(); }

RelayEnd Relay::Join() {
  inner_.Reset();
  thread_.Join();
  return end_;
}

}  // namespace zlayer::fakes::daemon
