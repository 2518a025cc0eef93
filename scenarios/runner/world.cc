#include "scenarios/runner/world.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <iterator>

#include "scenarios/runner/scene_files.h"
#include "scenarios/runner/token_processes.h"

namespace zlayer::scenarios {
namespace {

constexpr std::chrono::seconds kStartLimit{10};

std::string OwnSetting(std::int64_t value, bool set, std::int64_t standard) {
  return std::to_string(set ? value : standard);
}

}  // namespace

World::World(TempDirectory directory, std::string fake)
    : directory_(std::move(directory)),
      fake_(std::move(fake)),
      token_(NewToken()),
      journal_(directory_.path() + "/journal.jsonl") {
  setup_.environment = EnvironmentOfEveryChild();
  setup_.environment["HOME"] = Path("home");
  setup_.environment["TMPDIR"] = Path("tmp");
  setup_.environment["PATH"] = Path("path1") + ":" + Path("path2");
  setup_.environment["ZLAYER_DATA_DIR"] = Path("data");
  setup_.environment["ZLAYER_FAKE_JOURNAL"] = journal_.path();
  setup_.environment[std::string(kTokenVariable)] = token_;
  placeholders_.Set("fake", fake_);
  placeholders_.Set("data_dir", Path("data"));
  placeholders_.Set("path_dir_1", Path("path1"));
  placeholders_.Set("path_dir_2", Path("path2"));
}

std::string World::Path(std::string_view below) const {
  return fmt::format("{}/{}", directory_.path(), below);
}

World::Outcome World::MakeDirectories() {
  for (const char* name : {"home", "tmp", "path1", "path2", "data"}) {
    if (auto made = MakeDirectory(Path(name)); !made) return made;
  }
  return WriteFile(journal_.path(), "", 0600);
}

World::Outcome World::WritePlan(const v1::Scenario& scenario) {
  if (scenario.has_preset()) {
    setup_.environment["ZLAYER_FAKE_PLAN"] = scenario.preset();
    return {};
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(scenario.plan(), &text);
  setup_.environment["ZLAYER_FAKE_PLAN"] = Path("plan.txtpb");
  return WriteFile(Path("plan.txtpb"), text, 0600);
}

World::Outcome World::ApplySettings(const v1::ClientSettings& settings) {
  setup_.settings = settings;
  v1::ClientSettings& own = setup_.settings;
  const auto expand = [this](std::string* text) -> Outcome {
    auto expanded = placeholders_.Expand(*text);
    if (!expanded) return tl::unexpected(expanded.error());
    *text = *expanded;
    return {};
  };
  if (own.has_addr()) {
    if (auto done = expand(own.mutable_addr()); !done) return done;
    placeholders_.Set("addr", own.addr());
  }
  if (own.has_tls_dir()) {
    if (auto done = expand(own.mutable_tls_dir()); !done) return done;
  }
  if (own.has_storage_graph_root()) {
    if (auto done = expand(own.mutable_storage_graph_root()); !done) return done;
  }
  if (own.has_storage_run_root()) {
    if (auto done = expand(own.mutable_storage_run_root()); !done) return done;
  }
  const std::string buildd = Path("data/buildd");
  const auto given = [](const std::string& value, const std::string& standard) {
    return value.empty() ? standard : value;
  };
  placeholders_.Set("tls_dir", given(own.tls_dir(), buildd));
  placeholders_.Set("graph_root", given(own.storage_graph_root(), buildd + "/storage/graph"));
  placeholders_.Set("run_root", given(own.storage_run_root(), buildd + "/storage/run"));
  // The defaults are those of the protocol.
  placeholders_.Set("handshake_timeout_ms",
                    OwnSetting(own.handshake_timeout_ms(), own.has_handshake_timeout_ms(), 15'000));
  placeholders_.Set("connect_timeout_ms",
                    OwnSetting(own.connect_timeout_ms(), own.has_connect_timeout_ms(), 10'000));
  placeholders_.Set("rpc_timeout_ms",
                    OwnSetting(own.rpc_timeout_ms(), own.has_rpc_timeout_ms(), 600'000));
  placeholders_.Set("grace_ms", OwnSetting(own.grace_ms(), own.has_grace_ms(), 5'000));
  return {};
}

World::Outcome World::StartRemote() {
  const std::string tls = Path("data/buildd");
  auto started = ChildProcess::Start(
      {fake_, "--bind", "127.0.0.1:0", "--tls-ca", tls + "/ca.pem", "--tls-cert", tls + "/cert.pem",
       "--tls-key", tls + "/key.pem", "--idle-secs", "0", "--storage-root", Path("remote/graph"),
       "--storage-runroot", Path("remote/run"), "--storage-driver", "vfs"},
      setup_.environment);
  if (!started) return tl::unexpected(started.error());
  remote_ = std::move(*started);
  const auto line = remote_->ReadLine(Deadline(kStartLimit));
  if (!line) return tl::unexpected("the remote sidecar: " + line.error());
  constexpr std::string_view kPrefix = "LISTENING ";
  if (!line->starts_with(kPrefix)) return tl::unexpected("the remote sidecar said " + *line);
  setup_.settings.set_addr(line->substr(kPrefix.size()));
  return {};
}

// Bound, so that nobody else gets the port; not listening, so that it is refused.
World::Outcome World::ReserveClosedPort() {
  closed_port_ = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(closed_port_.get(), generic, size) != 0 ||
      getsockname(closed_port_.get(), generic, &size) != 0) {
    return tl::unexpected(std::string("no closed port to be had"));
  }
  setup_.settings.set_addr(fmt::format("127.0.0.1:{}", ntohs(address.sin_port)));
  return {};
}

World::Outcome World::ReachRemote(v1::World::Access access) {
  if (access == v1::World::SPAWN) return {};
  auto reached = access == v1::World::REMOTE ? StartRemote() : ReserveClosedPort();
  if (reached) placeholders_.Set("addr", setup_.settings.addr());
  return reached;
}

tl::expected<World, std::string> World::Make(const v1::Scenario& scenario,
                                             const std::string& fake) {
  auto directory = TempDirectory::Make();
  if (!directory) return tl::unexpected(directory.error());
  World world(std::move(*directory), fake);
  const v1::World& wanted = scenario.world();
  Outcome done = world.MakeDirectories();
  if (done) done = world.WritePlan(scenario);
  if (done) done = PrepareTls(wanted.tls(), fake, world.Path("data/buildd"));
  if (done && wanted.storage() == v1::World::BLOCKED) {
    done = WriteFile(world.Path("data/buildd/storage"), "", 0600);
  }
  if (done && wanted.access() == v1::World::SPAWN) {
    done = PlaceBinary(wanted.binary(), fake, world.directory_.path(), &world.setup_.environment,
                       &world.placeholders_);
  }
  for (const auto& [name, value] : wanted.environment()) world.setup_.environment[name] = value;
  if (done) done = world.ApplySettings(scenario.client());
  if (done) done = world.ReachRemote(wanted.access());
  if (!done) return tl::unexpected(done.error());
  return world;
}

std::string World::Key() const {
  std::ifstream file(Path("data/buildd/key.pem"));
  return {std::istreambuf_iterator<char>(file), {}};
}

Placeholders World::placeholders() const {
  Placeholders values = placeholders_;
  const auto entries = journal_.Entries();
  if (!entries) return values;
  for (const auto& entry : *entries) {
    if (entry.has_listening()) values.Set("announced", entry.listening().address());
  }
  return values;
}

}  // namespace zlayer::scenarios
