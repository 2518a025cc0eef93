#include "lifecycle/src/credentials/certificate_text.h"

#include <fmt/format.h>

namespace zlayer::sidecar {
namespace {

std::string CommonName(X509* certificate) {
  char name[128] = "";
  ::X509_NAME_get_text_by_NID(::X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
  return name;
}

}  // namespace

std::string TimeText(const ASN1_TIME* time) {
  const BioPtr bio(::BIO_new(::BIO_s_mem()));
  ::ASN1_TIME_print(bio.get(), time);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string DescribeCertificate(X509* certificate) {
  return fmt::format("its certificate \"{}\", valid from {} to {}", CommonName(certificate),
                     TimeText(::X509_get0_notBefore(certificate)),
                     TimeText(::X509_get0_notAfter(certificate)));
}

}  // namespace zlayer::sidecar
