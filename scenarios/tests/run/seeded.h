// Random tests that can be run again.

#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace zlayer::scenarios {

/// Seeded by $ZLAYER_SEED, else anew; prints the seed.
inline std::mt19937_64 Seeded() {
  const char* given = std::getenv("ZLAYER_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("ZLAYER_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return std::mt19937_64(seed);
}

/// How often to do something: the variable's value, else `standard`.
inline int TimesFromEnvironment(const char* variable, int standard) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::atoi(given) : standard;
}

}  // namespace zlayer::scenarios
