// The world of a scenario: everything that the client finds when it starts.
//
// World::Make builds it as v1::World asks: a private directory with the TLS set, the storage, the
// fake's plan and the sidecar's binary in its place (world_files), the client's settings
// (world_settings), the environment, and for some scenarios a running daemon (daemon_process).
// client_setup is what the client is told of it. journal reads what the fakes have recorded.
// pid_squatter reuses the pid of a sidecar that has ended.
//
// Invariants: every file is below one temporary directory, which the World removes. The environment
// carries a random token, which every process of the client and the sidecar inherits; the aftermath
// finds them by it. The runner's own daemons carry it, too, so StopOthers comes before the
// aftermath.
//
//   auto world = World::Make(scenario, "/build/bin/fake-zlayer-buildd");
//   client->Configure(world->setup());

#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "scenarios/runner/catalog/placeholders.h"
#include "scenarios/runner/process/child_process.h"
#include "scenarios/runner/process/temp_directory.h"
#include "scenarios/runner/world/client_setup.h"
#include "scenarios/runner/world/journal.h"
#include "scenarios/runner/world/pid_squatter.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// Move-only. The destructor removes the files and ends the runner's own daemons. It does not end
/// processes that the client has started: JudgeAftermath does.
class World {
 public:
  /// `fake` is the path of the fake's executable. An error is a harness error: the client has not
  /// been started yet.
  static tl::expected<World, std::string> Make(const v1::Scenario& scenario,
                                               const std::string& fake);

  const ClientSetup& setup() const { return setup_; }
  const std::string& token() const { return token_; }
  const Journal& journal() const { return journal_; }

  /// The values for the scenario's texts. {announced} is read from the journal at each call.
  Placeholders placeholders() const;

  /// The content of key.pem in the default TLS directory; empty when there is none.
  std::string Key() const;

  /// Whether that file exists and gives no permission to group or others.
  bool KeyIsPrivate() const;

  /// The remote sidecar; null unless world.access is REMOTE.
  ChildProcess* remote() { return remote_ ? &*remote_ : nullptr; }

  /// Starts a PidSquatter with the pid of a process that has ended; see PidSquatter::Start.
  tl::expected<void, int> ReusePid(pid_t pid);
  /// Null before ReusePid.
  const PidSquatter* squatter() const { return squatter_ ? &*squatter_ : nullptr; }

  /// Ends the remote sidecar, the stranger and the squatter, where there are any.
  void StopOthers();

 private:
  using Outcome = tl::expected<void, std::string>;

  World(TempDirectory directory, std::string fake);

  std::string Path(std::string_view below) const;
  Outcome MakeDirectories();
  Outcome WritePlan(const v1::Scenario& scenario);
  Outcome HoldOpen(v1::World::Binary binary);
  Outcome ApplySettings(const v1::ClientSettings& settings);
  Outcome ReachRemote(v1::World::Access access);
  Outcome StartRemote();
  Outcome StartStranger();
  Outcome ReserveClosedPort();

  TempDirectory directory_;
  std::string fake_;
  std::string token_;
  Journal journal_;
  ClientSetup setup_;
  Placeholders placeholders_;
  UniqueFd closed_port_;  // a socket that is bound and never listens
  UniqueFd writer_;       // holds the binary open for writing: BEING_WRITTEN
  std::optional<ChildProcess> remote_;
  std::optional<ChildProcess> stranger_;
  std::string stranger_address_;
  std::optional<PidSquatter> squatter_;
};

}  // namespace zlayer::scenarios
