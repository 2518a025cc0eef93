#include "lifecycle/src/connect/connector.h"

#include <grpcpp/create_channel_posix.h>
#include <sys/socket.h>

#include <cerrno>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/connect/grpc_up.h"

namespace zlayer::sidecar {
namespace {

/// ErrorKind::dial_failed if the socket pair cannot be made, as when no descriptor is free.
Result<PlainChannel> MakePlainChannel() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    return Fail(ErrorKind::dial_failed, "cannot make a socket pair: {}", ErrnoText(errno));
  }
  UniqueFd relay_end(ends[0]);
  // gRPC owns ends[1] from here on.
  return PlainChannel{grpc::CreateInsecureChannelFromFd("zlayer-buildd", ends[1]),
                      std::move(relay_end)};
}

/// Closes a connection that was not proven, also when memory runs out.
struct CloseRelay {
  std::shared_ptr<TlsRelay> relay;
  ~CloseRelay() {
    if (relay) relay->Close();
  }
};

}  // namespace

Result<std::unique_ptr<Connector>> Connector::Prepare(SSL_CTX* context) {
  if (auto up = KeepGrpcUp(); !up) return tl::unexpected(std::move(up.error()));
  auto plain = MakePlainChannel();
  if (!plain) return tl::unexpected(std::move(plain.error()));
  return std::unique_ptr<Connector>(new Connector(context, std::move(*plain)));
}

Result<ProvenConnection> Connector::Connect(const Address& address, const DialLimit& limit,
                                            EventLoop* loop, const LifecycleOptions& options,
                                            StartWait* wait) {
  const PhaseClock clock(options);
  auto connection =
      clock.Time(Phase::dial, [&] { return Dial(address, std::move(session_), limit, wait); });
  if (!connection) return tl::unexpected(std::move(connection.error()));
  const bool mutual = connection->session->asked_for_certificate();
  if (!mutual && options.require_client_authentication) {
    return Fail(ErrorKind::server_rejected,
                "we refused the server at {}: it did not ask for our certificate, so it serves "
                "everybody",
                address.ToString());
  }
  const auto liveness = std::make_shared<Liveness>();
  const auto relay = TlsRelay::Start(
      loop, std::move(*connection), std::move(plain_.relay_end), [liveness](Ending ending) {
        ending == Ending::ended ? liveness->Lose() : liveness->Leave();
      });
  CloseRelay unproven{relay};
  auto proven = clock.Time(Phase::probe, [&] {
    return probe_.Await(address, limit, {*relay, *liveness}, wait);
  });
  if (!proven) return tl::unexpected(std::move(proven.error()));
  unproven.relay.reset();
  return ProvenConnection{relay, plain_.channel, liveness, mutual};
}

}  // namespace zlayer::sidecar
