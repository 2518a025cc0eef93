#include "lifecycle/src/credentials/certificate_text.h"

#include <fmt/format.h>

#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

/// The first common name, escaped: whoever made the certificate chose its bytes.
std::string CommonName(X509* certificate) {
  constexpr size_t kShown = 128;
  const X509_NAME* subject = ::X509_get_subject_name(certificate);
  const int index = ::X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return "";
  const ASN1_STRING* name = ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, index));
  return Escaped({reinterpret_cast<const char*>(::ASN1_STRING_get0_data(name)),
                  static_cast<size_t>(::ASN1_STRING_length(name))},
                 kShown);
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
