#include "scenarios/runner/process/child_process.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace zlayer::scenarios {
namespace {

std::chrono::milliseconds Left(const Deadline& deadline) {
  return std::chrono::milliseconds(deadline.poll_ms());
}

}  // namespace

EnvironmentMap OwnEnvironment() {
  EnvironmentMap own;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const size_t equals = text.find('=');
    if (equals != text.npos) own.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return own;
}

EnvironmentMap EnvironmentOfEveryChild() {
  EnvironmentMap kept;
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS",
                           "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"}) {
    if (const char* value = std::getenv(name)) kept[name] = value;
  }
  return kept;
}

tl::expected<ChildProcess, std::string> ChildProcess::Start(const std::vector<std::string>& argv,
                                                            const EnvironmentMap& environment,
                                                            const ChildPipes& pipes) {
  auto child = fakes::ChildProcess::Start({
      .argv = argv,
      .environment = environment,
      .exact_environment = true,
      .in = pipes.write_stdin ? fakes::kPipe : fakes::kDevNull,
      .out = pipes.stdout_fd < 0 ? fakes::kPipe : pipes.stdout_fd,
      .err = pipes.stderr_fd < 0 ? fakes::kDevNull : pipes.stderr_fd,
      .own_group = true,
  });
  if (!child) return tl::unexpected(child.error().message);
  return ChildProcess(std::move(*child));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : child_(std::exchange(other.child_, std::nullopt)), pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(child_, other.child_);
  std::swap(pid_, other.pid_);
  return *this;
}

tl::expected<std::string, std::string> ChildProcess::ReadLine(const Deadline& deadline) {
  return child_->ReadLine({.limit = Left(deadline), .longest = kLongestLine + 1})
      .map_error([](const fakes::FixtureError& error) { return error.message; });
}

bool ChildProcess::WriteLine(const std::string& line) const { return child_->Write(line + '\n'); }

bool ChildProcess::alive() const { return pid_ >= 0 && child_->RunsFor({}); }

int ChildProcess::Wait(const Deadline& deadline) {
  if (pid_ < 0) return -1;
  const auto end = child_->WaitForEnd(Left(deadline));
  if (!end) return -1;
  pid_ = -1;
  return end->signal ? 128 + *end->signal : end->code.value_or(0);
}

void ChildProcess::Stop() {
  if (pid_ < 0) return;
  (void)child_->Stop(std::chrono::seconds(1));
  pid_ = -1;
}

}  // namespace zlayer::scenarios
