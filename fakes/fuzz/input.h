// Reads a fuzzer's bytes as a plan, followed by traffic.

#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fakes/src/base/journal.h"
#include "fakes/src/peer/peer.h"
#include "fakes/src/relay/byte_fault.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// The fuzzer's bytes, taken from the front. At their end, Byte() returns zeros.
class Input {
 public:
  Input(const std::uint8_t* bytes, size_t size)
      : left_(reinterpret_cast<const char*>(bytes), size) {}

  bool empty() const { return left_.empty(); }

  std::uint8_t Byte() {
    const std::string_view one = Take(1);
    return one.empty() ? 0 : static_cast<std::uint8_t>(one.front());
  }

  /// Takes `size` bytes, or all that are left when there are fewer.
  std::string_view Take(size_t size) {
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view left_;
};

/// A piece of traffic that arrives at one time in one direction. In the input: one byte with the
/// direction (bit 0), whether the stream ends (bit 1) and the pause in ms (the rest), one byte with
/// the number of bytes, then the bytes.
struct Arrival {
  Direction direction = Direction::up;
  std::string bytes;
  bool is_end = false;
  std::int64_t pause_ns = 0;  // since the previous arrival

  static Arrival Take(Input& input) {
    const std::uint8_t head = input.Byte();
    Arrival arrival;
    arrival.direction = (head & 1) == 0 ? Direction::down : Direction::up;
    arrival.is_end = (head & 2) != 0;
    arrival.pause_ns = std::int64_t{head >> 2} * 1'000'000;
    arrival.bytes = input.Take(input.Byte());
    return arrival;
  }
};

/// The faults at the front of an input: one byte with the length of a FaultPlan, then the plan in
/// protobuf's encoding. Leaves out faults that the plan's check would refuse, and `after_ms`, which
/// depends on the clock; bounds the number of faults and the counts of floods.
class InputFaults {
 public:
  explicit InputFaults(Input& input);

  const v1::FaultPlan& plan() const { return plan_; }
  const ConnectionFaults& connections() const { return peer_.connections; }

 private:
  v1::FaultPlan plan_;
  Journal journal_;
  Peer peer_;
};

}  // namespace zlayer::fakes::daemon
