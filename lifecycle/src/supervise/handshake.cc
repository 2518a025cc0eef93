#include "lifecycle/src/supervise/handshake.h"

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

constexpr std::string_view kPrefix = "LISTENING ";
constexpr size_t kShown = 120;

}  // namespace

LifecycleError MalformedHandshake(std::string_view bytes, std::string_view what) {
  return Fail(ErrorKind::handshake_malformed,
              "the sidecar printed {} instead of \"LISTENING host:port\": \"{}\"", what,
              Escaped(bytes, kShown))
      .value();
}

Result<Address> ParseHandshake(std::string_view line) {
  const std::string_view whole = line;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!line.starts_with(kPrefix)) {
    return tl::unexpected(MalformedHandshake(whole, "another line"));
  }
  auto address = ParseAddress(line.substr(kPrefix.size()));
  if (!address) {
    return Fail(ErrorKind::address_invalid, "the sidecar announced \"{}\": {}",
                Escaped(whole, kShown), address.error());
  }
  if (!address->IsLoopback()) {
    return Fail(ErrorKind::address_not_loopback,
                "the sidecar announced {}, which is not a loopback address: a sidecar started here "
                "can only be on loopback",
                address->ToString());
  }
  return *address;
}

}  // namespace zlayer::sidecar
