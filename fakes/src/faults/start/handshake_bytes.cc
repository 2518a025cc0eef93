// Fault `handshake_bytes`: writes other bytes in place of the handshake line.

#include <unistd.h>

#include <algorithm>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/base/stdio_write.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/peer/handshake_line.h"
#include "fakes/src/process/leave.h"
#include "fakes/src/process/pipe_writer.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::string_view kClosedPort = "{closed_port}";

Reach ReachOf(const v1::Fault& fault) {
  const auto then = fault.handshake_bytes().then();
  return {.stage = Stage::line,
          .ends_start = then == v1::HandshakeBytes::STALL || then == v1::HandshakeBytes::EXIT,
          .at_once = then == v1::HandshakeBytes::EXIT,
          .can_block = fault.handshake_bytes().drip_ms() > 0};
}

/// Checks that `cut_at` and `split_at` are inside the bytes. A text with a placeholder is not
/// checked: its length is known only when the socket is bound.
Mistake CheckPlaces(const v1::HandshakeBytes& bytes) {
  const std::string& known = bytes.has_raw() ? bytes.raw() : bytes.text();
  if (bytes.has_text() && known.find('{') != known.npos) return {};
  const auto behind = [&](std::uint32_t place) { return place != 0 && place >= known.size(); };
  if (behind(bytes.cut_at())) return {"cut_at", "must be less than the number of bytes"};
  if (behind(bytes.split_at())) return {"split_at", "must be less than the number of bytes"};
  return {};
}

Mistake Check(const v1::Fault& fault) {
  const v1::HandshakeBytes& bytes = fault.handshake_bytes();
  const bool writes = !bytes.text().empty() || !bytes.raw().empty();
  if (bytes.repeat() != 0 && !writes) return {"repeat", "has no bytes to repeat"};
  if (bytes.drip_ms() != 0 && !writes) return {"drip_ms", "has no bytes to drip"};
  if (bytes.on_stderr() && !writes) return {"on_stderr", "has no bytes to write"};
  if (bytes.split_at() != 0 && bytes.drip_ms() == 0) {
    return {"split_at", "needs drip_ms, the length of the pause"};
  }
  return CheckPlaces(bytes);
}

void ReplaceAll(std::string& text, std::string_view what, const std::string& by) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string Expand(const v1::HandshakeBytes& bytes, Start& start) {
  if (bytes.has_raw()) return bytes.raw();
  std::string text = bytes.text();
  ReplaceAll(text, "{host}", start.listener.host);
  ReplaceAll(text, "{port}", start.listener.port);
  if (text.find(kClosedPort) != text.npos) {
    const Result<std::string> port = ClosedPort();
    if (!port) {
      start.log.Error(port.error().message);
      Leave(start.journal, port.error().exit_code, port.error().message);
    }
    ReplaceAll(text, kClosedPort, *port);
  }
  return text;
}

/// Writes one byte at a time with a pause after each; with `split_at`, writes two pieces with one
/// pause between them.
void Drip(int fd, std::string_view bytes, const v1::HandshakeBytes& how, Start& start) {
  while (!bytes.empty()) {
    const size_t piece = how.split_at() == 0 ? 1 : std::min<size_t>(how.split_at(), bytes.size());
    WriteToPipe(fd, bytes.substr(0, piece), StartWaiter(start.signals));
    bytes.remove_prefix(piece);
    const std::int64_t due = MonotonicNs() + std::int64_t{how.drip_ms()} * 1'000'000;
    start.signals.WaitOrDie(-1, 0, due);
    if (how.split_at() == 0) continue;
    WriteToPipe(fd, bytes, StartWaiter(start.signals));
    return;
  }
}

/// Writes the bytes `repeat` times. Joins repetitions to blocks of at most 64 KiB: a short line
/// that is repeated then reaches the client in few reads.
void WriteRepeated(const v1::HandshakeBytes& bytes, const std::string& once, Start& start) {
  constexpr size_t kJoined = 65'536;
  const int fd = bytes.on_stderr() ? STDERR_FILENO : STDOUT_FILENO;
  std::uint64_t left = std::max<std::uint64_t>(1, bytes.repeat());
  std::string block;
  while (left > 0 && !once.empty()) {
    if (bytes.drip_ms() > 0) {
      Drip(fd, once, bytes, start);
      --left;
      continue;
    }
    block.clear();
    do {
      block += once;
      --left;
    } while (left > 0 && block.size() + once.size() <= kJoined);
    WriteToPipe(fd, block, StartWaiter(start.signals));
  }
}

AfterLine Print(const v1::HandshakeBytes& bytes, Start& start) {
  std::string once = Expand(bytes, start);
  if (bytes.cut_at() != 0) once.resize(std::min<size_t>(once.size(), bytes.cut_at()));
  const std::uint64_t repeat = std::max<std::uint64_t>(1, bytes.repeat());
  if (!bytes.on_stderr()) JournalPrinted(start.journal, once, repeat * once.size());
  WriteRepeated(bytes, once, start);
  if (bytes.then() == v1::HandshakeBytes::EXIT) Leave(start.journal, kExitOk, "the plan's exit");
  if (bytes.then() == v1::HandshakeBytes::CLOSE_STDOUT) CloseStdout();
  return bytes.then() == v1::HandshakeBytes::STALL ? AfterLine::stall : AfterLine::serve;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.print_line = [bytes = fault.handshake_bytes(), trigger](Start& start) {
    return trigger->Happens() ? Print(bytes, start) : PrintHonestLine(start);
  };
}

}  // namespace

const FaultKind kHandshakeBytesFault = {"handshake_bytes", "handshake", &ReachOf, &Check,
                                        nullptr,           &Apply};

}  // namespace zlayer::fakes::daemon
