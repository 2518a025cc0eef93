#include "scenarios/runner/world/journal.h"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <map>
#include <set>

#include "fakes/fixture/journal_messages.h"
#include "scenarios/runner/process/unique_fd.h"

namespace zlayer::scenarios {
namespace {

using fakes::v1::JournalEntry;

size_t CountOf(std::string_view event, const std::vector<JournalEntry>& entries) {
  return static_cast<size_t>(
      std::count_if(entries.begin(), entries.end(),
                    [&](const JournalEntry& entry) { return EventName(entry) == event; }));
}

}  // namespace

tl::expected<std::vector<JournalEntry>, std::string> Journal::Entries() const {
  auto entries = fakes::ReadMessages(path_);
  if (entries) return std::move(*entries);
  if (entries.error().kind == fakes::ErrorKind::malformed) {
    return tl::unexpected(entries.error().message);
  }
  return std::vector<JournalEntry>();  // there is no file yet
}

bool Journal::Await(std::string_view event, size_t count, const Deadline& deadline,
                    const std::stop_token& stop) const {
  const UniqueFd stopped(eventfd(0, EFD_CLOEXEC));
  const std::stop_callback wake(stop, [&stopped] { eventfd_write(stopped.get(), 1); });
  size_t seen = 0;
  return fakes::FollowMessages(path_, {.deadline = deadline.at(), .ends = stopped.get()},
                               [&](const JournalEntry& entry) {
                                 return EventName(entry) == event && ++seen >= count;
                               }) == fakes::Followed::found;
}

size_t Journal::Count(std::string_view event) const {
  const auto entries = Entries();
  return entries ? CountOf(event, *entries) : 0;
}

std::optional<std::chrono::steady_clock::time_point> Journal::Last(std::string_view event) const {
  std::optional<std::chrono::steady_clock::time_point> last;
  const auto entries = Entries();
  for (const JournalEntry& entry : entries ? *entries : std::vector<JournalEntry>()) {
    if (EventName(entry) == event) {
      // steady_clock is CLOCK_MONOTONIC.
      last.emplace(std::chrono::nanoseconds(entry.monotonic_ns()));
    }
  }
  return last;
}

std::string EventName(const JournalEntry& entry) {
  const auto* event = JournalEntry::descriptor()->FindOneofByName("event");
  const auto* set = JournalEntry::GetReflection()->GetOneofFieldDescriptor(entry, event);
  return set == nullptr ? "" : set->name();
}

std::string ForPeople(const JournalEntry& entry) {
  JournalEntry event = entry;
  event.clear_monotonic_ns();
  event.clear_pid();
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(event, &text);
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string UnfiredFault(const std::vector<JournalEntry>& entries) {
  std::map<std::uint32_t, std::string> armed;
  std::set<std::uint32_t> fired;
  for (const JournalEntry& entry : entries) {
    if (entry.has_fault_armed()) {
      armed[entry.fault_armed().index()] = entry.fault_armed().kind();
    }
    if (entry.has_fault_fired()) fired.insert(entry.fault_fired().index());
  }
  for (const auto& [index, kind] : armed) {
    if (!fired.contains(index)) {
      return fmt::format("fault {} ({}) was armed and never fired", index, kind);
    }
  }
  return "";
}

}  // namespace zlayer::scenarios
