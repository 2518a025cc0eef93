#include "scenarios/runner/clients/adapter_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "scenarios/runner/clients/adapter_values.h"

namespace zlayer::scenarios {
namespace {

constexpr std::uint32_t kProtocol = 1;

}  // namespace

AdapterProcess::AdapterProcess(std::string name, ChildProcess child,
                               std::unique_ptr<LineReader> log)
    : name_(std::move(name)), child_(std::move(child)), log_(std::move(log)) {}

tl::expected<std::unique_ptr<AdapterProcess>, std::string> AdapterProcess::Start(
    const std::vector<std::string>& command, const EnvironmentMap& environment,
    std::function<void(std::string_view line)> log) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return tl::unexpected(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  auto child = ChildProcess::Start(command, environment, {true, write_end.get()});
  if (!child) return tl::unexpected("the adapter: " + child.error());
  return std::unique_ptr<AdapterProcess>(
      new AdapterProcess(fmt::format("{}", fmt::join(command, " ")), std::move(*child),
                         std::make_unique<LineReader>(std::move(read_end), std::move(log))));
}

tl::unexpected<std::string> AdapterProcess::ProtocolError(std::string_view what) const {
  return tl::unexpected(fmt::format("the adapter ({}) {}", name_, what));
}

tl::expected<v1::HelloReply, std::string> AdapterProcess::Greet(const ClientSetup& setup,
                                                                const Deadline& deadline) {
  v1::Request hello;
  hello.mutable_hello()->set_protocol(kProtocol);
  const auto greeted = Ask(hello, deadline);
  if (!greeted) return tl::unexpected(greeted.error());
  const auto& can = greeted->hello().capability();
  v1::Request configure;
  *configure.mutable_configure()->mutable_settings() = setup.settings;
  if (std::find(can.begin(), can.end(), v1::HOST_CONDITION) != can.end()) {
    configure.mutable_configure()->set_host(setup.host);
  }
  const auto configured = Ask(configure, deadline);
  if (!configured) return tl::unexpected(configured.error());
  const std::string& refusal = configured->seen().error();
  if (refusal.empty()) return greeted->hello();
  return ProtocolError(
      fmt::format("refused its settings with {}; report a bad setting as the error of ensure: {}",
                  refusal, configured->seen().message()));
}

tl::expected<void, std::string> AdapterProcess::Tell(v1::Request request) {
  request.set_id(++last_id_);
  if (child_.WriteLine(ToLine(request))) return {};
  return ProtocolError(fmt::format("does not read its stdin; it did not get {}", ToLine(request)));
}

tl::expected<v1::Reply, std::string> AdapterProcess::Ask(v1::Request request,
                                                         const Deadline& deadline) {
  const std::uint32_t id = ++last_id_;
  request.set_id(id);
  const std::string asked = ToLine(request);
  // An adapter that has exited cannot be written to. Its last line, or how its stdout ended,
  // explains more than the failed write, so read all the same.
  const bool sent = child_.WriteLine(asked);
  const auto line = child_.ReadLine(deadline);
  if (!line) {
    return ProtocolError(fmt::format("gave no answer to {}: {}", asked,
                                     sent ? line.error() : "its stdin is closed, " + line.error()));
  }
  v1::Reply reply;
  if (auto parsed = FromLine(*line, &reply); !parsed) {
    return ProtocolError(fmt::format("answered {} with a line that is not a reply: \"{}\": {}",
                                     asked, line->substr(0, 200), parsed.error()));
  }
  if (reply.id() != id) {
    return ProtocolError(
        fmt::format("answered {} with the id {}: \"{}\"", asked, reply.id(), line->substr(0, 200)));
  }
  const bool wanted = request.has_hello() ? reply.has_hello() : reply.has_seen();
  if (wanted) return reply;
  return ProtocolError(fmt::format("answered {} without \"{}\": \"{}\"", asked,
                                   request.has_hello() ? "hello" : "seen", line->substr(0, 200)));
}

tl::expected<void, std::string> AdapterProcess::Finish(const Deadline& deadline) {
  child_.CloseStdin();
  if (const auto more = child_.ReadLine(deadline)) {
    return ProtocolError(
        fmt::format("sent a line that nobody asked for: \"{}\"", more->substr(0, 200)));
  }
  const int status = child_.Wait(deadline);
  if (status == 0) return {};
  if (status < 0) return ProtocolError("did not exit after the end of its stdin");
  return ProtocolError(fmt::format("ended with status {}", status));
}

bool AdapterProcess::Kill() {
  if (child_.pid() < 0) return false;  // it was reaped; kill(-1, ...) would signal every process
  kill(child_.pid(), SIGKILL);
  return child_.Wait(Deadline(std::chrono::seconds(10))) == 128 + SIGKILL;
}

bool AdapterProcess::Interrupt() {
  if (child_.pid() < 0) return false;
  kill(-child_.pid(), SIGINT);  // ChildProcess makes its child the leader of a process group
  return child_.Wait(Deadline(std::chrono::seconds(10))) >= 0;
}

}  // namespace zlayer::scenarios
