// What a fuzz target says of every input.
//
//   MustHold(out == in, "a fault that only delays passes every byte");

#pragma once

#include <cstdio>
#include <cstdlib>

namespace zlayer {

/// Aborts where it does not, which libFuzzer and replay_corpus.cc count as a finding.
inline void MustHold(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace zlayer
