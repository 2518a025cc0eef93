#include "scenarios/runner/world/world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "scenarios/runner/process/token_processes.h"
#include "scenarios/runner/world/daemon_process.h"
#include "scenarios/runner/world/world_files.h"
#include "scenarios/runner/world/world_settings.h"

namespace zlayer::scenarios {
namespace {

constexpr std::string_view kFake = "{fake}";
constexpr std::string_view kStranger = "{stranger}";
constexpr char kHonestPreset[] = "honest";

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
  fakes::v1::FaultPlan plan = scenario.plan();
  for (auto& fault : *plan.mutable_fault()) {
    // Braces in a plan, such as {port}, are replaced by the fake. Only {stranger} is replaced here,
    // and {fake} as the upstream.
    std::string* line = fault.has_handshake_bytes() && fault.handshake_bytes().has_text()
                            ? fault.mutable_handshake_bytes()->mutable_text()
                            : nullptr;
    const size_t at = line ? line->find(kStranger) : std::string::npos;
    if (at != std::string::npos) line->replace(at, kStranger.size(), stranger_address_);
  }
  if (plan.upstream().path() == kFake) plan.mutable_upstream()->set_path(fake_);
  std::string text;
  google::protobuf::TextFormat::PrintToString(plan, &text);
  if (text.empty()) {  // the fake refuses an empty plan
    setup_.environment["ZLAYER_FAKE_PLAN"] = kHonestPreset;
    return {};
  }
  setup_.environment["ZLAYER_FAKE_PLAN"] = Path("plan.txtpb");
  return WriteFile(Path("plan.txtpb"), text, 0600);
}

World::Outcome World::ApplySettings(const v1::ClientSettings& settings) {
  auto applied = ExpandSettings(settings, Path("data/buildd"), &placeholders_);
  if (!applied) return tl::unexpected(applied.error());
  setup_.settings = std::move(*applied);
  return {};
}

World::Outcome World::StartRemote() {
  auto daemon = StartDaemon(fake_, {Path("data/buildd"), Path("remote")}, setup_.environment);
  if (!daemon) return tl::unexpected("the remote sidecar: " + daemon.error());
  remote_ = std::move(daemon->process);
  setup_.settings.set_addr(daemon->address);
  return {};
}

/// The stranger has a journal of its own, because its events do not belong to the client's sidecar.
World::Outcome World::StartStranger() {
  if (auto made = PrepareTls(v1::World::MINTED, fake_, Path("stranger")); !made) return made;
  EnvironmentMap environment = setup_.environment;
  environment["ZLAYER_FAKE_PLAN"] = kHonestPreset;
  environment["ZLAYER_FAKE_JOURNAL"] = Path("stranger/journal.jsonl");
  auto daemon = StartDaemon(fake_, {Path("stranger"), Path("stranger/storage")}, environment);
  if (!daemon) return tl::unexpected("the stranger: " + daemon.error());
  stranger_ = std::move(daemon->process);
  stranger_address_ = daemon->address;
  return {};
}

// The socket is bound, so that no other process gets the port. It does not listen, so the kernel
// refuses connections.
World::Outcome World::ReserveClosedPort() {
  closed_port_ = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(closed_port_.get(), generic, size) != 0 ||
      getsockname(closed_port_.get(), generic, &size) != 0) {
    return tl::unexpected(std::string("cannot reserve a closed port"));
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
  if (done && wanted.stranger()) done = world.StartStranger();
  if (done) done = world.WritePlan(scenario);
  if (done) done = PrepareTls(wanted.tls(), fake, world.Path("data/buildd"));
  if (done && wanted.storage() == v1::World::BLOCKED) {
    done = WriteFile(world.Path("data/buildd/storage"), "", 0600);
  }
  if (done && wanted.access() == v1::World::SPAWN) {
    done = PlaceBinary(wanted.binary(), fake, world.directory_.path(), &world.setup_.environment,
                       &world.placeholders_);
  }
  if (done) done = world.HoldOpen(wanted.binary());
  for (const auto& [name, value] : wanted.environment()) world.setup_.environment[name] = value;
  if (done) done = world.ApplySettings(scenario.client());
  if (done) done = world.ReachRemote(wanted.access());
  if (!done) return tl::unexpected(done.error());
  return world;
}

World::Outcome World::HoldOpen(v1::World::Binary binary) {
  if (binary != v1::World::BEING_WRITTEN) return {};
  const std::string path = setup_.environment["ZLAYER_BUILDD_BIN"];
  writer_ = UniqueFd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!writer_) return tl::unexpected(path + ": cannot be held open for writing");
  return {};
}

tl::expected<void, int> World::ReusePid(pid_t pid) {
  auto squatter = PidSquatter::Start(pid);
  if (!squatter) return tl::unexpected(squatter.error());
  squatter_ = std::move(*squatter);
  return {};
}

void World::StopOthers() {
  if (remote_) remote_->Stop();
  if (stranger_) stranger_->Stop();
  squatter_.reset();
}

bool World::KeyIsPrivate() const {
  struct stat status {};
  return stat(Path("data/buildd/key.pem").c_str(), &status) == 0 && (status.st_mode & 077) == 0;
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
