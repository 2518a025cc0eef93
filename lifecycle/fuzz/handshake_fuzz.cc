// The handshake parser on arbitrary bytes of a sidecar's stdout. The first line must not depend on
// how the pipe cuts the bytes. Parsing it must give either a loopback address, which stays the same
// when it is printed and parsed again, or an error whose message is one line of printable ASCII.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "lifecycle/src/supervise/handshake.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::sidecar {
namespace {

FirstLine InPieces(std::string_view bytes, size_t size) {
  FirstLine line;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    line.Append(bytes.substr(0, size));
  }
  return line;
}

void ExpectPresentable(const LifecycleError& error) {
  MustHold(!error.message.empty(), "an error has a message");
  for (const char c : error.message) {
    MustHold(c >= ' ' && c <= '~', "a message is one line of printable ASCII");
  }
  const ErrorKind kind = error.kind;
  MustHold(kind == ErrorKind::handshake_malformed || kind == ErrorKind::address_invalid ||
               kind == ErrorKind::address_not_loopback,
           "the error of a bad line has one of three kinds");
}

void ExpectDiallable(const Address& address) {
  MustHold(address.port != 0, "a port is 1 to 65535");
  MustHold(address.IsLoopback(), "only loopback is dialled");
  const auto again = ParseHandshake("LISTENING " + address.ToString() + "\r");
  MustHold(again && again->host == address.host && again->port == address.port,
           "an address stays the same when it is printed and parsed");
}

void Run(std::string_view bytes) {
  const FirstLine line = InPieces(bytes, bytes.size() + 1);
  for (const size_t size : {1, 7}) {
    const FirstLine cut = InPieces(bytes, size);
    MustHold(cut.bytes() == line.bytes() && cut.complete() == line.complete() &&
                 cut.too_long() == line.too_long(),
             "the line does not depend on how the bytes are cut");
  }
  MustHold(line.bytes().size() <= kHandshakeLimit,
           "the line is at most kHandshakeLimit bytes long");
  if (line.too_long()) ExpectPresentable(MalformedHandshake(line.bytes(), "too much"));
  const auto address = ParseHandshake(line.bytes());
  address ? ExpectDiallable(*address) : ExpectPresentable(address.error());
}

}  // namespace
}  // namespace zlayer::sidecar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, size_t size) {
  zlayer::sidecar::Run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
