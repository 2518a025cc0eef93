// The steps of a start, and their order.
//
// The connection is prepared while the sidecar's process starts. The simple way does one step after
// the other: certificates, spawn, handshake line, connection. But a process takes some 4 ms until
// its line, and the client would only wait. So this file spawns first. While the process starts, it
// reads and verifies the certificates, makes the TLS context and the ClientHello with its keys,
// opens the gRPC channel and issues the first RPC, which waits in a socket pair until TLS is up
// (see Connector). This takes 1.8 ms off a start, less the 1 ms by which the line comes later
// (bench_start, ColdEnsure; bench/COLD_START.md, "What was tried").
//
// The price: the sidecar starts with a TLS set that nobody has verified yet, the set on trial. If
// the set turns out to be bad, the process is killed, and another one is started with a new set. If
// no complete set exists, or if other users may have changed it, the set is made first.

#include "lifecycle/src/share/start.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <new>
#include <optional>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/phase_clock.h"
#include "lifecycle/src/base/private_directory.h"
#include "lifecycle/src/config/daemon_arguments.h"
#include "lifecycle/src/config/discover.h"
#include "lifecycle/src/config/resolved_config.h"
#include "lifecycle/src/connect/connector.h"
#include "lifecycle/src/credentials/tls_material.h"
#include "lifecycle/src/credentials/tls_revocation.h"
#include "lifecycle/src/share/events.h"
#include "lifecycle/src/spawn/launch.h"
#include "lifecycle/src/supervise/handshake.h"

namespace zlayer::sidecar {
namespace {

/// When a process dies, the kernel closes its connection shortly before its end becomes visible. A
/// failed dial waits this long for that end, so that the error can say how the process ended; it
/// never waits beyond the deadline of the dial.
constexpr std::chrono::milliseconds kExitFollowsClose{250};

/// The steps of one start, and the state that one step leaves for the next. Used by one thread.
///
/// Ownership of the process: launch_ has it until AwaitAddress, then process_ has it, then the
/// Sidecar. If a step fails before AwaitAddress, the destructor of launch_ ends the process; after
/// that CleanUp does, or, if a step throws std::bad_alloc, the destructor of Start. A connection
/// that was not handed on is always closed by the destructor.
class Start {
 public:
  Start(const LifecycleOptions& options, std::shared_ptr<EventLoop> loop, const StartHooks& hooks,
        std::stop_token stop)
      : options_(options), loop_(std::move(loop)), hooks_(hooks), stop_(std::move(stop)) {}
  ~Start();
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  Result<std::shared_ptr<Sidecar>> Run(const SidecarConfig& config, const Environment& environment);

 private:
  Result<void> StartProcess(const ResolvedConfig& config, const Environment& environment);
  Result<void> MakeStorage(const ResolvedConfig& config);
  Result<void> BeginLaunch(LaunchRequest request);
  Result<void> PrepareTls(const ResolvedConfig& config);
  Result<Address> AwaitAddress();
  Result<std::shared_ptr<Sidecar>> Connect(const Address& address);
  LifecycleError CleanUp(LifecycleError error);

  const LifecycleOptions& options_;
  const PhaseClock clock_{options_};
  const std::shared_ptr<EventLoop> loop_;
  const StartHooks& hooks_;
  const std::stop_token stop_;
  /// Until when this start waits for the lock of the TLS directory.
  const Deadline lock_deadline_ = DeadlineIn(options_.handshake_timeout);
  std::optional<ContextMount> context_mount_;
  std::unique_ptr<Launch> launch_;  // null: remote, or not spawned yet
  TlsPaths tls_paths_;
  std::shared_ptr<SidecarProcess> process_;  // null: remote, not adopted yet, or handed on
  Deadline handshake_deadline_;
  std::unique_ptr<Connector> connector_;
  std::optional<ProvenConnection> connection_;  // empty: there is none, or it is handed on
  Deadline dial_deadline_;
};

Result<std::shared_ptr<Sidecar>> Start::Run(const SidecarConfig& raw_config,
                                            const Environment& environment) {
  context_mount_ = raw_config.context_mount;
  auto config = ResolveConfig(raw_config, options_, environment);
  if (!config) return tl::unexpected(std::move(config.error()));

  const auto ready = config->addr ? PrepareTls(*config) : StartProcess(*config, environment);
  if (!ready) return tl::unexpected(ready.error());
  Result<Address> address = config->addr ? Result<Address>(*config->addr) : AwaitAddress();
  if (!address) return tl::unexpected(CleanUp(std::move(address.error())));
  auto sidecar = Connect(*address);
  if (!sidecar) return tl::unexpected(CleanUp(std::move(sidecar.error())));
  connection_.reset();
  process_.reset();
  return sidecar;
}

Start::~Start() {
  if (connection_) {
    connection_->liveness->Release();  // first, so that its end is no loss
    connection_->relay->Close();
  }
  if (!process_) return;
  process_->Kill();
  process_->WaitForEnd();
}

/// Spawns the process and prepares TLS, in the order that the head of this file explains.
Result<void> Start::StartProcess(const ResolvedConfig& config, const Environment& environment) {
  auto binary =
      clock_.Time(Phase::discover, [&] { return DiscoverBinary(environment, config.data_dir); });
  if (!binary) return tl::unexpected(std::move(binary.error()));
  const auto launch_with = [&](const TlsPaths& tls) -> Result<void> {
    auto made = clock_.Time(Phase::storage, [&] { return MakeStorage(config); });
    if (!made) return made;
    return clock_.Time(Phase::spawn, [&] {
      return BeginLaunch({*binary, DaemonArguments(config, {tls.ca, tls.cert, tls.key}),
                          environment.Strings(), options_.containment, options_.keeper_path,
                          options_.grace});
    });
  };
  const auto on_trial = TlsSetOnTrial(config.tls_dir);
  if (on_trial) {
    if (auto launched = launch_with(*on_trial); !launched) return launched;
  }
  if (auto loaded = PrepareTls(config); !loaded) return loaded;
  if (launch_ && on_trial == tls_paths_) return {};
  return launch_with(tls_paths_);
}

Result<void> Start::MakeStorage(const ResolvedConfig& config) {
  auto made = CreatePrivateDirectory(config.storage_graph_root, ErrorKind::storage);
  if (!made) return made;
  return CreatePrivateDirectory(config.storage_run_root, ErrorKind::storage);
}

Result<void> Start::BeginLaunch(LaunchRequest request) {
  if (stop_.stop_requested()) {
    return Fail(ErrorKind::cancelled, "cancelled before the sidecar was started");
  }
  launch_.reset();  // the process of a set on trial that was replaced since
  handshake_deadline_ = DeadlineIn(options_.handshake_timeout);
  auto launch = Launch::Begin(std::move(request), {stop_, handshake_deadline_}, loop_.get());
  if (!launch) return tl::unexpected(std::move(launch.error()));
  launch_ = std::move(*launch);
  return {};
}

/// Loads the certificates and prepares everything of a connection that needs no address. If the set
/// on trial must be replaced, the process that started with it is ended before the new set is made.
Result<void> Start::PrepareTls(const ResolvedConfig& config) {
  return clock_.Time(Phase::tls_material, [&]() -> Result<void> {
    // OpenSSL must not register its atexit handler: a handle in a static variable may be destroyed
    // after that handler ran, and closes its TLS connection then. Has no effect if the host program
    // has initialised OpenSSL before.
    ::OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr);
    const LockLimit limit{options_.handshake_timeout, lock_deadline_, stop_};
    auto material =
        EnsureTlsMaterial(config.tls_dir, config.addr ? TlsPeer::remote : TlsPeer::spawned, limit,
                          [this] { launch_.reset(); });
    if (!material) return tl::unexpected(std::move(material.error()));
    if (options_.on_event && !material->replaced.empty()) {
      options_.on_event(CertificatesReplacedEvent(config.tls_dir, material->replaced));
    }
    auto context = MakeTlsContext(material->set);
    if (!context) return tl::unexpected(std::move(context.error()));
    if (config.tls_crl) {
      if (auto checked = CheckRevocation(context->get(), *config.tls_crl); !checked) return checked;
    }
    auto connector = Connector::Prepare(context->get());
    if (!connector) return tl::unexpected(std::move(connector.error()));
    tls_paths_ = std::move(material->set.paths);
    connector_ = std::move(*connector);
    return {};
  });
}

Result<Address> Start::AwaitAddress() {
  auto line = clock_.Time(Phase::handshake, [&]() -> Result<std::string> {
    auto launched = launch_->Await();
    if (!launched) return tl::unexpected(std::move(launched.error()));
    process_ = SidecarProcess::Adopt(loop_.get(), std::move(*launched), options_.on_stderr_line,
                                     hooks_.stderr_flow);
    return process_->WaitForLine(options_.handshake_timeout, handshake_deadline_, stop_);
  });
  if (!line) return tl::unexpected(std::move(line.error()));
  return ParseHandshake(*line);
}

Result<std::shared_ptr<Sidecar>> Start::Connect(const Address& address) {
  dial_deadline_ = DeadlineIn(options_.connect_timeout);
  StartWait wait(stop_, process_ ? process_->pidfd() : -1);
  auto connection = connector_->Connect(address, {options_.connect_timeout, dial_deadline_},
                                        loop_.get(), options_, &wait);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  connection_ = std::move(*connection);
  const auto& liveness = connection_->liveness;
  if (process_) process_->WhenEnded([liveness] { liveness->Lose(); });
  const auto loss = Loss::Of(process_, connection_->relay, address.ToString());
  const bool proven = liveness->Prove([loss, on_lost = hooks_.on_lost] {
    loss->Happened();
    on_lost(loss);
  });
  if (!proven) {
    return Fail(ErrorKind::dial_failed,
                "the server at {} ended the connection after its first answer", address.ToString());
  }
  if (process_) process_->MayBePaused();
  if (process_) ReportEscalation(process_, options_.on_event);
  return std::make_shared<Sidecar>(Sidecar::Parts{
      loop_, process_, connection_->relay, connection_->channel, liveness, loss, address.ToString(),
      connection_->authenticates_clients, options_.rpc_timeout, options_.grace, context_mount_});
}

/// Kills and reaps the process, if there is one, and adds the end of its stderr to the error. If
/// the process died by itself while it was dialled, the error becomes sidecar_lost and says how.
LifecycleError Start::CleanUp(LifecycleError error) {
  if (!process_) return error;
  const bool may_have_died =
      error.kind == ErrorKind::dial_failed || error.kind == ErrorKind::sidecar_lost;
  StartWait wait({}, process_->pidfd());
  const Deadline until = std::min(dial_deadline_, DeadlineIn(kExitFollowsClose));
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
  process_.reset();
  return error;
}

}  // namespace

Result<std::shared_ptr<Sidecar>> StartSidecar(
    const SidecarConfig& config, const LifecycleOptions& options, const Environment& environment,
    const std::shared_ptr<EventLoop>& loop, const StartHooks& hooks, const std::stop_token& stop) {
  try {
    return Start(options, loop, hooks, stop).Run(config, environment);
  } catch (const std::bad_alloc&) {
    // So short that std::string needs no memory for it.
    return tl::unexpected(LifecycleError{ErrorKind::spawn_failed, "out of memory", {}, {}, {}});
  }
}

}  // namespace zlayer::sidecar
