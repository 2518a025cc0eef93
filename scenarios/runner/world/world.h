// What a client finds: directories, certificates, the binary's place, the environment, and for
// remote scenarios the sidecar itself.
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

/// Move-only; its files go with it. Processes that the client started are not its own: see
/// aftermath.h.
class World {
 public:
  /// `fake` is the fake's executable. An error is the harness's own, not the client's.
  static tl::expected<World, std::string> Make(const v1::Scenario& scenario,
                                               const std::string& fake);

  const ClientSetup& setup() const { return setup_; }
  const std::string& token() const { return token_; }
  const Journal& journal() const { return journal_; }

  /// With {announced} as the journal has it now.
  Placeholders placeholders() const;

  /// The content of key.pem of the TLS directory that the world prepared; empty: there is none.
  std::string Key() const;

  /// Whether there is one that only its owner may do anything with.
  bool KeyIsPrivate() const;

  /// Null unless world.access is REMOTE.
  ChildProcess* remote() { return remote_ ? &*remote_ : nullptr; }

  /// Gives the id of a process that has ended to somebody else; see PidSquatter::Start.
  tl::expected<void, int> ReusePid(pid_t pid);
  /// Null before that.
  const PidSquatter* squatter() const { return squatter_ ? &*squatter_ : nullptr; }

  /// Ends the processes that the runner itself has in this world.
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
  UniqueFd closed_port_;  // bound and never listening
  UniqueFd writer_;       // of a binary that is being written
  std::optional<ChildProcess> remote_;
  std::optional<ChildProcess> stranger_;
  std::string stranger_address_;
  std::optional<PidSquatter> squatter_;
};

}  // namespace zlayer::scenarios
