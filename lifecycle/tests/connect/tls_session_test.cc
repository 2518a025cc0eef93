// Which certificates our side of a handshake sends.

#include "lifecycle/src/connect/tls_session.h"

#include <gtest/gtest.h>

#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/credentials/tls_files.h"

namespace zlayer::sidecar {
namespace {

/// A TLS server in memory. It uses the client's own set and requires a client certificate.
class MemoryServer {
 public:
  explicit MemoryServer(const TlsSet& set) : context_(::SSL_CTX_new(::TLS_server_method())) {
    SSL_CTX* raw = context_.get();
    for (const X509Ptr& authority : set.authorities) {
      ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(raw), authority.get());
    }
    ::SSL_CTX_use_certificate(raw, set.chain.front().get());
    ::SSL_CTX_use_PrivateKey(raw, set.key.get());
    ::SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    ::SSL_CTX_set_alpn_select_cb(raw, &TakeFirst, nullptr);
    ssl_.reset(::SSL_new(raw));
    ::SSL_set_bio(ssl_.get(), in_, out_);
    ::SSL_set_accept_state(ssl_.get());
  }

  /// False if the handshake fails on either side.
  bool ShakeHands(TlsSession* client) {
    // The client sends two flights: its ClientHello, then its certificate and Finished.
    for (int flight = 0; flight < 2; ++flight) {
      client->Handshake();
      const std::string_view sent = client->Output();
      ::BIO_write(in_, sent.data(), static_cast<int>(sent.size()));
      client->TakeOutput(sent.size());
      ::SSL_do_handshake(ssl_.get());
      char* data = nullptr;
      const long size = BIO_get_mem_data(out_, &data);
      client->Feed({data, static_cast<size_t>(size)});
      (void)BIO_reset(out_);
    }
    return ::SSL_is_init_finished(ssl_.get()) == 1 && !client->end();
  }

  /// The subjects of the certificates that the client sent in addition to its leaf.
  std::vector<std::string> SentWithTheLeaf() const {
    std::vector<std::string> subjects;
    const STACK_OF(X509)* chain = ::SSL_get_peer_cert_chain(ssl_.get());
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      char name[256];
      ::X509_NAME_oneline(::X509_get_subject_name(sk_X509_value(chain, i)), name, sizeof name);
      subjects.emplace_back(name);
    }
    return subjects;
  }

 private:
  static int TakeFirst(SSL* /*ssl*/, const unsigned char** taken, unsigned char* size,
                       const unsigned char* offered, unsigned /*offered_size*/, void* /*none*/) {
    *taken = offered + 1;
    *size = *offered;
    return SSL_TLSEXT_ERR_OK;
  }

  const SslContextPtr context_;
  SslPtr ssl_;
  BIO* const in_ = ::BIO_new(::BIO_s_mem());   // owned by ssl_
  BIO* const out_ = ::BIO_new(::BIO_s_mem());  // owned by ssl_
};

std::vector<std::string> SentWithTheLeaf(const TlsRecipe& recipe) {
  const TemporaryDirectory directory;
  WritePlainSet(directory.path(), recipe);
  const auto set = LoadTlsSet(TlsPathsIn(directory.path()));
  EXPECT_TRUE(set) << set.error().message;
  const auto context = MakeTlsContext(*set);
  EXPECT_TRUE(context) << context.error().message;
  TlsSession client(context->get());
  MemoryServer server(*set);
  EXPECT_TRUE(server.ShakeHands(&client));
  return server.SentWithTheLeaf();
}

TEST(TlsSessionTest, ALeafOfARootIsSentAlone) { EXPECT_TRUE(SentWithTheLeaf({}).empty()); }

/// A remote sidecar may have only the root, and then needs the intermediate from us.
TEST(TlsSessionTest, AnIntermediateOfTheAuthoritiesIsSentWithTheLeaf) {
  const auto sent = SentWithTheLeaf({.intermediate = true});
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent.front(), "/CN=zlayer-intermediate-ca");
}

}  // namespace
}  // namespace zlayer::sidecar
