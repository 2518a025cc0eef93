#include "scenarios/runner/clients/serve_client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "scenarios/runner/clients/adapter_process.h"
#include "scenarios/runner/clients/adapter_values.h"
#include "scenarios/runner/judge/verdict.h"
#include "scenarios/runner/process/child_process.h"

namespace zlayer::scenarios {
namespace {

v1::HelloReply Hello(const AdapterIdentity& identity, const Client& client) {
  v1::HelloReply hello;
  hello.set_name(identity.name);
  hello.set_version(identity.version);
  const auto* capabilities = v1::Capability_descriptor();
  for (int i = 0; i < capabilities->value_count(); ++i) {
    const auto capability = static_cast<v1::Capability>(capabilities->value(i)->number());
    if (capability != v1::CAPABILITY_UNKNOWN && client.Can(capability)) {
      hello.add_capability(capability);
    }
  }
  return hello;
}

/// Serves each request on a thread of its own, so that `cancel` can be read while it is served.
class Server {
 public:
  Server(const AdapterIdentity& identity, std::unique_ptr<Client> client)
      : identity_(identity), client_(std::move(client)) {}

  /// stdin has ended: cancels the request under way. ~jthread waits for it.
  ~Server() { Cancel(); }

  /// Begins to serve the request. False when the line is not a request.
  bool Take(const std::string& line) {
    v1::Request request;
    if (auto parsed = FromLine(line, &request); !parsed) {
      fmt::print(stderr, "not a request: {}: {}\n", line, parsed.error());
      return false;
    }
    if (request.has_cancel()) {
      Cancel();
      return true;
    }
    worker_ = {};  // joins; the request before is answered, because requests do not overlap
    {
      const std::lock_guard lock(mutex_);
      cancel_ = {};
    }
    worker_ = std::jthread([this, request, stop = cancel_.get_token()] { Serve(request, stop); });
    return true;
  }

 private:
  void Cancel() {
    const std::lock_guard lock(mutex_);
    cancel_.request_stop();
  }

  void Serve(const v1::Request& request, const std::stop_token& stop) {
    v1::Reply reply;
    reply.set_id(request.id());
    if (request.has_hello()) {
      *reply.mutable_hello() = Hello(identity_, *client_);
    } else {
      *reply.mutable_seen() = ToSeen(Act(request, stop));
    }
    std::cout << ToLine(reply) << std::endl;
  }

  Observation Act(const v1::Request& request, const std::stop_token& stop);

  const AdapterIdentity& identity_;
  const std::unique_ptr<Client> client_;
  std::mutex mutex_;
  std::stop_source cancel_;  // of the request under way
  std::jthread worker_;      // declared last: destroyed first, because it uses the others
};

Observation Server::Act(const v1::Request& request, const std::stop_token& stop) {
  switch (request.request_case()) {
    case v1::Request::kConfigure: {
      ClientSetup setup{request.configure().settings(), OwnEnvironment(),
                        request.configure().host()};
      setup.log = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
      client_->Configure(setup);
      return {};
    }
    case v1::Request::kEnsure:
      return client_->Ensure(stop);
    case v1::Request::kParallelEnsure:
      return client_->ParallelEnsure(request.parallel_ensure().threads());
    case v1::Request::kDrop:
      return client_->Drop();
    case v1::Request::kShutdown:
      return client_->Shutdown();
    case v1::Request::kHealth:
      return client_->Health(request.health());
    case v1::Request::kBuild:
      return client_->Build(request.build());
    case v1::Request::kAwaitLost:
      return client_->AwaitLost(kStepLimit);
    case v1::Request::kInspectSiblings:
      return client_->InspectSiblings(kStepLimit);
    default:
      return {};
  }
}

}  // namespace

int ServeClient(const AdapterIdentity& identity, std::unique_ptr<Client> client) {
  Server server(identity, std::move(client));
  std::string line;
  while (std::getline(std::cin, line)) {
    if (!server.Take(line)) return 1;
  }
  return 0;
}

}  // namespace zlayer::scenarios
