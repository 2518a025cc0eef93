#include "scenarios/runner/catalog/placeholders.h"

#include <functional>

#include "scenarios/runner/catalog/vocabulary.h"

namespace zlayer::scenarios {
namespace {

/// Calls `on_text` for each piece of plain text and `on_name` for each name between braces. Stops
/// at the first error that `on_name` returns, and returns it.
std::string Walk(std::string_view text, const std::function<void(std::string_view)>& on_text,
                 const std::function<std::string(std::string_view)>& on_name) {
  while (!text.empty()) {
    const size_t open = text.find('{');
    on_text(text.substr(0, open));
    if (open == text.npos) return "";
    text.remove_prefix(open + 1);
    if (text.starts_with('{')) {
      on_text("{");
      text.remove_prefix(1);
      continue;
    }
    const size_t close = text.find('}');
    if (close == text.npos) return "\"{\" without \"}\"; write \"{{\" for a plain brace";
    std::string error = on_name(text.substr(0, close));
    if (!error.empty()) return error;
    text.remove_prefix(close + 1);
  }
  return "";
}

std::string CheckName(std::string_view name) {
  if (Contains(PlaceholderNames(), name)) return "";
  return "unknown placeholder \"{" + std::string(name) + "}\"" +
         Suggestion(name, PlaceholderNames());
}

}  // namespace

const std::vector<std::string>& PlaceholderNames() {
  static const std::vector<std::string> names = {"fake",          "binary",
                                                 "unusable",      "data_dir",
                                                 "tls_dir",       "graph_root",
                                                 "run_root",      "path_dir_1",
                                                 "path_dir_2",    "addr",
                                                 "announced",     "handshake_timeout_ms",
                                                 "grace_ms",      "connect_timeout_ms",
                                                 "rpc_timeout_ms"};
  return names;
}

void Placeholders::Set(std::string_view name, std::string value) {
  values_.insert_or_assign(std::string(name), std::move(value));
}

tl::expected<std::string, std::string> Placeholders::Expand(std::string_view text) const {
  std::string expanded;
  const std::string error = Walk(
      text, [&](std::string_view plain) { expanded += plain; },
      [&](std::string_view name) -> std::string {
        const auto value = values_.find(name);
        if (value == values_.end()) {
          const std::string unknown = CheckName(name);
          return unknown.empty() ? "{" + std::string(name) + "} has no value in this run" : unknown;
        }
        expanded += value->second;
        return "";
      });
  if (!error.empty()) return tl::unexpected(error);
  return expanded;
}

std::string CheckPlaceholders(std::string_view text) {
  return Walk(
      text, [](std::string_view) {}, CheckName);
}

}  // namespace zlayer::scenarios
