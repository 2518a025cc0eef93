#include "lifecycle/src/credentials/tls_set.h"

#include <fmt/format.h>

#include <optional>

#include "lifecycle/src/credentials/read_pem_file.h"
#include "lifecycle/src/text/path_text.h"

namespace zlayer::sidecar {
namespace {

tl::unexpected<TlsDefect> NoPem(const std::string& path, const char* what) {
  return tl::unexpected(DefectOf(TlsDefect::Kind::unusable, path,
                                 fmt::format("no PEM {}: {}", what, TakeOpensslError())));
}

Inspected<std::vector<X509Ptr>> LoadCertificates(const std::string& path) {
  const auto text = ReadPemFile(path, PemSecrecy::open);
  if (!text) return tl::unexpected(text.error());
  auto certificates = ParseCertificates(*text);
  if (certificates.empty()) return NoPem(path, "certificate");
  return certificates;
}

Inspected<EvpKeyPtr> LoadKey(const std::string& path) {
  const auto text = ReadPemFile(path, PemSecrecy::secret);
  if (!text) return tl::unexpected(text.error());
  auto key = ParseKey(*text);
  if (!key) return NoPem(path, "private key");
  return key;
}

}  // namespace

TlsDefect DefectOf(TlsDefect::Kind kind, const std::string& path, const std::string& reason) {
  return {kind, PathText(path) + ": " + reason};
}

Inspected<TlsSet> LoadTlsSet(const TlsPaths& paths) {
  auto key = LoadKey(paths.key);
  auto authorities = LoadCertificates(paths.ca);
  auto chain = LoadCertificates(paths.cert);
  // All three are loaded before one is judged: a set with a refused file must not be replaced,
  // whatever is wrong with the other files.
  std::optional<TlsDefect> worst;
  const auto note_defect = [&worst](const auto& loaded) {
    if (loaded) return;
    if (!worst || loaded.error().kind > worst->kind) worst = loaded.error();
  };
  note_defect(key);
  note_defect(authorities);
  note_defect(chain);
  if (worst) return tl::unexpected(std::move(*worst));
  return TlsSet{paths, std::move(*authorities), std::move(*chain), std::move(*key)};
}

}  // namespace zlayer::sidecar
