#include "fakes/tests/tls/client_flight.h"

#include <gtest/gtest.h>

#include <string_view>

#include "fakes/src/tls/handshake_message.h"
#include "fakes/src/tls/sealed_record.h"
#include "fakes/tests/network/raw_socket.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr unsigned char kAlpn[] = {2, 'h', '2'};

/// Keeps the client's handshake secret in the `secret_` of this connection. `line` has the format
/// of an NSS key log: "LABEL client-random secret".
void KeepSecret(const SSL* ssl, const char* line) {
  const std::string_view text(line);
  if (!text.starts_with("CLIENT_HANDSHAKE_TRAFFIC_SECRET ")) return;
  long size = 0;
  unsigned char* secret = OPENSSL_hexstr2buf(text.substr(text.rfind(' ') + 1).data(), &size);
  static_cast<std::string*>(SSL_get_app_data(ssl))
      ->assign(reinterpret_cast<char*>(secret), static_cast<size_t>(size));
  OPENSSL_free(secret);
}

}  // namespace

ClientFlight::ClientFlight(const Fake& fake, const std::string& port)
    : socket_(Dial(port)), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX* context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_clear_options(context, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);  // no change_cipher_spec record
  SSL_CTX_use_certificate_file(context, fake.tls("cert.pem").c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context, fake.tls("key.pem").c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_alpn_protos(context, kAlpn, sizeof kAlpn);
  SSL_CTX_set_keylog_callback(context, &KeepSecret);
  ssl_.reset(SSL_new(context));
  SSL_set_app_data(ssl_.get(), &secret_);
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_connect(ssl_.get());
  hello_ = Written();
}

std::string ClientFlight::Written() {
  BIO* memory = SSL_get_wbio(ssl_.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string written(bytes, static_cast<size_t>(size));
  (void)BIO_reset(memory);
  return written;
}

std::vector<std::string> ClientFlight::Answer(const std::string& call) {
  Send({hello_});
  while (SSL_connect(ssl_.get()) != 1) {
    const Received more = Receive(socket(), 1);
    if (more.bytes.empty()) return {};
    BIO_write(SSL_get_rbio(ssl_.get()), more.bytes.data(), static_cast<int>(more.bytes.size()));
  }
  SSL_write(ssl_.get(), call.data(), static_cast<int>(call.size()));
  std::string written = Written();
  std::vector<std::string> records;
  while (!written.empty()) {
    records.push_back(FirstRecord(written));
    if (records.back().empty()) break;  // an incomplete record
    written.erase(0, records.back().size());
  }
  EXPECT_EQ(records.size(), kCall + 1u);
  if (records.size() != kCall + 1u) return {};
  return records;
}

std::string ClientFlight::Sealed(Record place, const std::string& message) const {
  return SealedRecord(ssl_.get(), secret_, place, SSL3_RT_HANDSHAKE, message);
}

void ClientFlight::Send(const std::vector<std::string>& records) const {
  // In one send: the fake may refuse the first record and close before a second send.
  std::string bytes;
  for (const std::string& record : records) bytes += record;
  EXPECT_TRUE(SendAll(socket(), bytes));
}

void ClientFlight::End() const { shutdown(socket(), SHUT_WR); }

}  // namespace zlayer::fakes::daemon
