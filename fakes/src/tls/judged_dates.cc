#include "fakes/src/tls/judged_dates.h"

#include <openssl/x509.h>

namespace zlayer::fakes::daemon {
namespace {

bool IsValidAt(const X509* certificate, time_t at) {
  return X509_cmp_time(X509_get0_notBefore(certificate), &at) <= 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &at) >= 0;
}

bool IsAboutDates(int error) {
  return error == X509_V_OK || error == X509_V_ERR_CERT_NOT_YET_VALID ||
         error == X509_V_ERR_CERT_HAS_EXPIRED;
}

}  // namespace

bool DatesDecide(X509_STORE_CTX* chain, int verdict, time_t judged_at, time_t now) {
  if (!IsAboutDates(verdict)) return false;
  // Judge() builds no chain for a leaf that it refuses at once.
  const X509* leaf = X509_STORE_CTX_get0_cert(chain);
  if (IsValidAt(leaf, judged_at) != IsValidAt(leaf, now)) return true;
  const STACK_OF(X509)* certificates = X509_STORE_CTX_get0_chain(chain);
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    const X509* certificate = sk_X509_value(certificates, i);
    if (IsValidAt(certificate, judged_at) != IsValidAt(certificate, now)) return true;
  }
  return false;
}

}  // namespace zlayer::fakes::daemon
