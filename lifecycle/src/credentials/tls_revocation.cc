#include "lifecycle/src/credentials/tls_revocation.h"

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/credentials/pem_text.h"
#include "lifecycle/src/credentials/read_pem_file.h"
#include "lifecycle/src/text/path_text.h"

namespace zlayer::sidecar {

Result<void> CheckRevocation(SSL_CTX* context, const std::string& crl) {
  const auto text = ReadPemFile(crl, PemSecrecy::open);
  if (!text) return Fail(ErrorKind::tls_material, "{}", text.error().message);
  const auto lists = ParseRevocationLists(*text);
  if (lists.empty()) {
    return Fail(ErrorKind::tls_material, "{}: no PEM revocation list: {}", PathText(crl),
                TakeOpensslError());
  }
  X509_STORE* store = ::SSL_CTX_get_cert_store(context);
  for (const X509CrlPtr& list : lists) {
    if (::X509_STORE_add_crl(store, list.get()) != 1) {
      return Fail(ErrorKind::tls_material, "{}: TLS cannot use it: {}", PathText(crl),
                  TakeOpensslError());
    }
  }
  ::X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return {};
}

}  // namespace zlayer::sidecar
