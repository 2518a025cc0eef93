#include "fakes/src/mint/revocation_list.h"

#include <openssl/pem.h>

#include <utility>

#include "fakes/src/mint/certificate.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr long kHour = 3600;
constexpr long kYear = 365 * 24 * kHour;

bool Revoke(X509_CRL* list, std::uint64_t serial, const ASN1_TIME* when) {
  RevokedPtr revoked(X509_REVOKED_new());
  const IntegerPtr number(ASN1_INTEGER_new());
  if (!revoked || !number || ASN1_INTEGER_set_uint64(number.get(), serial) != 1 ||
      X509_REVOKED_set_serialNumber(revoked.get(), number.get()) != 1 ||
      X509_REVOKED_set_revocationDate(revoked.get(), const_cast<ASN1_TIME*>(when)) != 1 ||
      X509_CRL_add0_revoked(list, revoked.get()) != 1) {
    return false;
  }
  (void)revoked.release();  // the list owns it
  return true;
}

bool Fill(X509_CRL* list, const Identity& ca) {
  const TimePtr begin(X509_gmtime_adj(nullptr, -kHour));
  const TimePtr end(X509_gmtime_adj(nullptr, kYear));
  return X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
         X509_CRL_set_issuer_name(list, X509_get_subject_name(ca.certificate.get())) == 1 &&
         X509_CRL_set1_lastUpdate(list, begin.get()) == 1 &&
         X509_CRL_set1_nextUpdate(list, end.get()) == 1 &&
         Revoke(list, kRevokedSerial, begin.get()) && X509_CRL_sort(list) == 1 &&
         X509_CRL_sign(list, ca.key.get(), DigestOf(ca.key.get())) > 0;
}

}  // namespace

Result<std::string> MintRevocationList(const Identity& ca) {
  const RevocationListPtr list(X509_CRL_new());
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (!list || !text || !Fill(list.get(), ca) ||
      PEM_write_bio_X509_CRL(text.get(), list.get()) != 1) {
    return StartFailed("cannot mint a revocation list: " + TakeOpensslError());
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace zlayer::fakes::daemon
