#include "scenarios/runner/catalog/vocabulary.h"

#include <algorithm>

#include "proto/message_file.h"
#include "zlayer/proto/journal.pb.h"
#include "zlayer/proto/scenario.pb.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::scenarios {
namespace {

/// The kinds have consecutive numbers from 0; the first number without a kind is named "unknown".
std::vector<std::string> LifecycleErrorKinds() {
  std::vector<std::string> names;
  for (int i = 0;; ++i) {
    const std::string_view name = sidecar::ErrorKindName(static_cast<sidecar::ErrorKind>(i));
    if (name == "unknown") return names;
    names.emplace_back(name);
  }
}

std::vector<std::string> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    if (comma != 0) words.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
  }
  return words;
}

}  // namespace

const std::vector<std::string>& ErrorNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = LifecycleErrorKinds();
    all.insert(all.end(), {"answers_differ", "descriptor_leaked", "never_released"});
    return all;
  }();
  return names;
}

const std::vector<std::string>& EventNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    const auto* event = fakes::v1::JournalEntry::descriptor()->FindOneofByName("event");
    for (int i = 0; i < event->field_count(); ++i) all.push_back(event->field(i)->name());
    return all;
  }();
  return names;
}

const std::vector<std::string>& CapabilityNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    const auto* capabilities = v1::Capability_descriptor();
    for (int i = 1; i < capabilities->value_count(); ++i) {  // 0 is CAPABILITY_UNKNOWN
      all.push_back(capabilities->value(i)->name());
    }
    return all;
  }();
  return names;
}

const std::vector<std::string>& PresetNames() {
  static const std::vector<std::string> names = SplitWords(ZLAYER_FAKE_PRESETS);
  return names;
}

std::string Suggestion(std::string_view word, const std::vector<std::string>& valid) {
  const std::string nearest = NearestName(word, valid);
  if (!nearest.empty()) return "; did you mean \"" + nearest + "\"?";
  constexpr size_t kMost = 12;
  std::string list;
  for (size_t i = 0; i < std::min(valid.size(), kMost); ++i) {
    list += (list.empty() ? "; valid: " : ", ") + valid[i];
  }
  if (valid.size() > kMost) list += ", ...";
  return list;
}

bool Contains(const std::vector<std::string>& names, std::string_view word) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

}  // namespace zlayer::scenarios
