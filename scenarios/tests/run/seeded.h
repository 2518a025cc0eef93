// Makes random tests repeatable.

#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace zlayer::scenarios {

/// A generator with the seed $ZLAYER_SEED, else with a random seed. Prints the seed.
inline std::mt19937_64 Seeded() {
  const char* given = std::getenv("ZLAYER_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("ZLAYER_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return std::mt19937_64(seed);
}

/// The number of repetitions: the value of `variable`, else `standard`.
inline int TimesFromEnvironment(const char* variable, int standard) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::atoi(given) : standard;
}

}  // namespace zlayer::scenarios
