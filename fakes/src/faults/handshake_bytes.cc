// Writes other bytes in place of the handshake line.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/handshake_line.h"
#include "fakes/src/leave.h"
#include "fakes/src/monotonic.h"
#include "fakes/src/pipe_writer.h"

namespace zlayer::fakes {
namespace {

constexpr std::string_view kClosedPort = "{closed_port}";

Reach ReachOf(const v1::Fault& fault) {
  const auto then = fault.handshake_bytes().then();
  return {.stage = Stage::line,
          .ends_start = then == v1::HandshakeBytes::STALL || then == v1::HandshakeBytes::EXIT,
          .at_once = then == v1::HandshakeBytes::EXIT,
          .can_block = fault.handshake_bytes().drip_ms() > 0};
}

Mistake Check(const v1::Fault& fault) {
  const v1::HandshakeBytes& bytes = fault.handshake_bytes();
  const bool writes = !bytes.text().empty() || !bytes.raw().empty();
  if (bytes.repeat() != 0 && !writes) return {"repeat", "has no bytes to repeat"};
  if (bytes.drip_ms() != 0 && !writes) return {"drip_ms", "has no bytes to drip"};
  if (bytes.on_stderr() && !writes) return {"on_stderr", "has no bytes to write"};
  return {};
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

void Drip(int fd, std::string_view bytes, std::uint32_t pause_ms, Start& start) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    WriteToPipe(fd, bytes.substr(i, 1), StartWaiter(start.signals));
    const std::int64_t due = MonotonicNs() + std::int64_t{pause_ms} * 1'000'000;
    start.signals.WaitOrDie(-1, 0, due);
  }
}

/// Repetitions are joined, up to a bound, so that a short line repeated is still one write.
void WriteRepeated(const v1::HandshakeBytes& bytes, const std::string& once, Start& start) {
  constexpr size_t kJoined = 65'536;
  const int fd = bytes.on_stderr() ? STDERR_FILENO : STDOUT_FILENO;
  std::uint64_t left = std::max<std::uint64_t>(1, bytes.repeat());
  std::string block;
  while (left > 0 && !once.empty()) {
    if (bytes.drip_ms() > 0) {
      Drip(fd, once, bytes.drip_ms(), start);
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

/// The number stays taken: a later socket must not become this process's stdout.
void CloseStdout() {
  const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(null, STDOUT_FILENO);
  close(null);
}

AfterLine Print(const v1::HandshakeBytes& bytes, Start& start) {
  const std::string once = Expand(bytes, start);
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

}  // namespace zlayer::fakes
