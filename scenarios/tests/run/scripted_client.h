// A client that does nothing and answers every step with the same observation.

#pragma once

#include "scenarios/runner/clients/client.h"

namespace zlayer::scenarios {

class ScriptedClient : public Client {
 public:
  explicit ScriptedClient(Observation answer) : answer_(std::move(answer)) {}

  void Configure(const ClientSetup&) override {}
  Observation Ensure(std::stop_token) override { return answer_; }
  Observation ParallelEnsure(std::uint32_t) override { return answer_; }
  Observation Drop() override { return answer_; }
  Observation Shutdown() override { return answer_; }
  Observation Health(const v1::Health&) override { return answer_; }
  Observation Build(const v1::Build&) override { return answer_; }
  Observation AwaitLost(std::chrono::milliseconds) override { return answer_; }

 private:
  Observation answer_;
};

}  // namespace zlayer::scenarios
