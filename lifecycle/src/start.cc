#include "start.h"

#include <openssl/ssl.h>

#include <algorithm>

#include "dial.h"
#include "discover.h"
#include "handshake.h"
#include "launch.h"
#include "make_error.h"
#include "plain_channel.h"
#include "private_directory.h"
#include "probe.h"
#include "resolved_config.h"
#include "tls_material.h"
#include "tls_revocation.h"

namespace zlayer::sidecar {
namespace {

/// A process that dies closes its connection a little before its end can be seen. The dial's limit
/// bounds this, too.
constexpr std::chrono::milliseconds kExitFollowsClose{250};

std::vector<std::string> Arguments(const ResolvedConfig& config, const TlsPaths& tls) {
  return {"--bind",
          "127.0.0.1:0",
          "--tls-ca",
          tls.ca,
          "--tls-cert",
          tls.cert,
          "--tls-key",
          tls.key,
          "--idle-secs",
          std::to_string(config.idle_secs),
          "--storage-root",
          config.storage_graph_root,
          "--storage-runroot",
          config.storage_run_root,
          "--storage-driver",
          config.storage_driver};
}

/// The steps of one start, with what they hand on.
class Start {
 public:
  Start(const LifecycleOptions& options, std::shared_ptr<EventLoop> loop,
        std::function<void()> on_lost, std::stop_token stop)
      : options_(options),
        loop_(std::move(loop)),
        on_lost_(std::move(on_lost)),
        stop_(std::move(stop)) {}

  Result<std::shared_ptr<Sidecar>> Run(const SidecarConfig& config);

 private:
  Result<void> Prepare(const ResolvedConfig& config, const Environment& environment);
  Result<void> LoadTls(const ResolvedConfig& config);
  Result<void> Spawn(const ResolvedConfig& config);
  Result<void> PrepareConnection();
  Result<Address> AwaitAddress();
  Result<std::shared_ptr<Sidecar>> Connect(const Address& address);
  LifecycleError CleanUp(LifecycleError error);

  /// Runs `step` and reports its time.
  template <typename Step>
  auto Timed(Phase phase, Step step) {
    const auto begin = Clock::now();
    auto result = step();
    if (options_.on_phase) options_.on_phase(phase, Clock::now() - begin);
    return result;
  }

  const LifecycleOptions& options_;
  const std::shared_ptr<EventLoop> loop_;
  const std::function<void()> on_lost_;
  const std::stop_token stop_;
  std::unique_ptr<Launch> launch_;  // null: remote
  std::optional<ContextMount> context_mount_;
  TlsPaths tls_paths_;
  SslContextPtr tls_;
  std::shared_ptr<SidecarProcess> process_;
  Deadline handshake_deadline_;
  std::unique_ptr<TlsSession> session_;
  PlainChannel plain_;
  std::optional<Probe> probe_;
  Deadline dial_deadline_;
};

Result<std::shared_ptr<Sidecar>> Start::Run(const SidecarConfig& raw_config) {
  context_mount_ = raw_config.context_mount;
  const Environment environment =
      options_.environment ? *options_.environment : Environment::OfThisProcess();
  auto config = ResolveConfig(raw_config, options_, environment);
  if (!config) return tl::unexpected(std::move(config.error()));

  if (!config->addr) {
    if (auto prepared = Prepare(*config, environment); !prepared) {
      return tl::unexpected(std::move(prepared.error()));
    }
  }
  if (auto tls = Timed(Phase::tls_material, [&] { return LoadTls(*config); }); !tls) {
    return tl::unexpected(std::move(tls.error()));
  }
  if (!config->addr) {
    if (auto spawned = Spawn(*config); !spawned) return tl::unexpected(std::move(spawned.error()));
  }
  Result<Address> address = config->addr ? Result<Address>(*config->addr) : AwaitAddress();
  if (!address) return tl::unexpected(CleanUp(std::move(address.error())));
  auto sidecar = Connect(*address);
  if (!sidecar) return tl::unexpected(CleanUp(std::move(sidecar.error())));
  return sidecar;
}

/// Finds the binary and starts its keeper, which comes up while we load certificates.
Result<void> Start::Prepare(const ResolvedConfig& config, const Environment& environment) {
  auto binary =
      Timed(Phase::discover, [&] { return DiscoverBinary(environment, config.data_dir); });
  if (!binary) return tl::unexpected(std::move(binary.error()));
  auto launch =
      Launch::Prepare({*binary, environment.Strings(), options_.containment, options_.keeper_path});
  if (!launch) return tl::unexpected(std::move(launch.error()));
  launch_ = std::move(*launch);
  return {};
}

Result<void> Start::LoadTls(const ResolvedConfig& config) {
  // Where nobody has used OpenSSL before, it must not clean up at exit: a handle in a static
  // variable may go later than that, and closes its TLS then.
  ::OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr);
  auto material =
      EnsureTlsMaterial(config.tls_dir, config.addr ? TlsPeer::remote : TlsPeer::spawned);
  if (!material) return tl::unexpected(std::move(material.error()));
  auto context = MakeTlsContext(material->set);
  if (!context) return tl::unexpected(std::move(context.error()));
  if (config.tls_crl) {
    if (auto checked = CheckRevocation(context->get(), *config.tls_crl); !checked) return checked;
  }
  tls_paths_ = std::move(material->set.paths);
  tls_ = std::move(*context);
  return {};
}

Result<void> Start::Spawn(const ResolvedConfig& config) {
  auto storage = Timed(Phase::storage, [&] {
    auto made = CreatePrivateDirectory(config.storage_graph_root, ErrorKind::storage);
    if (!made) return made;
    return CreatePrivateDirectory(config.storage_run_root, ErrorKind::storage);
  });
  if (!storage) return tl::unexpected(std::move(storage.error()));
  if (stop_.stop_requested()) {
    return Fail(ErrorKind::cancelled, "cancelled before the sidecar was started");
  }
  handshake_deadline_ = Clock::now() + options_.handshake_timeout;
  auto launched = Timed(Phase::spawn, [&] {
    return launch_->Run(Arguments(config, tls_paths_), loop_.get(), stop_, handshake_deadline_);
  });
  if (!launched) return tl::unexpected(std::move(launched.error()));
  process_ = SidecarProcess::Adopt(loop_.get(), std::move(*launched), options_.on_stderr_line);
  return {};
}

/// All of a connection that needs no address: the ClientHello, whose keys cost more than its way,
/// and the first RPC.
Result<void> Start::PrepareConnection() {
  session_ = std::make_unique<TlsSession>(tls_.get());
  session_->Handshake();
  auto plain = MakePlainChannel();
  if (!plain) return tl::unexpected(std::move(plain.error()));
  plain_ = std::move(*plain);
  probe_.emplace(plain_.channel);
  return {};
}

/// Prepares the connection while the process starts.
Result<Address> Start::AwaitAddress() {
  auto line = Timed(Phase::handshake, [&]() -> Result<std::string> {
    if (auto prepared = PrepareConnection(); !prepared) {
      return tl::unexpected(std::move(prepared.error()));
    }
    return process_->WaitForLine(options_.handshake_timeout, handshake_deadline_, stop_);
  });
  if (!line) return tl::unexpected(std::move(line.error()));
  return ParseHandshake(*line);
}

Result<std::shared_ptr<Sidecar>> Start::Connect(const Address& address) {
  dial_deadline_ = Clock::now() + options_.connect_timeout;
  const DialLimit limit{options_.connect_timeout, dial_deadline_};
  StartWait wait(stop_, process_ ? process_->pidfd() : -1);
  auto connection = Timed(Phase::dial, [&]() -> Result<TlsConnection> {
    if (!session_) {  // remote
      if (auto prepared = PrepareConnection(); !prepared) {
        return tl::unexpected(std::move(prepared.error()));
      }
    }
    return Dial(address, std::move(session_), limit, &wait);
  });
  if (!connection) return tl::unexpected(std::move(connection.error()));
  const bool mutual = connection->session->asked_for_certificate();
  if (!mutual && options_.require_client_authentication) {
    return Fail(ErrorKind::server_rejected,
                "we refused the server at {}: it did not ask for our certificate, so it serves "
                "everybody",
                address.ToString());
  }

  const auto liveness = std::make_shared<Liveness>(on_lost_);
  const auto relay = TlsRelay::Start(loop_.get(), std::move(*connection),
                                     std::move(plain_.relay_end), [liveness] { liveness->Lose(); });
  auto proven = Timed(Phase::probe, [&] {
    return probe_->Await(address, limit, {*relay, *liveness}, &wait);
  });
  if (!proven) {
    relay->Close();
    return tl::unexpected(std::move(proven.error()));
  }
  if (process_) process_->WhenEnded([liveness] { liveness->Lose(); });
  if (!liveness->Prove()) {
    relay->Close();
    return Fail(ErrorKind::dial_failed, "{} ended the connection after its first answer",
                address.ToString());
  }
  return std::make_shared<Sidecar>(Sidecar::Parts{loop_, process_, relay, plain_.channel, liveness,
                                                  address.ToString(), mutual, options_.rpc_timeout,
                                                  options_.grace, context_mount_});
}

/// Ends what there is of the process and adds what it left to the error.
LifecycleError Start::CleanUp(LifecycleError error) {
  if (!process_) return error;
  const bool may_have_died =
      error.kind == ErrorKind::dial_failed || error.kind == ErrorKind::sidecar_lost;
  StartWait wait({}, process_->pidfd());
  const Deadline until = std::min(dial_deadline_, Clock::now() + kExitFollowsClose);
  if (may_have_died && wait.For(-1, 0, until) == Waited::process_ended) {
    const StopReport end = process_->WaitForEnd();
    error.kind = ErrorKind::sidecar_lost;
    error.message = fmt::format("the sidecar {} before it answered an RPC: {}",
                                SidecarProcess::Describe(end), error.message);
    error.exit_code = end.exit_code;
    error.signal = end.signal;
  }
  process_->Kill();
  process_->WaitForEnd();
  error.stderr_tail = process_->StderrTail();
  return error;
}

}  // namespace

Result<std::shared_ptr<Sidecar>> StartSidecar(const SidecarConfig& config,
                                              const LifecycleOptions& options,
                                              const std::shared_ptr<EventLoop>& loop,
                                              const std::function<void()>& on_lost,
                                              const std::stop_token& stop) {
  return Start(options, loop, on_lost, stop).Run(config);
}

}  // namespace zlayer::sidecar
