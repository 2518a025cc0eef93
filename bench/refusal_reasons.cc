// What a refused connection is called: by us, and by gRPC's own credentials.
//
//   refusal_reasons 127.0.0.1:4711 TLS_DIR
//
// Prints one row of a Markdown table: milliseconds and reason of ours, milliseconds and reason of
// gRPC. compare_refusals runs it against one peer of each kind.

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <string>

#include "grpc_tls.h"
#include "stopwatch.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

constexpr std::chrono::milliseconds kLimit{2000};

std::string Ours(const std::string& address, const std::string& tls_dir) {
  sidecar::SidecarConfig config;
  config.addr = address;
  config.tls_dir = tls_dir;
  sidecar::LifecycleOptions options;
  options.connect_timeout = kLimit;
  sidecar::SidecarLifecycle lifecycle(config, options);
  const auto live = lifecycle.Ensure();
  if (live) return "accepted";
  return fmt::format("`{}`: {}", sidecar::ErrorKindName(live.error().kind), live.error().message);
}

std::string Grpc(const std::string& address, const std::string& tls_dir) {
  using buildah_sidecar::v1::BuildService;
  const auto channel = NewGrpcTlsChannel(address, tls_dir);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kLimit);
  buildah_sidecar::v1::HealthResponse response;
  const auto status = BuildService::NewStub(channel)->Health(&context, {}, &response);
  if (status.ok()) return "accepted";
  return fmt::format("{}: {}", static_cast<int>(status.error_code()), status.error_message());
}

}  // namespace
}  // namespace zlayer::bench

int main(int argc, char** argv) {
  using namespace zlayer::bench;  // NOLINT
  if (argc != 3) return 2;
  const Stopwatch ours_watch;
  const std::string ours = Ours(argv[1], argv[2]);
  const double ours_ms = ours_watch.Seconds() * 1e3;
  const Stopwatch grpc_watch;
  const std::string grpc = Grpc(argv[1], argv[2]);
  fmt::print("{:.0f} ms, {} | {:.0f} ms, {} |\n", ours_ms, ours, grpc_watch.Seconds() * 1e3, grpc);
  return 0;
}
