// A fuzzer's bytes as a plan and as traffic.

#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fakes/src/base/journal.h"
#include "fakes/src/peer/peer.h"
#include "fakes/src/relay/byte_fault.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

/// Taken piece by piece; behind its end come zeros.
class Input {
 public:
  Input(const std::uint8_t* bytes, size_t size)
      : left_(reinterpret_cast<const char*>(bytes), size) {}

  bool empty() const { return left_.empty(); }

  std::uint8_t Byte() {
    const std::string_view one = Take(1);
    return one.empty() ? 0 : static_cast<std::uint8_t>(one.front());
  }

  /// As many of `size` bytes as there are.
  std::string_view Take(size_t size) {
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view left_;
};

/// What the source of one direction has at once: a byte that says which and whether its end
/// follows, one with the number of bytes, the bytes.
struct Arrival {
  Direction direction = Direction::up;
  std::string bytes;
  bool is_end = false;
  std::int64_t pause_ns = 0;  // since the arrival before

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

/// The faults that an input begins with: a byte with the length of a FaultPlan in protobuf's
/// encoding, and that plan. Faults that the plan's check would refuse are left out, and so is what
/// depends on the time of day or takes long only because it is much.
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

}  // namespace zlayer::fakes
