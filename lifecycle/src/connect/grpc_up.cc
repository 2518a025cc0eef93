#include "lifecycle/src/connect/grpc_up.h"

#include <fcntl.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <sstream>
#include <string>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/base/forked.h"
#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

/// gRPC 1.51 takes 4 descriptors; the rest is for what other threads of the host open meanwhile.
constexpr size_t kDescriptors = 16;

/// gRPC 1.51 begins with 6 threads.
constexpr size_t kThreads = 8;

/// The threads that are counted do nothing.
constexpr size_t kStackSize = size_t{256} * 1024;

/// Returns 0, or the errno value that one descriptor less would avoid.
int DescriptorsMissing() {
  std::array<UniqueFd, kDescriptors> descriptors;
  for (UniqueFd& descriptor : descriptors) {
    descriptor.reset(::eventfd(0, EFD_CLOEXEC));
    if (!descriptor) return errno;
  }
  return 0;
}

/// Makes threads, all at once, and ends them.
class ThreadsTried {
 public:
  /// Returns 0, or the error of pthread_create(3).
  int Run() {
    pthread_attr_t attributes;
    if (const int error = ::pthread_attr_init(&attributes); error != 0) return error;
    ::pthread_attr_setstacksize(&attributes, kStackSize);
    int error = 0;
    for (; made_ < kThreads && error == 0; ++made_) {
      threads_[made_].end = &end_;
      error = ::pthread_create(&threads_[made_].id, &attributes, &Thread::Run, &threads_[made_]);
      if (error != 0) break;
    }
    ::pthread_attr_destroy(&attributes);
    end_.count_down();
    for (size_t i = 0; i < made_; ++i) ::pthread_join(threads_[i].id, nullptr);
    return error == 0 ? AwaitTheirEnd() : error;
  }

 private:
  struct Thread {
    pthread_t id;
    pid_t tid;
    std::latch* end;
    static void* Run(void* self) {
      auto* const thread = static_cast<Thread*>(self);
      thread->tid = ::gettid();
      thread->end->wait();
      return nullptr;
    }
  };

  /// pthread_join(3) returns shortly before the kernel stops to count the thread. There is nothing
  /// to wait for but the end of its id; it takes microseconds.
  int AwaitTheirEnd() const {
    const Deadline limit = DeadlineIn(std::chrono::seconds(1));
    for (const Thread& thread : threads_) {
      while (::syscall(SYS_tgkill, ::getpid(), thread.tid, 0) == 0) {
        if (Clock::now() >= limit) return EAGAIN;
        ::sched_yield();
      }
    }
    return 0;
  }

  std::latch end_{1};
  std::array<Thread, kThreads> threads_{};
  size_t made_ = 0;
};

/// gRPC 1.51 ends the process if none of the engines that this variable lists exists. It takes the
/// first that it knows.
Result<void> CheckPollStrategy() {
  const char* const strategy = ::secure_getenv("GRPC_POLL_STRATEGY");
  if (strategy == nullptr) return {};
  std::istringstream engines(strategy);
  for (std::string engine; std::getline(engines, engine, ',');) {
    if (engine == "all" || engine == "epoll1" || engine == "poll") return {};
  }
  return Fail(
      ErrorKind::config_invalid,
      "the environment variable GRPC_POLL_STRATEGY is \"{}\", which names no engine that gRPC "
      "has: unset it, or name epoll1, poll or all",
      Escaped(strategy, 120));
}

Result<void> CheckRoom() {
  if (const int error = DescriptorsMissing(); error != 0) {
    return Fail(ErrorKind::spawn_failed,
                "gRPC cannot be initialised: fewer than {} descriptors are free ({}); raise "
                "RLIMIT_NOFILE (ulimit -n)",
                kDescriptors, ErrnoText(error));
  }
  if (const int error = ThreadsTried().Run(); error != 0) {
    return Fail(ErrorKind::spawn_failed,
                "gRPC cannot be initialised: there is no room for {} more threads ({}); raise "
                "RLIMIT_NPROC (ulimit -u) or the cgroup's pids.max",
                kThreads, ErrnoText(error));
  }
  return {};
}

/// What keeps gRPC up. Each channel holds gRPC 1.51's event engine, which has threads and
/// descriptors of its own and would go with the last channel; grpc_init() alone does not hold it.
struct Forever {
  LibraryUse use;  // gRPC's threads are not in a forked child
  std::shared_ptr<grpc::Channel> channel;
};

}  // namespace

Result<void> KeepGrpcUp() {
  static std::atomic<bool> up{false};
  static std::mutex mutex;
  if (up) return {};
  const std::lock_guard lock(mutex);
  if (up) return {};
  auto use = LibraryUse::Begin();
  if (!use) return tl::unexpected(std::move(use.error()));
  if (auto usable = CheckPollStrategy(); !usable) return usable;
  if (auto room = CheckRoom(); !room) return room;
  // Never destroyed. The channel is never used, and so opens no connection.
  static const auto* const forever = new Forever{
      std::move(*use),
      grpc::CreateChannel("unix:zlayer-buildd-never-dialled", grpc::InsecureChannelCredentials())};
  up = forever->channel != nullptr;
  return {};
}

}  // namespace zlayer::sidecar
