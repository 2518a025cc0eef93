// A running adapter, the program that proto/adapter.proto describes.
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

/// Owns the adapter's process and its pipes. Errors say which rule of the protocol the adapter
/// broke. Not thread-safe, but Tell may be called from another thread while Ask waits.
class AdapterProcess {
 public:
  /// `command` is the program's path and arguments. `log` gets each line of its stderr, on a thread
  /// of its own, until this object is destroyed.
  static tl::expected<std::unique_ptr<AdapterProcess>, std::string> Start(
      const std::vector<std::string>& command, const EnvironmentMap& environment,
      std::function<void(std::string_view line)> log);

  pid_t pid() const { return child_.pid(); }

  /// Sends `hello` and `configure`. Returns the adapter's answer to `hello`.
  tl::expected<v1::HelloReply, std::string> Greet(const ClientSetup& setup,
                                                  const Deadline& deadline);

  /// Sends the request with a new id and waits for the reply.
  tl::expected<v1::Reply, std::string> Ask(v1::Request request, const Deadline& deadline);

  /// Sends the request and does not wait for a reply.
  tl::expected<void, std::string> Tell(v1::Request request);

  /// Closes the adapter's stdin and waits for its exit. An error unless the adapter exits with
  /// status 0 before the deadline and writes no further line.
  tl::expected<void, std::string> Finish(const Deadline& deadline);

  /// Kills the adapter and reaps it. False when it had ended before.
  bool Kill();

  /// Sends SIGINT to the adapter's process group, as a terminal does at Ctrl-C, and reaps the
  /// adapter. False when the adapter does not end within ten seconds.
  bool Interrupt();

 private:
  AdapterProcess(std::string name, ChildProcess child, std::unique_ptr<LineReader> log);

  /// "the adapter (<command>) <what>".
  tl::unexpected<std::string> ProtocolError(std::string_view what) const;

  std::string name_;
  ChildProcess child_;
  std::unique_ptr<LineReader> log_;
  std::atomic<std::uint32_t> last_id_ = 0;
};

}  // namespace zlayer::scenarios
