// Time of a part of an iteration, for benchmarks with UseManualTime().

#pragma once

#include <chrono>

namespace zlayer::bench {

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace zlayer::bench
