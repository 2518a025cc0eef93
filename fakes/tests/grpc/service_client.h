// A fake and a gRPC C++ client that is connected to it by mutual TLS.
//
//   Service service({.plan = "fault { build_end { how: MISSING } }"});
//   const auto events = service.Build(RequestOf("a"));

#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "fakes/tests/fixture/fake.h"
#include "proto/message_file.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::fakes {

/// A context with the deadline of all tests. The call waits until the channel is connected.
inline std::unique_ptr<grpc::ClientContext> NewContext() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + kPatience);
  context->set_wait_for_ready(true);
  return context;
}

/// Owns the fake and one channel to it.
class Service {
 public:
  explicit Service(const FakeSettings& settings = {}) : fake_(settings) {
    port_ = fake_.ReadPort();
    channel_ = NewChannel();
    stub_ = buildah_sidecar::v1::BuildService::NewStub(channel_);
  }

  /// Another channel with a connection of its own: without the local pool, gRPC would share one.
  std::shared_ptr<grpc::Channel> NewChannel() {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = Read("ca.pem");
    tls.pem_cert_chain = Read("cert.pem");
    tls.pem_private_key = Read("key.pem");
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("zlayer-buildd");
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + port_, grpc::SslCredentials(tls), arguments);
  }

  Fake& fake() { return fake_; }
  const std::string& port() const { return port_; }
  buildah_sidecar::v1::BuildService::Stub& stub() { return *stub_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }

  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (buildah_sidecar::v1::BuildService::Stub::*method)(
                        grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    const auto context = NewContext();
    return (stub_.get()->*method)(context.get(), request, response);
  }

  bool Cancel(const std::string& id) {
    buildah_sidecar::v1::CancelRequest request;
    request.set_request_id(id);
    buildah_sidecar::v1::CancelResponse response;
    const auto context = NewContext();
    EXPECT_TRUE(stub_->Cancel(context.get(), request, &response).ok());
    return response.cancelled();
  }

  /// Runs one build and returns its events. Expects status OK.
  std::vector<buildah_sidecar::v1::BuildEvent> Build(
      const buildah_sidecar::v1::BuildRequest& request) {
    const auto context = NewContext();
    const auto reader = stub_->Build(context.get(), request);
    std::vector<buildah_sidecar::v1::BuildEvent> events;
    for (buildah_sidecar::v1::BuildEvent event; reader->Read(&event);) events.push_back(event);
    const grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return events;
  }

 private:
  std::string Read(const std::string& file) { return ReadFile(fake_.tls(file)).value(); }

  Fake fake_;
  std::string port_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<buildah_sidecar::v1::BuildService::Stub> stub_;
};

inline buildah_sidecar::v1::BuildRequest RequestOf(const std::string& id) {
  buildah_sidecar::v1::BuildRequest request;
  request.set_request_id(id);
  request.add_dockerfile_paths("Dockerfile");
  return request;
}

}  // namespace zlayer::fakes
