// Tells a process that was forked from one that used the library.
//
// fork(2) copies the objects of the library and the numbers of its descriptors, but none of its
// threads and none of gRPC's. In such a child a lock may be held for ever, and an order to the
// keeper would stop the sidecar of the parent. So everything public asks InForkedChild first.

#pragma once

#include <memory>
#include <utility>

#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// True in a process that was made by fork(2) (or daemon(3)), without an exec since, while the
/// parent had a LibraryUse. Stays true. Any thread; takes no lock. A child that is made by a bare
/// clone(2), past the C library, is not noticed.
bool InForkedChild();

/// The error of every call in a forked child: spawn_failed, with the way out.
LifecycleError ForkedChildError();

/// Keeps `object` for ever: a forked child must not run the destructor. It stays reachable.
void AbandonInForkedChild(std::shared_ptr<void> object);

/// While one exists, a fork makes a child in which the library must not be used: there is a thread
/// of ours, or gRPC is up. Movable. Any thread; takes no lock.
class LibraryUse {
 public:
  /// ErrorKind::spawn_failed in a forked child, and where forks cannot be noticed (no memory).
  static Result<LibraryUse> Begin();

  LibraryUse(LibraryUse&& other) noexcept : counted_(std::exchange(other.counted_, false)) {}
  LibraryUse& operator=(LibraryUse&&) = delete;
  ~LibraryUse();

 private:
  LibraryUse();
  bool counted_ = true;
};

}  // namespace zlayer::sidecar
