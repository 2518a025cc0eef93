// The client under judgement, as the runner sees it.
//
// A Client takes the steps of one scenario and answers each with an Observation. Only values cross
// this interface, so a client can live in another process and be written in another language.
// embedded_client runs the C++ lifecycle library in this process; host_condition and loss_notice
// belong to it. adapter_client sends the steps to a program by proto/adapter.proto; adapter_process
// owns that program, and serve_client is the program's side of the protocol, for a Client of ours.
// host_program starts a client as a further program, for the steps that kill or interrupt it.
// *_values convert between a scenario's values and those of the library or the protocol.
//
// Invariant: what a client answers is never trusted as a fact about processes or files. The runner
// looks at those itself: see judge/aftermath.h.
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

/// One client for one scenario. Its functions are called from one thread, one after the other, but
/// for the stop token of Ensure. The destructor releases everything, as the exit of a program
/// would.
class Client {
 public:
  virtual ~Client() = default;

  /// Called once, before all other functions.
  virtual void Configure(const ClientSetup& setup) = 0;

  /// Whether the client declares `capability`. Valid after Configure. A scenario that needs a
  /// capability that is not declared is skipped.
  virtual bool Can(v1::Capability /*capability*/) const { return true; }

  /// Which rule of the protocol between runner and client the client broke; empty when it broke
  /// none. Its observations are meaningless then, and the scenario is a harness error.
  virtual std::string broken() const { return ""; }

  /// Gets a ready sidecar. Returns the error "cancelled" when `cancel` is requested first.
  virtual Observation Ensure(std::stop_token cancel) = 0;
  /// Ensure from `threads` threads at once. The error "answers_differ" when the answers are not
  /// equal.
  virtual Observation ParallelEnsure(std::uint32_t threads) = 0;
  /// Releases the connection. The sidecar, if the client started it, then stops by itself.
  virtual Observation Drop() = 0;
  /// Stops the sidecar and waits for its end.
  virtual Observation Shutdown() = 0;
  /// One RPC on the sidecar of the last Ensure.
  virtual Observation Health(const v1::Health& health) = 0;
  virtual Observation Build(const v1::Build& build) = 0;
  /// Returns when the client has noticed that its sidecar is gone. The error "sidecar_lost" when it
  /// has not noticed within `limit`.
  virtual Observation AwaitLost(std::chrono::milliseconds limit) = 0;

  /// Looks at the descriptors that other programs have inherited from the client's process. The
  /// error "descriptor_leaked" when one of them is the client's.
  virtual Observation InspectSiblings(std::chrono::milliseconds /*limit*/) { return {}; }

  /// Ends the client's program, if the client is one, and waits for its exit. A bad exit shows in
  /// broken().
  virtual void Release() {}
};

}  // namespace zlayer::scenarios
