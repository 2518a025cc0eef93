#include "fakes/src/upstream/pass_stdout.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "fakes/src/base/stdio_write.h"
#include "fakes/src/process/pipe_writer.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

/// A Waiter for the main thread: passes signals on. Woke::stop: the upstream has ended.
Waiter WaiterOf(Upstream& upstream) {
  return [&upstream](int fd, short events, std::int64_t deadline_ns) {
    for (;;) {
      switch (upstream.Wait(fd, events, deadline_ns)) {
        case Upstream::Event::ready:
          return Woke::ready;
        case Upstream::Event::timeout:
          return Woke::timeout;
        case Upstream::Event::ended:
          return Woke::stop;
        case Upstream::Event::signal:
          break;
      }
    }
  };
}

/// Appends what can be read without waiting. False at the end of the stream.
bool ReadInto(int out, std::string& bytes) {
  std::array<char, 4096> buffer;
  const ssize_t got = read(out, buffer.data(), buffer.size());
  if (got > 0) bytes.append(buffer.data(), static_cast<size_t>(got));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/// What is in the pipe of an upstream that has ended, as far as it can be printed without waiting.
void PassRest(int out) {
  std::string rest;
  for (pollfd left{.fd = out, .events = POLLIN, .revents = 0};
       poll(&left, 1, 0) == 1 && ReadInto(out, rest);) {
  }
  pollfd printed{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  for (size_t at = 0; at < rest.size() && poll(&printed, 1, 0) == 1; at += PIPE_BUF) {
    WriteAll(STDOUT_FILENO, std::string_view(rest).substr(at, PIPE_BUF));
  }
}

}  // namespace

FirstLine ReadFirstLine(Upstream& upstream, Journal& journal) {
  const Waiter wait = WaiterOf(upstream);
  std::string bytes;
  size_t newline = bytes.npos;
  while (newline == bytes.npos && bytes.size() < kLongestLine) {
    if (wait(upstream.out(), POLLIN, kNoDeadline) == Woke::stop) break;
    if (!ReadInto(upstream.out(), bytes)) break;
    newline = bytes.find('\n');
  }
  const size_t size = newline == bytes.npos ? bytes.size() : newline + 1;
  FirstLine line{bytes.substr(0, size), bytes.substr(size)};
  journal.Write([&](v1::JournalEntry& entry) {
    v1::UpstreamSeen* seen = entry.mutable_upstream();
    seen->set_line(line.text.substr(0, 256));
    if (const auto address = AddressInLine(line.text)) seen->set_address(address->text);
  });
  return line;
}

void PassAndEndAlike(Upstream& upstream, const std::string& bytes) {
  const Waiter wait = WaiterOf(upstream);
  PassStdout(upstream.out(), bytes, wait);
  while (wait(-1, 0, kNoDeadline) != Woke::stop) {
  }
  upstream.EndAlike();
}

void PassStdout(int out, const std::string& bytes, const Waiter& wait) {
  if (!WriteToPipe(STDOUT_FILENO, bytes, wait)) return;
  for (;;) {
    if (wait(out, POLLIN, kNoDeadline) == Woke::stop) return PassRest(out);
    std::string more;
    if (!ReadInto(out, more)) break;
    if (!WriteToPipe(STDOUT_FILENO, more, wait)) return;
  }
  CloseStdout();
}

}  // namespace zlayer::fakes::daemon
