#include "fakes/src/http2/joining_faults.h"

#include <algorithm>
#include <utility>

namespace zlayer::fakes::daemon {
namespace {

/// Of SETTINGS frames that are kept; a client sends one.
constexpr size_t kMostSettings = 8;

bool Contains(const Http2Faults& faults, const Http2FaultPtr& wanted) {
  return std::find(faults.begin(), faults.end(), wanted) != faults.end();
}

class Nowhere final : public FrameOutlet {
  void Emit(Direction /*direction*/, Frame /*frame*/) override {}
};

}  // namespace

/// The outlet of the fault at `place`: passes what it emits to the next fault.
class JoiningFaults::FaultOutlet final : public FrameOutlet {
 public:
  FaultOutlet(JoiningFaults& faults, size_t place, FrameOutlet& out)
      : faults_(faults), place_(place), out_(out) {}
  void Emit(Direction direction, Frame frame) override {
    const size_t behind = faults_.joined_.size() - 1 - place_;
    faults_.PassTo(direction, (direction == Direction::up ? place_ : behind) + 1, std::move(frame),
                   out_);
  }

 private:
  JoiningFaults& faults_;
  const size_t place_;
  FrameOutlet& out_;
};

/// Where the blocks come from that were encoded again: passes them to the first fault.
class JoiningFaults::EntryOutlet final : public FrameOutlet {
 public:
  EntryOutlet(JoiningFaults& faults, FrameOutlet& out) : faults_(faults), out_(out) {}
  void Emit(Direction direction, Frame frame) override {
    faults_.PassTo(direction, 0, std::move(frame), out_);
  }

 private:
  JoiningFaults& faults_;
  FrameOutlet& out_;
};

JoiningFaults::JoiningFaults(const Http2Faults& present, std::function<Http2FaultsPtr()> armed)
    : present_(present), armed_(std::move(armed)) {}

JoiningFaults::~JoiningFaults() = default;

void JoiningFaults::Pass(Direction direction, Frame frame, FrameOutlet& out) {
  if (direction == Direction::up && frame.type == NGHTTP2_HEADERS) Update(frame.due_ns, out);
  if (direction == Direction::up && frame.type == NGHTTP2_SETTINGS &&
      !frame.Has(NGHTTP2_FLAG_ACK) && settings_.size() < kMostSettings) {
    settings_.push_back(frame);
  }
  EntryOutlet entry(*this, out);
  (direction == Direction::up ? up_ : down_).Pass(std::move(frame), entry);
}

void JoiningFaults::Update(std::int64_t now_ns, FrameOutlet& out) {
  const Http2FaultsPtr now = armed_();
  std::erase_if(joined_, [&](const Joined& joined) {
    return !Contains(*now, joined.from) && joined.fault->MayLeave();
  });
  if (now == last_) return;
  last_ = now;
  for (const Http2FaultPtr& from : *now) {
    const auto is_it = [&](const Joined& joined) { return joined.from == from; };
    if (from->connection || Contains(present_, from) ||
        std::any_of(joined_.begin(), joined_.end(), is_it)) {
      continue;
    }
    Join(from, now_ns, out);
  }
}

void JoiningFaults::Join(const Http2FaultPtr& from, std::int64_t now_ns, FrameOutlet& out) {
  joined_.push_back({from, from->make()});
  FrameFault& fault = *joined_.back().fault;
  fault.SetConnection(connection());
  FaultOutlet outlet(*this, joined_.size() - 1, out);
  fault.Open(now_ns, outlet);
  Nowhere nowhere;
  for (const Frame& frame : settings_) fault.Pass(Direction::up, frame, nowhere);
}

void JoiningFaults::PassTo(Direction direction, size_t steps, Frame frame, FrameOutlet& out) {
  if (steps == joined_.size()) return out.Emit(direction, std::move(frame));
  const size_t place = direction == Direction::up ? steps : joined_.size() - 1 - steps;
  FaultOutlet outlet(*this, place, out);
  joined_[place].fault->Pass(direction, std::move(frame), outlet);
}

}  // namespace zlayer::fakes::daemon
