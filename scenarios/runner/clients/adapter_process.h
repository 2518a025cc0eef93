// A client that is a program, as proto/adapter.proto says.
//
//   auto adapter = AdapterProcess::Start({"/usr/bin/python3", "client.py"}, environment, log);
//   auto hello = (*adapter)->Greet(setup, Deadline(kStepLimit));
//   auto reply = (*adapter)->Ask(request, Deadline(kStepLimit));

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/clients/client.h"
#include "scenarios/runner/process/child_process.h"
#include "scenarios/runner/process/line_reader.h"
#include "zlayer/proto/adapter.pb.h"

namespace zlayer::scenarios {

/// Errors say which rule of the protocol the adapter broke. Ask and Tell may be called at the same
/// time; nothing else may.
class AdapterProcess {
 public:
  /// `command` is a program's path and its arguments; `log` takes each line of its stderr, on a
  /// thread of its own.
  static tl::expected<std::unique_ptr<AdapterProcess>, std::string> Start(
      const std::vector<std::string>& command, const EnvironmentMap& environment,
      std::function<void(std::string_view line)> log);

  pid_t pid() const { return child_.pid(); }

  /// Says hello and configures; what it answered to the first.
  tl::expected<v1::HelloReply, std::string> Greet(const ClientSetup& setup,
                                                  const Deadline& deadline);

  /// Sends and waits for the reply.
  tl::expected<v1::Reply, std::string> Ask(v1::Request request, const Deadline& deadline);

  /// Sends only.
  tl::expected<void, std::string> Tell(v1::Request request);

  /// Ends its stdin and waits for its end, which must be silent, in time and of status 0.
  tl::expected<void, std::string> Finish(const Deadline& deadline);

  /// SIGKILL; false when it had ended before.
  bool Kill();

  /// SIGINT to its process group; false when it does not end by that.
  bool Interrupt();

 private:
  AdapterProcess(std::string name, ChildProcess child, std::unique_ptr<LineReader> log);

  tl::unexpected<std::string> Broken(std::string_view what) const;

  std::string name_;
  ChildProcess child_;
  std::unique_ptr<LineReader> log_;
  std::atomic<std::uint32_t> last_id_ = 0;
};

}  // namespace zlayer::scenarios
