// A shared_ptr that threads on different processors copy, and let go, without writing to the same
// cache line, for which they would have to take turns.
//
//   StripedPtr<Sidecar> current;
//   auto before = current.Exchange(sidecar);
//   auto copy = current.GetIf([](const Sidecar& sidecar) { return sidecar.alive(); });

#pragma once

#include <sched.h>

#include <array>
#include <memory>
#include <mutex>
#include <utility>

namespace zlayer::sidecar {

/// Thread-safety: GetIf from any thread, at any time; Exchange from one thread at a time. While an
/// Exchange is under way, GetIf gives the pointer before it or the one after.
template <typename T>
class StripedPtr {
 public:
  /// Null, too, when there is a pointer and `wanted`, called with a lock held, does not hold of it.
  template <typename Wanted>
  std::shared_ptr<T> GetIf(const Wanted& wanted) const {
    const Stripe& stripe = stripes_[static_cast<unsigned>(::sched_getcpu()) % kStripes];
    const std::lock_guard lock(stripe.mutex);
    return stripe.pointer && wanted(*stripe.pointer) ? stripe.pointer : nullptr;
  }

  /// The pointer before.
  std::shared_ptr<T> Exchange(std::shared_ptr<T> next) {
    for (Stripe& stripe : stripes_) {
      // With a count of references of its own, and one reference to the count of all.
      std::shared_ptr<T> own;
      if (next) own = std::shared_ptr<T>(next.get(), [next](T*) {});
      const std::lock_guard lock(stripe.mutex);
      stripe.pointer.swap(own);
    }
    return std::exchange(whole_, std::move(next));
  }

  /// The pointer now. Not while an Exchange is under way.
  const std::shared_ptr<T>& whole() const { return whole_; }

 private:
  static constexpr unsigned kStripes = 16;  // more processors share them
  struct alignas(64) Stripe {
    mutable std::mutex mutex;
    std::shared_ptr<T> pointer;  // guarded by mutex
  };

  std::array<Stripe, kStripes> stripes_;
  std::shared_ptr<T> whole_;
};

}  // namespace zlayer::sidecar
