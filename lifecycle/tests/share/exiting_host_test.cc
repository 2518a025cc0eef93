// Hosts that use the library while they exit, or under variables of gRPC's that cannot be served.

#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <memory>

#include "lifecycle/tests/share/fake_world.h"
#include "lifecycle/tests/share/run_host.h"

namespace zlayer::sidecar {
namespace {

class ExitingHostTest : public FakeWorld {};

/// Makes what the handler of the exiting host uses; a handler has no arguments.
std::function<std::unique_ptr<SidecarLifecycle>()> new_lifecycle;

/// The handler is registered before the first Ensure, so it runs after the destructors of all
/// static objects that the library has made since.
TEST_F(ExitingHostTest, AnExitHandlerStartsAndStopsASidecar) {
  EXPECT_EQ(RunHost([&] {
              new_lifecycle = [this] {
                return std::make_unique<SidecarLifecycle>(config_, options_);
              };
              std::atexit([] {
                const auto lifecycle = new_lifecycle();
                const bool up = lifecycle->Ensure().has_value();
                const auto report = lifecycle->Shutdown();
                ::_exit(!up ? 1 : report && report->exit_code == 0 ? 0 : 2);
              });
              if (!new_lifecycle()->Ensure()) return 3;
              std::exit(4);
            }),
            0);
}

TEST_F(ExitingHostTest, APollStrategyWithoutAnEngineIsRefusedAndNamed) {
  EXPECT_EQ(RunHost([&] {
              SidecarLifecycle lifecycle(config_, options_);
              ::setenv("GRPC_POLL_STRATEGY", "none-such,epollex", 1);
              const auto refused = lifecycle.Ensure();
              if (refused || refused.error().kind != ErrorKind::config_invalid) return 1;
              if (refused.error().message.find("GRPC_POLL_STRATEGY") == std::string::npos) return 2;
              ::setenv("GRPC_POLL_STRATEGY", "none-such,poll", 1);
              return lifecycle.Ensure() ? 0 : 3;
            }),
            0);
}

}  // namespace
}  // namespace zlayer::sidecar
