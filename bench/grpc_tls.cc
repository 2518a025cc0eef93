#include "grpc_tls.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <fstream>
#include <iterator>

namespace zlayer::bench {
namespace {

std::string Content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::shared_ptr<grpc::Channel> NewGrpcTlsChannel(const std::string& address,
                                                 const std::string& tls_dir) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = Content(tls_dir + "/ca.pem");
  tls.pem_cert_chain = Content(tls_dir + "/cert.pem");
  tls.pem_private_key = Content(tls_dir + "/key.pem");
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("zlayer-buildd");
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(tls), arguments);
}

}  // namespace zlayer::bench
