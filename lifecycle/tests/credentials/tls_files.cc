#include "lifecycle/tests/credentials/tls_files.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "lifecycle/src/credentials/openssl_ptr.h"

namespace zlayer::sidecar {
namespace {

namespace fs = std::filesystem;
using StorePtr = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

X509Ptr Draft(const char* common_name, EVP_PKEY* key, long begins_in, long ends_in) {
  X509Ptr certificate(::X509_new());
  ::X509_set_version(certificate.get(), X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
  ::X509_gmtime_adj(X509_getm_notBefore(certificate.get()), begins_in);
  ::X509_gmtime_adj(X509_getm_notAfter(certificate.get()), ends_in);
  ::X509_set_pubkey(certificate.get(), key);
  ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  return certificate;
}

void Sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  ::X509_set_issuer_name(certificate, ::X509_get_subject_name(issuer));
  ::X509_sign(certificate, key, ::EVP_sha256());
}

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

void WritePrivate(const std::string& path, const std::string& content) {
  std::ofstream(path) << content;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

void WriteCertificates(const std::string& path, std::initializer_list<X509*> certificates) {
  const BioPtr bio(::BIO_new(::BIO_s_mem()));
  for (X509* certificate : certificates) ::PEM_write_bio_X509(bio.get(), certificate);
  WritePrivate(path, Text(bio.get()));
}

X509Ptr MakeAuthority(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                      long ends_in) {
  X509Ptr ca = Draft(name, key, -3600, ends_in);
  if (!issuer) issuer = ca.get();
  AddExtension(ca.get(), issuer, NID_basic_constraints, "critical,CA:TRUE");
  Sign(ca.get(), issuer, issuer_key);
  return ca;
}

std::string Slurp(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

X509Ptr ParseCertificate(const std::string& text) {
  const BioPtr bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return X509Ptr(::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

int Verify(X509* ca, X509* leaf, int purpose) {
  const StorePtr store(::X509_STORE_new());
  ::X509_STORE_add_cert(store.get(), ca);
  const StoreContextPtr context(::X509_STORE_CTX_new());
  ::X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr);
  ::X509_STORE_CTX_set_purpose(context.get(), purpose);
  ::X509_verify_cert(context.get());
  return ::X509_STORE_CTX_get_error(context.get());
}

}  // namespace

void WritePlainSet(const std::string& directory, const TlsRecipe& recipe) {
  const EvpKeyPtr ca_key(::EVP_EC_gen("P-256"));
  const EvpKeyPtr key(::EVP_EC_gen("P-256"));
  const X509Ptr root =
      MakeAuthority("zlayer-buildd-ca", ca_key.get(), nullptr, ca_key.get(), 1000L * 3600);
  const X509Ptr intermediate = MakeAuthority("zlayer-intermediate-ca", ca_key.get(), root.get(),
                                             ca_key.get(), recipe.intermediate_ends_in);
  X509* const ca = recipe.intermediate ? intermediate.get() : root.get();
  const X509Ptr leaf = Draft("zlayer-buildd", key.get(), recipe.begins_in, recipe.ends_in);
  AddExtension(leaf.get(), ca, NID_subject_alt_name, recipe.names);
  AddExtension(leaf.get(), ca, NID_ext_key_usage, recipe.usage);
  Sign(leaf.get(), ca, ca_key.get());

  fs::create_directories(directory);
  fs::permissions(directory, fs::perms::owner_all);
  if (recipe.intermediate) {
    WriteCertificates(directory + "/ca.pem", {root.get(), intermediate.get()});
  } else {
    WriteCertificates(directory + "/ca.pem", {root.get()});
  }
  WriteCertificates(directory + "/cert.pem", {leaf.get()});
  const BioPtr bio(::BIO_new(::BIO_s_mem()));
  ::PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(),
                                  recipe.encrypted_key ? ::EVP_aes_128_cbc() : nullptr, "pass", 4,
                                  nullptr, nullptr);
  WritePrivate(directory + "/key.pem", Text(bio.get()));
}

std::optional<TlsContent> ReadContent(const std::string& directory) {
  for (const char* name : {"/ca.pem", "/cert.pem", "/key.pem"}) {
    if (!fs::exists(directory + name)) return std::nullopt;
  }
  return TlsContent{Slurp(directory + "/ca.pem"), Slurp(directory + "/cert.pem"),
                    Slurp(directory + "/key.pem")};
}

std::string WhyUnusable(const TlsContent& content) {
  const X509Ptr ca = ParseCertificate(content.ca);
  const X509Ptr leaf = ParseCertificate(content.cert);
  const BioPtr bio(::BIO_new_mem_buf(content.key.data(), static_cast<int>(content.key.size())));
  const EvpKeyPtr key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!ca || !leaf || !key) return "no PEM";
  if (::X509_check_private_key(leaf.get(), key.get()) != 1) return "the key does not match";
  for (const char* name : {"zlayer-buildd", "localhost"}) {
    if (::X509_check_host(leaf.get(), name, 0, 0, nullptr) != 1) return "wrong name";
  }
  for (const char* ip : {"127.0.0.1", "::1"}) {
    if (::X509_check_ip_asc(leaf.get(), ip, 0) != 1) return "wrong address";
  }
  for (const int purpose : {X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT}) {
    const int verdict = Verify(ca.get(), leaf.get(), purpose);
    if (verdict != X509_V_OK) return ::X509_verify_cert_error_string(verdict);
  }
  return "";
}

std::vector<std::string> KeysOthersCanRead(const std::string& directory) {
  std::vector<std::string> keys;
  if (!fs::exists(directory)) return keys;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string path = entry.path().string();
    if (!entry.is_regular_file() || entry.is_symlink() || (ModeOf(path) & 077) == 0) continue;
    // Counted by its name, too: a writer may not have written the key to it yet.
    const bool may_be_key =
        path.ends_with("key.pem") || Slurp(path).find("PRIVATE") != std::string::npos;
    if (may_be_key) keys.push_back(path);
  }
  return keys;
}

LockLimit Patient() {
  constexpr std::chrono::seconds kPatience{60};
  return {kPatience, Clock::now() + kPatience, {}};
}

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 07777u;
}

}  // namespace zlayer::sidecar
