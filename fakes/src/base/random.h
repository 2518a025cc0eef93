// Pseudorandom numbers from a seed: the same plan and seed give the same faults.

#pragma once

#include <cstdint>

namespace zlayer::fakes::daemon {

/// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014): one
/// addition and one mixing function, so that neighbouring seeds give unrelated streams.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  /// An independent stream for part `part`, such as a connection's number: its numbers do not
  /// depend on how many the other parts have drawn.
  Random(std::uint64_t seed, std::uint64_t part)
      : state_(Random(seed).Next() ^ Random(part).Next()) {}

  std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  /// Uniform in [0, 1).
  double Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

  /// Uniform in [-bound, bound]; 0 when `bound` is not positive.
  std::int64_t Around(std::int64_t bound) {
    if (bound <= 0) return 0;
    const auto span = 2 * static_cast<std::uint64_t>(bound) + 1;
    return static_cast<std::int64_t>(Next() % span) - bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace zlayer::fakes::daemon
