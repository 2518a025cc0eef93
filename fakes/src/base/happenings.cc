#include "fakes/src/base/happenings.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <algorithm>

#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {

std::shared_ptr<Happenings::Expected> Happenings::Expect(const v1::Trigger& when, int index) {
  if (when.after_fault().empty() && when.after_signal() == 0 && when.after_rpcs() == 0) {
    return nullptr;
  }
  auto expected = std::make_shared<Expected>();
  expected->when = when;
  expected->index = index;
  const std::lock_guard lock(lock_);
  expected_.push_back(expected);
  return expected;
}

std::optional<std::int64_t> Happenings::Since(const Expected& expected) const {
  const v1::Trigger& when = expected.when;
  const std::lock_guard lock(lock_);
  if (!when.after_fault().empty() && !expected.fault_ns) return std::nullopt;
  if (when.after_signal() != 0 && !expected.signal_ns) return std::nullopt;
  if (when.after_rpcs() != 0 && !expected.rpcs_ns) return std::nullopt;
  return std::max({expected.fault_ns.value_or(0), expected.signal_ns.value_or(0),
                   expected.rpcs_ns.value_or(0)});
}

void Happenings::FaultFired(int index, const std::string& kind) {
  const std::lock_guard lock(lock_);
  for (const auto& expected : expected_) {
    if (expected->fault_ns || expected->index == index || expected->when.after_fault() != kind) {
      continue;
    }
    expected->fault_ns = MonotonicNs();
  }
  Tell();
}

void Happenings::SignalCame(int number) {
  const std::lock_guard lock(lock_);
  for (const auto& expected : expected_) {
    if (expected->signal_ns || expected->when.after_signal() != static_cast<unsigned>(number)) {
      continue;
    }
    expected->signal_ns = MonotonicNs();
  }
  Tell();
}

void Happenings::RpcAnswered() {
  const std::lock_guard lock(lock_);
  for (const auto& expected : expected_) {
    if (!expected->rpcs_ns && ++expected->rpcs == expected->when.after_rpcs()) {
      expected->rpcs_ns = MonotonicNs();
    }
  }
  Tell();
}

UniqueFd Happenings::Watch() {
  UniqueFd own(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::lock_guard lock(lock_);
  watchers_.emplace_back(fcntl(own.get(), F_DUPFD_CLOEXEC, 0));
  return own;
}

void Happenings::Tell() {
  for (const UniqueFd& watcher : watchers_) eventfd_write(watcher.get(), 1);
}

}  // namespace zlayer::fakes::daemon
