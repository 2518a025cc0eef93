#include "fakes/src/base/happenings.h"

#include <sys/eventfd.h>

#include <algorithm>

#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {
namespace {

template <typename T>
void DropUnused(std::vector<std::weak_ptr<T>>& kept) {
  std::erase_if(kept, [](const std::weak_ptr<T>& one) { return one.expired(); });
}

}  // namespace

std::shared_ptr<Happenings::Expected> Happenings::Expect(const v1::Trigger& when, int index) {
  if (when.after_fault().empty() && when.after_signal() == 0 && when.after_rpcs() == 0) {
    return nullptr;
  }
  auto expected = std::make_shared<Expected>();
  expected->when = when;
  expected->index = index;
  const std::lock_guard lock(lock_);
  DropUnused(expected_);
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

template <typename Happened>
void Happenings::Tell(Happened happened) {
  const std::lock_guard lock(lock_);
  for (const auto& kept : expected_) {
    if (const auto expected = kept.lock()) happened(*expected);
  }
  for (const auto& kept : watchers_) {
    if (const auto watcher = kept.lock()) eventfd_write(watcher->get(), 1);
  }
}

void Happenings::FaultFired(int index, const std::string& kind) {
  Tell([&](Expected& expected) {
    if (expected.index == index || expected.when.after_fault() != kind) return;
    if (!expected.fault_ns) expected.fault_ns = MonotonicNs();
  });
}

void Happenings::SignalCame(int number) {
  Tell([&](Expected& expected) {
    if (expected.when.after_signal() != static_cast<unsigned>(number)) return;
    if (!expected.signal_ns) expected.signal_ns = MonotonicNs();
  });
}

void Happenings::RpcAnswered() {
  Tell([](Expected& expected) {
    if (expected.rpcs_ns || ++expected.rpcs != expected.when.after_rpcs()) return;
    expected.rpcs_ns = MonotonicNs();
  });
}

std::shared_ptr<const UniqueFd> Happenings::Watch() {
  auto watcher = std::make_shared<const UniqueFd>(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::lock_guard lock(lock_);
  DropUnused(watchers_);
  watchers_.push_back(watcher);
  return watcher;
}

}  // namespace zlayer::fakes::daemon
