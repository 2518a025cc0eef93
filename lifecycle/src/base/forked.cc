#include "lifecycle/src/base/forked.h"

#include <pthread.h>

#include <atomic>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

std::atomic<int> g_uses{0};
std::atomic<bool> g_forked{false};

void InChild() {
  if (g_uses > 0) g_forked = true;
}

/// Registered when the program is loaded: later, a fork could come in between.
const int g_registration_error = ::pthread_atfork(nullptr, nullptr, &InChild);

}  // namespace

bool InForkedChild() { return g_forked.load(std::memory_order_relaxed); }

LifecycleError ForkedChildError() {
  return Fail(ErrorKind::spawn_failed,
              "this process was forked from one that used the sidecar library; use the library "
              "after an exec, or fork before the first Ensure")
      .value();
}

void AbandonInForkedChild(std::shared_ptr<void> object) {
  // Without destructors and without a lock that somebody could have held at the fork.
  struct Abandoned {
    std::shared_ptr<void> object;
    Abandoned* next;
  };
  static std::atomic<Abandoned*> abandoned{nullptr};
  auto* const newest = new Abandoned{std::move(object), abandoned.load()};
  while (!abandoned.compare_exchange_weak(newest->next, newest)) {
  }
}

LibraryUse::LibraryUse() { ++g_uses; }

LibraryUse::~LibraryUse() {
  if (counted_) --g_uses;
}

Result<LibraryUse> LibraryUse::Begin() {
  if (InForkedChild()) return tl::unexpected(ForkedChildError());
  if (g_registration_error != 0) {
    return Fail(ErrorKind::spawn_failed, "forks of this process cannot be noticed: {}",
                ErrnoText(g_registration_error));
  }
  return LibraryUse();
}

}  // namespace zlayer::sidecar
