#include "fakes/src/faults/armed_faults.h"

#include <sys/eventfd.h>

#include <utility>

#include "fakes/src/faults/launcher_run.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr char kOfVersion[] = ": acts in a run with --version only";
constexpr char kPast[] = ": cannot happen any more: it acts in the start, which is past that phase";

std::string NameOf(const v1::Fault& fault) { return std::string(FindFaultKind(fault)->name); }

std::string PlaceOf(int index) { return "fault[" + std::to_string(index) + "]."; }

}  // namespace

ArmedFaults::ArmedFaults(const DaemonFlags& flags, std::uint32_t launch, Journal& journal)
    : flags_(flags),
      launch_(launch),
      journal_(journal),
      changed_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      now_(std::make_shared<const InForce>(InForce{.plan = {}, .peer = honest_, .tls = {}})) {}

std::shared_ptr<SingleFault> ArmedFaults::Make(const v1::Fault& fault, std::uint32_t index,
                                               std::uint64_t seed) const {
  auto trigger = std::make_shared<Trigger>(fault, static_cast<int>(index), seed, launch_, journal_,
                                           *honest_.happenings);
  return std::make_shared<SingleFault>(fault, index, std::move(trigger), honest_);
}

Result<void> ArmedFaults::CheckPossible(const v1::Fault& fault) const {
  const FaultKind& kind = *FindFaultKind(fault);
  const Stage stage = kind.reach(fault).stage;
  if (stage == Stage::command) return BadInput(NameOf(fault) + kOfVersion);
  if (stage <= stage_ && stage < Stage::background) return BadInput(NameOf(fault) + kPast);
  return CheckLaunch(fault, flags_, launch_);
}

Result<void> ArmedFaults::CheckFree(const v1::Fault& fault) const {
  const std::string_view group = FindFaultKind(fault)->excludes;
  for (const auto& armed : faults_) {
    if (group.empty() || armed->kind().excludes != group) continue;
    return BadInput(NameOf(fault) + ": cannot be armed together with " + NameOf(armed->fault()) +
                    " (index " + std::to_string(armed->index()) + "); disarm that first");
  }
  return {};
}

Result<InForcePtr> ArmedFaults::Compose(const Faults& faults, v1::FaultPlan plan) const {
  auto next = std::make_shared<InForce>();
  next->peer = honest_;
  plan.clear_fault();
  for (const auto& fault : faults) {
    *plan.add_fault() = fault->fault();
    Append(fault->changes(), next->peer);
  }
  next->plan = std::move(plan);
  if (!has_tls_) return next;
  for (const auto& change : next->peer.tls_changes) {
    if (auto changed = change(flags_, next->tls); !changed) return tl::unexpected(changed.error());
  }
  return next;
}

void ArmedFaults::Publish(InForcePtr next, Faults faults) {
  faults_ = std::move(faults);
  {
    const std::lock_guard lock(reading_);
    now_ = std::move(next);
  }
  eventfd_write(changed_.get(), 1);
}

InForcePtr ArmedFaults::Now() const {
  const std::lock_guard lock(reading_);
  return now_;
}

Result<void> ArmedFaults::ArmPlan(const v1::FaultPlan& plan) {
  const std::lock_guard lock(changing_);
  const LauncherRun run(plan);
  Faults faults;
  for (int i = 0; i < plan.fault_size(); ++i) {
    if (FindFaultKind(plan.fault(i))->reach(plan.fault(i)).stage == Stage::command) continue;
    if (run.IsOver(i)) continue;
    if (auto possible = CheckLaunch(plan.fault(i), flags_, launch_); !possible) {
      return BadInput(PlaceOf(i) + possible.error().message);
    }
    faults.push_back(Make(plan.fault(i), static_cast<std::uint32_t>(i), plan.seed()));
  }
  auto next = Compose(faults, plan);
  if (!next) return tl::unexpected(next.error());
  for (const auto& fault : faults) {
    if (run.IsLater(static_cast<int>(fault->index()))) {
      honest_.without_launcher->push_back(fault->trigger());
    } else {
      fault->trigger()->Arm();
    }
  }
  next_index_ = static_cast<std::uint32_t>(plan.fault_size());
  Publish(*next, std::move(faults));
  return {};
}

InForcePtr ArmedFaults::Enter(Stage stage) {
  const std::lock_guard lock(changing_);
  stage_ = stage;
  return Now();
}

Result<void> ArmedFaults::LoadTls() {
  const std::lock_guard lock(changing_);
  has_tls_ = true;
  auto next = Compose(faults_, Now()->plan);
  if (!next) return tl::unexpected(next.error());
  Publish(*next, faults_);
  return {};
}

void ArmedFaults::Serve(Start& start) {
  const std::lock_guard lock(changing_);
  stage_ = Stage::serving;
  start_ = &start;
  for (const auto& fault : faults_) fault->Begin(start);
}

void ArmedFaults::StopWorks() {
  const std::lock_guard lock(changing_);
  start_ = nullptr;
  for (const auto& fault : faults_) fault->StopWorks();
}

Result<ArmedFault> ArmedFaults::Arm(const v1::Fault& fault) {
  const std::lock_guard lock(changing_);
  if (auto possible = CheckPossible(fault); !possible) return tl::unexpected(possible.error());
  if (auto is_free = CheckFree(fault); !is_free) return tl::unexpected(is_free.error());
  const auto added = Make(fault, next_index_, Now()->plan.seed());
  if (!added->trigger()->in_this_launch()) {
    return BadInput(NameOf(fault) + ": cannot happen: `when` names other launches than this, " +
                    std::to_string(launch_));
  }
  Faults faults = faults_;
  faults.push_back(added);
  auto next = Compose(faults, Now()->plan);
  if (!next) return tl::unexpected(next.error());
  added->trigger()->Arm();
  ++next_index_;
  Publish(*next, std::move(faults));
  if (start_) added->Begin(*start_);
  return added->Described();
}

Result<std::vector<ArmedFault>> ArmedFaults::Disarm(
    const std::function<bool(const ArmedFault&)>& chosen) {
  const std::lock_guard lock(changing_);
  Faults kept;
  Faults ended;
  for (const auto& fault : faults_) {
    (chosen(fault->Described()) ? ended : kept).push_back(fault);
  }
  std::vector<ArmedFault> disarmed;
  if (ended.empty()) return disarmed;
  auto next = Compose(kept, Now()->plan);
  if (!next) return tl::unexpected(next.error());
  Publish(*next, std::move(kept));
  for (const auto& fault : ended) {
    fault->End(start_);
    disarmed.push_back(fault->Described());
  }
  return disarmed;
}

Result<void> ArmedFaults::Replace(const v1::FaultPlan& plan) {
  const std::lock_guard lock(changing_);
  Faults faults;
  for (int i = 0; i < plan.fault_size(); ++i) {
    if (auto possible = CheckPossible(plan.fault(i)); !possible) {
      return BadInput(PlaceOf(i) + possible.error().message);
    }
    const std::uint32_t index = next_index_ + static_cast<std::uint32_t>(i);
    faults.push_back(Make(plan.fault(i), index, plan.seed()));
  }
  auto next = Compose(faults, plan);
  if (!next) return tl::unexpected(next.error());
  const Faults ended = faults_;
  for (const auto& fault : faults) fault->trigger()->Arm();
  next_index_ += static_cast<std::uint32_t>(plan.fault_size());
  Publish(*next, std::move(faults));
  for (const auto& fault : ended) fault->End(start_);
  if (!start_) return {};
  for (const auto& fault : faults_) fault->Begin(*start_);
  return {};
}

std::vector<ArmedFault> ArmedFaults::Armed() const {
  const std::lock_guard lock(changing_);
  std::vector<ArmedFault> armed;
  for (const auto& fault : faults_) armed.push_back(fault->Described());
  return armed;
}

}  // namespace zlayer::fakes::daemon
