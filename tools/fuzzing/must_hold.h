// What a fuzz target says of every input.
//
//   MustHold(out == in, "a fault that only delays passes every byte");

#pragma once

#include <cstdio>
#include <cstdlib>

namespace zlayer {

/// Aborts if `holds` is false. libFuzzer and replay_corpus.cc report the abort as a finding.
inline void MustHold(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace zlayer
