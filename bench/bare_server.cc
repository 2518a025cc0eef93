// Not a fake: the least that a gRPC server of C++ is, for what the fake's stages cost. gRPC's own
// TLS, one thread's worth of the callback API that the fake uses too, and one answer to everything.
//
//   bare_server --tls-ca CA --tls-cert CERT --tls-key KEY --lines 1000000 --line-bytes 100

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/server_callback.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::bench {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;

struct Flags {
  std::map<std::string, std::string> values;

  Flags(int argc, char** argv) {
    for (int i = 1; i + 1 < argc; i += 2) values[argv[i]] = argv[i + 1];
  }
  size_t Number(const std::string& name) { return std::strtoul(values[name].c_str(), nullptr, 10); }
  std::string Content(const std::string& name) {
    std::ifstream file(values[name]);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

/// Writes the same line again and again, then `finished`.
class Lines final : public grpc::ServerWriteReactor<BuildEvent> {
 public:
  Lines(size_t lines, size_t line_bytes) : left_(lines) {
    event_.mutable_log()->set_line(std::string(line_bytes, 'x'));
    Next();
  }

 private:
  void Next() {
    if (left_ == 0) {
      if (event_.has_finished()) return Finish(grpc::Status::OK);
      event_.mutable_finished()->set_image_id("i");
    } else {
      --left_;
    }
    StartWrite(&event_);
  }
  void OnWriteDone(bool ok) override { ok ? Next() : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

  size_t left_;
  BuildEvent event_;
};

class Service final : public BuildService::CallbackService {
 public:
  Service(size_t lines, size_t line_bytes) : lines_(lines), line_bytes_(line_bytes) {}

 private:
  grpc::ServerWriteReactor<BuildEvent>* Build(grpc::CallbackServerContext* /*context*/,
                                              const BuildRequest* /*request*/) override {
    return new Lines(lines_, line_bytes_);  // deletes itself in OnDone
  }
  grpc::ServerUnaryReactor* Health(grpc::CallbackServerContext* context,
                                   const HealthRequest* /*request*/,
                                   HealthResponse* response) override {
    response->set_status(HealthResponse::SERVING);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const size_t lines_;
  const size_t line_bytes_;
};

int Main(int argc, char** argv) {
  Flags flags(argc, argv);
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = flags.Content("--tls-ca");
  tls.pem_key_cert_pairs = {{flags.Content("--tls-key"), flags.Content("--tls-cert")}};
  Service service(flags.Number("--lines"), flags.Number("--line-bytes"));
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) return 1;
  std::printf("LISTENING 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  server->Wait();  // until SIGTERM or SIGKILL
  return 0;
}

}  // namespace
}  // namespace zlayer::bench

int main(int argc, char** argv) { return zlayer::bench::Main(argc, argv); }
