// A shared_ptr that many threads copy at once without contending for one cache line.
//
// Every Ensure() with a running sidecar copies one pointer. The simple way is a shared_ptr behind a
// mutex. Then each copy, and each release of a copy, writes to the same mutex and the same
// reference count, and the processors pass that cache line around: 64 threads made 6.0 million
// calls a second (bench_warm, WarmEnsure/threads:64). Here each processor copies from a stripe of
// its own, with a mutex and a reference count of its own: 39.6 million calls a second
// (bench/README.md, "One whole run"; the goal is 10 million). The price is an Exchange that visits
// all stripes.
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

/// Invariant: each stripe holds a shared_ptr with a control block of its own, whose deleter holds
/// one reference to the original pointer. So the object lives until the original and the copies
/// from all stripes are gone. A weak_ptr made from a copy keeps that deleter, and so the object,
/// alive: make a weak_ptr only from the original.
///
/// Thread-safety: GetIf from any thread, at any time; Exchange and whole() from one thread at a
/// time. While an Exchange is under way, GetIf returns the previous or the next pointer.
template <typename T>
class StripedPtr {
 public:
  /// Returns a copy of the pointer if `wanted` returns true for the object; else null. `wanted`
  /// runs with the stripe's mutex held, so it must not block.
  template <typename Wanted>
  std::shared_ptr<T> GetIf(const Wanted& wanted) const {
    const Stripe& stripe = stripes_[static_cast<unsigned>(::sched_getcpu()) % kStripes];
    const std::lock_guard lock(stripe.mutex);
    return stripe.pointer && wanted(*stripe.pointer) ? stripe.pointer : nullptr;
  }

  /// Stores `next` and returns the previous pointer. References to the previous object are dropped
  /// without a lock held.
  std::shared_ptr<T> Exchange(std::shared_ptr<T> next) {
    for (Stripe& stripe : stripes_) {
      // A control block of its own; its deleter holds one reference to the original.
      std::shared_ptr<T> own;
      if (next) own = std::shared_ptr<T>(next.get(), [next](T*) {});
      const std::lock_guard lock(stripe.mutex);
      stripe.pointer.swap(own);
    }
    return std::exchange(whole_, std::move(next));
  }

  /// The original pointer, as it was passed to the last Exchange.
  const std::shared_ptr<T>& whole() const { return whole_; }

 private:
  static constexpr unsigned kStripes = 16;  // with more processors, several share a stripe
  struct alignas(64) Stripe {
    mutable std::mutex mutex;
    std::shared_ptr<T> pointer;  // guarded by mutex
  };

  std::array<Stripe, kStripes> stripes_;
  std::shared_ptr<T> whole_;  // the original
};

}  // namespace zlayer::sidecar
