// What a client under judgement must be able to do. Only values pass, so that a client can live in
// another process and another language.
//
//   client->Configure({settings, environment});
//   Observation seen = client->Ensure(std::stop_token());

#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "scenarios/runner/judge/observation.h"
#include "scenarios/runner/world/client_setup.h"
#include "zlayer/proto/adapter.pb.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// One client for one scenario. Steps are called from one thread, one after the other. The
/// destructor lets go of everything, as the end of the client's program would.
class Client {
 public:
  virtual ~Client() = default;

  /// Comes first, and once.
  virtual void Configure(const ClientSetup& setup) = 0;

  /// Whether the client declares `capability`; known once it is configured.
  virtual bool Can(v1::Capability /*capability*/) const { return true; }

  /// Empty, or which rule between harness and client the client broke. What it said then means
  /// nothing.
  virtual std::string broken() const { return ""; }

  /// A ready sidecar, unless the caller gives up first.
  virtual Observation Ensure(std::stop_token cancel) = 0;
  /// From `threads` threads at once; answers_differ when not all got the same.
  virtual Observation ParallelEnsure(std::uint32_t threads) = 0;
  virtual Observation Drop() = 0;
  virtual Observation Shutdown() = 0;
  virtual Observation Health(const v1::Health& health) = 0;
  virtual Observation Build(const v1::Build& build) = 0;
  /// Returns once the client knows that its sidecar is gone; an error when it does not within
  /// `limit`.
  virtual Observation AwaitLost(std::chrono::milliseconds limit) = 0;

  /// What programs that the client's process starts inherit; "descriptor_leaked" when that is more
  /// than they should.
  virtual Observation InspectSiblings(std::chrono::milliseconds /*limit*/) { return {}; }

  /// The end of the client's program, for a client that is one. broken() may tell more then.
  virtual void Release() {}
};

}  // namespace zlayer::scenarios
