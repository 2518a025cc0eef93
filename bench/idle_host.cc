// Not a benchmark by itself: a host program with idle sidecars, which prints the threads and the
// memory that it takes.
//
//   idle_host library 64                        # what $ZLAYER_BUILDD_BIN names, by the library
//   idle_host grpc TLS_DIR 127.0.0.1:4711 ...   # gRPC's own channels to fakes that run already
//
// Prints "OWN_THREADS THREADS KIB KEEPER_KIB": the threads that gRPC did not make, without the
// first; all threads; its anonymous memory, which is what its heap and its stacks take, without
// programs and libraries, whose pages others share; the share of one keeper (Pss), or 0.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grpc_tls.h"
#include "proc_field.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::LiveSidecar;
using sidecar::SidecarConfig;
using sidecar::SidecarLifecycle;

int Fail(const std::string& why) {
  std::fprintf(stderr, "idle_host: %s\n", why.c_str());
  return 1;
}

/// gRPC names each of its threads; the others have the program's name.
long OwnThreads() {
  long own = -1;  // the first is nobody's
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    if (name == "idle_host") ++own;
  }
  return own;
}

int Print(long keeper_kib) {
  const long own_threads = OwnThreads();
  const long threads = ProcField("/proc/self/status", "Threads");
  const long kib = ProcField("/proc/self/smaps_rollup", "Anonymous");
  // A figure that is missing would meet every goal.
  if (own_threads < 0 || threads < 0 || kib < 0 || keeper_kib < 0) {
    return Fail("/proc lacks a task named idle_host, Threads, Anonymous, or the keeper's Pss");
  }
  std::printf("%ld %ld %ld %ld\n", own_threads, threads, kib, keeper_kib);
  return 0;
}

/// The keeper is the sidecar's parent.
long KeeperKib(const LiveSidecar& live) {
  const std::string proc = "/proc/";
  const long parent = ProcField(proc + std::to_string(live.pid().value_or(0)) + "/status", "PPid");
  return ProcField(proc + std::to_string(parent) + "/smaps_rollup", "Pss");
}

int ByLibrary(size_t count) {
  SidecarConfig config;
  config.idle_secs = 0;
  std::vector<std::unique_ptr<SidecarLifecycle>> lifecycles;
  long keeper_kib = 0;
  for (size_t i = 0; i < count; ++i) {
    lifecycles.push_back(std::make_unique<SidecarLifecycle>(config));
    const auto live = lifecycles.back()->Ensure();
    if (!live) return Fail(live.error().message);
    if (i + 1 == count) keeper_kib = KeeperKib(*live);
  }
  return Print(keeper_kib);
}

int ByGrpc(const std::string& tls_dir, char** address, char** end) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (; address != end; ++address) {
    channels.push_back(NewGrpcTlsChannel(*address, tls_dir));
    grpc::ClientContext context;
    buildah_sidecar::v1::HealthResponse response;
    const auto status = buildah_sidecar::v1::BuildService::NewStub(channels.back())
                            ->Health(&context, {}, &response);
    if (!status.ok()) return Fail(status.error_message());
  }
  return Print(0);
}

int Main(int argc, char** argv) {
  const std::string_view how = argc > 1 ? argv[1] : "";
  if (how == "library" && argc == 3) return ByLibrary(std::strtoul(argv[2], nullptr, 10));
  if (how == "grpc" && argc > 3) return ByGrpc(argv[2], argv + 3, argv + argc);
  return Fail("see the head of idle_host.cc") + 1;
}

}  // namespace
}  // namespace zlayer::bench

int main(int argc, char** argv) { return zlayer::bench::Main(argc, argv); }
