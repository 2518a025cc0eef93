// Tests of the public interface against the fake daemon: a real process, real TLS, real gRPC.

#include "zlayer/sidecar/sidecar_lifecycle.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "lifecycle/tests/share/children.h"
#include "lifecycle/tests/share/fake_world.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::InspectRequest;
using buildah_sidecar::v1::InspectResponse;

bool Exists(int pid) { return ::kill(pid, 0) == 0; }

using SidecarLifecycleTest = FakeWorld;

TEST_F(SidecarLifecycleTest, AReadySidecarAnswersAndKnowsItsSettings) {
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  const auto context = live->NewContext();
  InspectResponse response;
  const auto status =
      BuildService::NewStub(live->Channel())->Inspect(context.get(), InspectRequest(), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.storage_driver(), "vfs");
  EXPECT_EQ(response.storage_root(), directory_ / "buildd/storage/graph");
}

TEST_F(SidecarLifecycleTest, TheContextCarriesTheRpcLimit) {
  options_.rpc_timeout = std::chrono::minutes(7);
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  const auto left = live->NewContext()->deadline() - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::minutes(6));
  EXPECT_LE(left, std::chrono::minutes(7) + std::chrono::seconds(1));
}

TEST_F(SidecarLifecycleTest, AHandleTellsWhetherTheSidecarAuthenticatesItsClients) {
  for (const bool asks : {true, false}) {
    UsePlan(asks ? "" : "fault { tls_client_certificate { how: NOT_ASKED } }");
    SidecarLifecycle lifecycle(config_, options_);
    const auto live = lifecycle.Ensure();
    ASSERT_TRUE(live) << live.error().message;
    EXPECT_EQ(live->authenticates_clients(), asks);
  }
}

TEST_F(SidecarLifecycleTest, CallersShareOneSidecar) {
  SidecarLifecycle lifecycle(config_, options_);
  std::vector<int> pids(32);
  {
    std::vector<std::jthread> callers;
    for (int& pid : pids) {
      callers.emplace_back([&lifecycle, &pid] {
        if (const auto live = lifecycle.Ensure()) pid = live->pid().value_or(0);
      });
    }
  }
  EXPECT_GT(pids[0], 0);
  EXPECT_THAT(pids, testing::Each(pids[0]));
  EXPECT_EQ(lifecycle.Ensure().value().pid(), pids[0]);
}

TEST_F(SidecarLifecycleTest, TheProcessLivesAsLongAsAHandle) {
  SidecarLifecycle lifecycle(config_, options_);
  auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  lifecycle.DropConnection();
  // A handle holds the sidecar, so Shutdown does not wait for it.
  EXPECT_FALSE(lifecycle.Shutdown().has_value());
  EXPECT_TRUE(live->alive());
  EXPECT_TRUE(Exists(live->pid().value()));
  const int pid = live->pid().value();
  live = tl::unexpected(LifecycleError{});
  const auto report = lifecycle.Shutdown();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->exit_code, 0);
  EXPECT_FALSE(report->escalated);
  EXPECT_FALSE(Exists(pid));
  EXPECT_EQ(lost_, 0);
}

TEST_F(SidecarLifecycleTest, AHandleThatOutlivesItsLifecycleStopsTheSidecar) {
  std::optional<LiveSidecar> kept;
  {
    SidecarLifecycle lifecycle(config_, options_);
    auto live = lifecycle.Ensure();
    ASSERT_TRUE(live) << live.error().message;
    kept = *live;
  }
  EXPECT_TRUE(kept->alive());
  const int pid = kept->pid().value();
  kept.reset();
  while (Exists(pid)) std::this_thread::yield();  // the supervisor's thread stops it
}

TEST_F(SidecarLifecycleTest, DropConnectionStartsAfresh) {
  SidecarLifecycle lifecycle(config_, options_);
  const auto first = lifecycle.Ensure();
  ASSERT_TRUE(first) << first.error().message;
  lifecycle.DropConnection();
  const auto second = lifecycle.Ensure();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(first->pid(), second->pid());
}

TEST_F(SidecarLifecycleTest, ADeadSidecarIsNoticedAndReplaced) {
  SidecarLifecycle lifecycle(config_, options_);
  const auto first = lifecycle.Ensure();
  ASSERT_TRUE(first) << first.error().message;
  ::kill(first->pid().value(), SIGKILL);
  ASSERT_TRUE(WaitForLost(1));
  EXPECT_FALSE(first->alive());
  const auto second = lifecycle.Ensure();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(first->pid(), second->pid());
  EXPECT_EQ(lost_, 1);
}

TEST_F(SidecarLifecycleTest, AnOpenBuildStreamDoesNotHoldTheStopUp) {
  UsePlan("build { event { log { line: \"up\" } } } build { hold: true }");
  options_.grace = std::chrono::seconds(20);
  SidecarLifecycle lifecycle(config_, options_);
  std::shared_ptr<grpc::Channel> channel;
  {
    const auto live = lifecycle.Ensure();
    ASSERT_TRUE(live) << live.error().message;
    channel = live->Channel();
  }
  const auto stub = BuildService::NewStub(channel);
  grpc::ClientContext context;
  BuildRequest request;
  request.add_dockerfile_paths("Dockerfile");
  const auto stream = stub->Build(&context, request);
  BuildEvent event;
  ASSERT_TRUE(stream->Read(&event));
  const auto report = lifecycle.Shutdown();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->exit_code, 0);
  EXPECT_FALSE(report->escalated);
  EXPECT_FALSE(stream->Read(&event));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(SidecarLifecycleTest, ACancelEndsTheStartThatWaitsForTheLine) {
  UsePlan("fault { hang { phase: BOUND } }");
  const std::string journal = directory_ / "journal";
  options_.environment->Set("ZLAYER_FAKE_JOURNAL", journal);
  SidecarLifecycle lifecycle(config_, options_);
  std::stop_source stop;
  const std::jthread stopper([&] {
    for (std::string line; line.find("fault_fired") == line.npos;) {
      std::ifstream file(journal);
      line.assign(std::istreambuf_iterator<char>(file), {});
    }
    stop.request_stop();
  });
  const auto live = lifecycle.Ensure(stop.get_token());
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(ChildrenOf(::getpid()), testing::IsEmpty());
}

TEST_F(SidecarLifecycleTest, ACancelEndsTheStartAndItsProcess) {
  UsePlan("fault { hang { phase: BOUND } }");
  std::stop_source stop;
  // Once the phase `spawn` has ended, the start waits for the keeper's answer or for the line.
  options_.on_phase = [&stop](Phase phase, std::chrono::nanoseconds) {
    if (phase == Phase::spawn) stop.request_stop();
  };
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure(stop.get_token());
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(ChildrenOf(::getpid()), testing::IsEmpty());
}

TEST_F(SidecarLifecycleTest, ACancelledCallerLeavesTheOthersTheirStart) {
  SidecarLifecycle lifecycle(config_, options_);
  std::stop_source stop;
  std::jthread leaves([&] { (void)lifecycle.Ensure(stop.get_token()); });
  std::jthread stays([&] { EXPECT_TRUE(lifecycle.Ensure()); });
  stop.request_stop();
}

TEST_F(SidecarLifecycleTest, AStartThatFailsIsSharedNotRepeated) {
  UsePlan("fault { exit { code: 3 delay_ms: 500 stderr: \"no space\" } }");
  const std::string journal = directory_ / "journal";
  options_.environment->Set("ZLAYER_FAKE_JOURNAL", journal);
  SidecarLifecycle lifecycle(config_, options_);
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&lifecycle] {
        const auto live = lifecycle.Ensure();
        ASSERT_FALSE(live);
        EXPECT_EQ(live.error().exit_code, 3);
        EXPECT_EQ(live.error().stderr_tail, "no space");
      });
    }
  }
  std::ifstream file(journal);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string_view started = "\"started\"";
  int starts = 0;
  for (size_t at = text.find(started); at != text.npos; at = text.find(started, at + 1)) ++starts;
  EXPECT_EQ(starts, 1);
}

TEST_F(SidecarLifecycleTest, ShutdownMayBeCalledAgainAndEnsureAfterIt) {
  SidecarLifecycle lifecycle(config_, options_);
  EXPECT_FALSE(lifecycle.Shutdown().has_value());
  ASSERT_TRUE(lifecycle.Ensure());
  EXPECT_TRUE(lifecycle.Shutdown().has_value());
  EXPECT_FALSE(lifecycle.Shutdown().has_value());
  EXPECT_TRUE(lifecycle.Ensure());
}

TEST_F(SidecarLifecycleTest, ShutdownFromManyThreadsIsOneShutdown) {
  SidecarLifecycle lifecycle(config_, options_);
  ASSERT_TRUE(lifecycle.Ensure());
  std::atomic<int> reports = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        if (const auto report = lifecycle.Shutdown()) reports += report->exit_code == 0 ? 1 : 100;
      });
    }
  }
  EXPECT_EQ(reports, 1);
  EXPECT_EQ(ChildrenOf(::getpid()), std::vector<int>());
}

TEST_F(SidecarLifecycleTest, EnsureAndShutdownFromManyThreadsEndInPeace) {
  SidecarLifecycle lifecycle(config_, options_);
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&, i] {
        for (int round = 0; round < 3; ++round) {
          if (i % 4 == 0) lifecycle.Shutdown();
          if (i % 4 == 1) lifecycle.DropConnection();
          const auto live = lifecycle.Ensure();
          EXPECT_TRUE(live || live.error().kind == ErrorKind::cancelled) << live.error().message;
        }
      });
    }
  }
  lifecycle.Shutdown();
  EXPECT_EQ(ChildrenOf(::getpid()), std::vector<int>());
}

TEST_F(SidecarLifecycleTest, AHandleOfADeadSidecarIsSafeToUse) {
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live);
  ::kill(*live->pid(), SIGKILL);
  ASSERT_TRUE(WaitForLost(1));
  EXPECT_FALSE(live->alive());
  EXPECT_FALSE(live->address().empty());
  EXPECT_NE(live->StderrTail(), "");
  const auto stub = BuildService::NewStub(live->Channel());
  InspectResponse response;
  EXPECT_EQ(stub->Inspect(live->NewContext().get(), InspectRequest(), &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(SidecarLifecycleTest, PhasesAreReportedInTheirOrder) {
  std::vector<Phase> phases;  // read when the lifecycle is gone
  options_.on_phase = [&phases](Phase phase, std::chrono::nanoseconds took) {
    phases.push_back(phase);
    EXPECT_GT(took.count(), 0);
  };
  ASSERT_TRUE(SidecarLifecycle(config_, options_).Ensure());
  EXPECT_THAT(phases,
              testing::ElementsAre(Phase::discover, Phase::tls_material, Phase::storage,
                                   Phase::spawn, Phase::handshake, Phase::dial, Phase::probe));
  phases.clear();
  ASSERT_TRUE(SidecarLifecycle(config_, options_).Ensure());
  EXPECT_THAT(phases, testing::ElementsAre(Phase::discover, Phase::storage, Phase::spawn,
                                           Phase::tls_material, Phase::handshake, Phase::dial,
                                           Phase::probe))
      << "the set of the first start is verified while the sidecar starts with it";
}

}  // namespace
}  // namespace zlayer::sidecar
