#include "world.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

namespace fs = std::filesystem;

tl::expected<std::string, std::string> FakeBesideThisProgram() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return tl::unexpected("cannot read /proc/self/exe: " + error.message());
  fs::path fake = self.parent_path() / "fake-zlayer-buildd";
  if (!fs::is_regular_file(fake, error)) {
    return tl::unexpected(fake.string() + " is missing: build the target fake_buildd");
  }
  return fake.string();
}

}  // namespace

tl::expected<World, std::string> World::Make(std::string_view plan) {
  World world;
  auto binary = FakeBesideThisProgram();
  if (!binary) return tl::unexpected(std::move(binary.error()));
  world.binary_ = std::move(*binary);

  std::string directory = fs::temp_directory_path() / "zlayer-bench-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) {
    return tl::unexpected("cannot make " + directory + ": " + std::strerror(errno));
  }
  world.directory_ = std::move(directory);
  if (!plan.empty()) {
    world.plan_file_ = world.directory_ + "/plan.txtpb";
    std::ofstream(world.plan_file_) << plan;
  }

  sidecar::SidecarLifecycle lifecycle(world.config(), world.options());
  auto live = lifecycle.Ensure();
  if (!live) return tl::unexpected(live.error().message + "\n" + live.error().stderr_tail);
  return world;
}

World::World(World&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      binary_(std::move(other.binary_)),
      plan_file_(std::move(other.plan_file_)) {}

World::~World() {
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

sidecar::SidecarConfig World::config() const {
  sidecar::SidecarConfig config;
  config.idle_secs = 0;
  return config;
}

sidecar::LifecycleOptions World::options() const {
  auto environment = sidecar::Environment::OfThisProcess();
  environment.Set("ZLAYER_BUILDD_BIN", binary_);
  environment.Set("ZLAYER_DATA_DIR", directory_);
  environment.Unset("ZLAYER_FAKE_JOURNAL");
  environment.Unset("ZLAYER_FAKE_PLAN");
  if (!plan_file_.empty()) environment.Set("ZLAYER_FAKE_PLAN", plan_file_);
  sidecar::LifecycleOptions options;
  options.environment = std::move(environment);
  return options;
}

std::vector<std::string> World::Arguments() const {
  const std::string data = directory_ + "/buildd/";
  return {"--bind",
          "127.0.0.1:0",
          "--tls-ca",
          data + "ca.pem",
          "--tls-cert",
          data + "cert.pem",
          "--tls-key",
          data + "key.pem",
          "--idle-secs",
          "0",
          "--storage-root",
          data + "storage/graph",
          "--storage-runroot",
          data + "storage/run",
          "--storage-driver",
          "vfs"};
}

}  // namespace zlayer::bench
