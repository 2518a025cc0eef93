#include "scenarios/runner/world/daemon_process.h"

#include <string_view>
#include <utility>

namespace zlayer::scenarios {
namespace {

constexpr std::chrono::seconds kStartLimit{10};

}  // namespace

tl::expected<Daemon, std::string> StartDaemon(const std::string& fake,
                                              const DaemonDirectories& directories,
                                              const EnvironmentMap& environment) {
  const auto& [tls, storage] = directories;
  auto process = ChildProcess::Start(
      {fake, "--bind", "127.0.0.1:0", "--tls-ca", tls + "/ca.pem", "--tls-cert", tls + "/cert.pem",
       "--tls-key", tls + "/key.pem", "--idle-secs", "0", "--storage-root", storage + "/graph",
       "--storage-runroot", storage + "/run", "--storage-driver", "vfs"},
      environment);
  if (!process) return tl::unexpected(process.error());
  const auto line = process->ReadLine(Deadline(kStartLimit));
  if (!line) return tl::unexpected(line.error());
  constexpr std::string_view kPrefix = "LISTENING ";
  if (!line->starts_with(kPrefix))
    return tl::unexpected("it printed \"" + *line + "\" in place of the handshake line");
  return Daemon{std::move(*process), line->substr(kPrefix.size())};
}

}  // namespace zlayer::scenarios
