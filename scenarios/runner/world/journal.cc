#include "scenarios/runner/world/journal.h"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <algorithm>
#include <map>
#include <set>

#include "proto/message_file.h"
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

std::vector<std::string> Journal::Lines() const {
  const std::string content = ReadFile(path_).value_or("");
  std::vector<std::string> lines;
  for (size_t begin = 0, end = 0; (end = content.find('\n', begin)) != content.npos;
       begin = end + 1) {
    lines.push_back(content.substr(begin, end - begin));
  }
  return lines;
}

tl::expected<std::vector<JournalEntry>, std::string> Journal::Entries() const {
  std::vector<JournalEntry> entries;
  for (const std::string& line : Lines()) {
    auto entry =
        ParseMessage<JournalEntry>(fmt::format("journal line {}", entries.size() + 1), line);
    if (!entry) return tl::unexpected(entry.error());
    entries.push_back(std::move(*entry));
  }
  return entries;
}

bool Journal::Await(std::string_view event, size_t count, const Deadline& deadline,
                    const std::stop_token& stop) const {
  // The watch comes first: a line written after a look is then an event.
  const UniqueFd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!changes || inotify_add_watch(changes.get(), path_.c_str(), IN_MODIFY) < 0) return false;
  const UniqueFd stopped(eventfd(0, EFD_CLOEXEC));
  const std::stop_callback wake(stop, [&stopped] { eventfd_write(stopped.get(), 1); });
  for (;;) {
    const auto entries = Entries();
    if (entries && CountOf(event, *entries) >= count) return true;
    pollfd woken[] = {{changes.get(), POLLIN, 0}, {stopped.get(), POLLIN, 0}};
    if (deadline.passed() || poll(woken, 2, deadline.poll_ms()) == 0) return false;
    if (stop.stop_requested()) return false;
    char events[4096];
    while (read(changes.get(), events, sizeof events) > 0) {
    }
  }
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
