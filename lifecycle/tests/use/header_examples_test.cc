// Compiles the examples in the opening comments of the public headers, one function for each
// header, and checks that each line of an example is found in this file.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/proto/buildah_sidecar.pb.h"
#include "zlayer/sidecar/build.h"
#include "zlayer/sidecar/call.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/context_mount.h"
#include "zlayer/sidecar/environment.h"
#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/lifecycle_event.h"
#include "zlayer/sidecar/live_sidecar.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::InspectRequest;
using buildah_sidecar::v1::InspectResponse;

// Functions of the user that the examples call.
void Show(const BuildEvent&) {}
void Show(const std::string&) {}
void Push(const std::string&) {}
void Again() {}
void Fail(const std::string&) {}
void Log(const char*, std::string_view, const std::string&) {}
void RenewCertificates() {}

// The layout of the lines is that of the headers, which are compared line by line.
// clang-format off

[[maybe_unused]] void Build(const LiveSidecar* live, const std::stop_token& stop_token) {
  BuildRequest request;
  request.set_context_dir("/home/me/src/app");
  request.add_dockerfile_paths("Dockerfile");
  BuildOptions options;
  options.on_event = [](const BuildEvent& event) { Show(event); };
  auto built = RunBuild(*live, request, options, stop_token);
  if (built) return Push(built->image_id);
  if (built.error().retryable) return Again();
}

[[maybe_unused]] void CallOnce(const LiveSidecar* live) {
  auto about = Call(*live, &BuildService::Stub::Inspect, InspectRequest());
  if (about) return Show(about->buildah_version());
  if (about.error().retryable) return Again();
}

[[maybe_unused]] void Config() {
  SidecarConfig config;
  config.idle_secs = 0;
  LifecycleOptions options;
  options.handshake_timeout = std::chrono::seconds(3);
  SidecarLifecycle lifecycle(config, options);
}

[[maybe_unused]] void Mount(BuildRequest request) {
  ContextMount mount{"/home/me/src", "/workspace"};
  request.set_context_dir(GuestPath(mount, "/home/me/src/app"));
}

[[maybe_unused]] void Variables() {
  Environment environment = Environment::OfThisProcess();
  environment.Set("ZLAYER_BUILDD_BIN", "/opt/zlayer/zlayer-buildd");
}

[[maybe_unused]] void Errors(SidecarLifecycle& lifecycle) {
  auto live = lifecycle.Ensure();
  if (!live && live.error().kind == ErrorKind::client_rejected) RenewCertificates();
  if (!live) std::cerr << live.error().message << '\n' << live.error().stderr_tail;
}

[[maybe_unused]] void Events() {
  LifecycleOptions options;
  options.on_event = [](const LifecycleEvent& event) {
    Log("{}: {}", LifecycleEventName(event.kind), event.text);
  };
}

[[maybe_unused]] void Live(const LiveSidecar& live) {
  InspectRequest request;
  InspectResponse response;
  auto stub = BuildService::NewStub(live.Channel());
  auto context = live.NewContext();
  grpc::Status status = stub->Inspect(context.get(), request, &response);
  if (!status.ok() && live.Explain(status).retryable) return Again();
}

[[maybe_unused]] void Lifecycle(const SidecarConfig& config, const LifecycleOptions& options) {
  SidecarLifecycle lifecycle(config, options);
  auto live = lifecycle.Ensure();
  if (!live) return Fail(live.error().message);
  auto stub = BuildService::NewStub(live->Channel());
  std::optional<StopReport> end = lifecycle.Shutdown();
  (void)end;
}

// clang-format on

std::string Contents(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Returns the lines of code in the header's opening comment, without trailing comments. A line of
/// code is one that is indented by three spaces.
std::vector<std::string> Example(const std::filesystem::path& header) {
  constexpr std::string_view kCode = "//   ";
  std::vector<std::string> lines;
  std::istringstream text(Contents(header));
  for (std::string line; std::getline(text, line) && line != "#pragma once";) {
    if (!line.starts_with(kCode)) continue;
    line = line.substr(kCode.size());
    line = line.substr(0, line.find("  //"));
    lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
  return lines;
}

TEST(HeaderExamplesTest, EveryHeaderOpensWithOneThatIsCompiledHere) {
  const std::string compiled = Contents(ZLAYER_LIFECYCLE_DIR "/tests/use/header_examples_test.cc");
  int headers = 0;
  for (const auto& header :
       std::filesystem::directory_iterator(ZLAYER_LIFECYCLE_DIR "/include/zlayer/sidecar")) {
    const auto lines = Example(header.path());
    EXPECT_FALSE(lines.empty()) << header.path() << " opens without an example";
    for (const std::string& line : lines) {
      EXPECT_THAT(compiled, testing::HasSubstr(line)) << header.path();
    }
    ++headers;
  }
  EXPECT_EQ(headers, 9);
}

}  // namespace
}  // namespace zlayer::sidecar
