// Hosts that run out of descriptors or threads. Each test runs its host in a forked process.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "lifecycle/tests/share/fake_world.h"
#include "lifecycle/tests/share/run_host.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {
namespace {

class StarvedHostTest : public FakeWorld {
 protected:
  /// A data directory without a TLS set. A start with such a set begins with the sidecar's process,
  /// which takes more than gRPC does: gRPC would never meet the limit.
  void UseNewDataDirectory() {
    data_ = std::make_unique<TemporaryDirectory>(directory_.path());
    options_.environment->Set("ZLAYER_DATA_DIR", data_->path());
  }

 private:
  std::unique_ptr<TemporaryDirectory> data_;
};

/// While it exists, this process can open only `free` descriptors more.
class FewDescriptors {
 public:
  explicit FewDescriptors(size_t free) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 128;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken_.emplace_back(fd);
    taken_.resize(taken_.size() - free);
  }

 private:
  std::vector<UniqueFd> taken_;
};

/// Whether an Ensure is a success, or an error that a person can read.
bool IsAnswer(const Result<LiveSidecar>& live) {
  return live ||
         (!live.error().message.empty() && live.error().message.find('\n') == std::string::npos);
}

bool Names(const LifecycleError& error, std::string_view what) {
  return error.kind == ErrorKind::spawn_failed && error.message.find(what) != std::string::npos;
}

TEST_F(StarvedHostTest, AFirstEnsureWithFewDescriptorsIsAnErrorAndTheNextOneWorks) {
  for (size_t free = 0; free <= 24; ++free) {
    UseNewDataDirectory();
    EXPECT_EQ(RunHost([&] {
                {
                  const FewDescriptors few(free);
                  SidecarLifecycle lifecycle(config_, options_);
                  if (!IsAnswer(lifecycle.Ensure())) return 1;
                }
                SidecarLifecycle lifecycle(config_, options_);
                return lifecycle.Ensure() ? 0 : 2;
              }),
              0)
        << free << " free descriptors";
  }
}

TEST_F(StarvedHostTest, TheSameLifecycleWorksOnceDescriptorsAreFree) {
  for (size_t free : {0, 1, 2, 6, 14}) {
    UseNewDataDirectory();
    EXPECT_EQ(RunHost([&] {
                SidecarLifecycle lifecycle(config_, options_);
                {
                  const FewDescriptors few(free);
                  if (!IsAnswer(lifecycle.Ensure())) return 1;
                }
                return lifecycle.Ensure() ? 0 : 2;
              }),
              0)
        << free << " free descriptors";
  }
}

TEST_F(StarvedHostTest, AHostThatOscillatesAtItsLimitGetsAnswers) {
  EXPECT_EQ(RunHost([&] {
              for (size_t cycle = 0; cycle < 24; ++cycle) {
                UseNewDataDirectory();
                {
                  const FewDescriptors few(cycle * 7 % 32);
                  SidecarLifecycle lifecycle(config_, options_);
                  if (!IsAnswer(lifecycle.Ensure())) return 1;
                }
                SidecarLifecycle lifecycle(config_, options_);
                if (!lifecycle.Ensure()) return 2;
              }
              return 0;
            }),
            0);
}

#ifndef ZLAYER_THREAD_SANITIZER  // its own thread counts

/// Makes this process one of a user who has no other processes, and whose limit of processes binds:
/// it does not bind root, nor a process with one of two capabilities. Only the real user changes,
/// so every file stays readable. False without root.
bool BecomeLimitedUser() {
  const auto user = static_cast<uid_t>(1'000'000'000 + ::getpid());
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2] = {};
  if (::setresuid(user, 0, 0) != 0 || ::syscall(SYS_capget, &header, sets) != 0) return false;
  for (const unsigned capability : {CAP_SYS_RESOURCE, CAP_SYS_ADMIN}) {
    sets[capability / 32].effective &= ~(1u << capability % 32);
  }
  return ::syscall(SYS_capset, &header, sets) == 0;
}

/// Whether gRPC ends a call at its deadline; it does not where its timer thread could not be made.
/// The build of the fake's plan never ends.
bool DeadlinesFire(const LiveSidecar& live) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  buildah_sidecar::v1::BuildRequest request;
  request.add_dockerfile_paths("Dockerfile");
  const auto build =
      buildah_sidecar::v1::BuildService::NewStub(live.Channel())->Build(&context, request);
  buildah_sidecar::v1::BuildEvent event;
  while (build->Read(&event)) {
  }
  return build->Finish().error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

TEST_F(StarvedHostTest, WithRootOnlyAFirstEnsureWithFewThreadsIsAnErrorAndTheNextOneWorks) {
  if (::geteuid() != 0) GTEST_SKIP() << "NOT TESTED: only root can make a user without processes";
  UsePlan("build { event { log { line: \"up\" } } } build { hold: true }");
  for (rlim_t room = 0; room <= 14; ++room) {
    UseNewDataDirectory();
    EXPECT_EQ(RunHost([&] {
                rlimit before{};
                ::getrlimit(RLIMIT_NPROC, &before);
                if (!BecomeLimitedUser()) return 3;
                const rlimit few{room + 1, before.rlim_max};
                ::setrlimit(RLIMIT_NPROC, &few);
                {
                  SidecarLifecycle lifecycle(config_, options_);
                  const auto live = lifecycle.Ensure();
                  if (!IsAnswer(live)) return 1;
                  // Three threads of ours are there, and gRPC's six cannot be.
                  const bool too_few_for_grpc = room >= 3 && room < 8;
                  if (too_few_for_grpc && (live || !Names(live.error(), "RLIMIT_NPROC"))) return 5;
                }
                ::setrlimit(RLIMIT_NPROC, &before);
                SidecarLifecycle lifecycle(config_, options_);
                const auto live = lifecycle.Ensure();
                if (!live) return 2;
                return DeadlinesFire(*live) ? 0 : 4;
              }),
              0)
        << "room for " << room << " threads";
  }
}

#endif

}  // namespace
}  // namespace zlayer::sidecar
