#include "scenarios/runner/catalog/sweep.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <sstream>

namespace zlayer::scenarios {
namespace {

constexpr std::string_view kMark = "# sweep ";
constexpr std::uint64_t kMostValues = 1000;

std::optional<std::uint64_t> Number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

/// The numbers of "7" or of "1..26"; empty when `word` is neither.
std::vector<std::uint64_t> Values(std::string_view word) {
  const size_t dots = word.find("..");
  const auto first = Number(word.substr(0, dots));
  const auto last = dots == word.npos ? first : Number(word.substr(dots + 2));
  std::vector<std::uint64_t> values;
  if (!first || !last || *last < *first || *last - *first >= kMostValues) return values;
  for (std::uint64_t value = *first; value <= *last; ++value) values.push_back(value);
  return values;
}

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace

tl::expected<std::vector<SweptFile>, std::string> ExpandSweep(std::string_view place,
                                                              std::string_view text) {
  if (!text.starts_with(kMark))
    return std::vector<SweptFile>{{std::string(place), std::string(text)}};
  const size_t end = std::min(text.find('\n'), text.size());
  std::istringstream words{std::string(text.substr(kMark.size(), end - kMark.size()))};
  std::string name;
  words >> name;
  if (name.size() < 2 || name.back() != ':') {
    return tl::unexpected(
        fmt::format("\"{}\": write \"# sweep name: values\"", text.substr(0, end)));
  }
  name.pop_back();
  std::vector<SweptFile> files;
  std::string word;
  while (words >> word) {
    const std::vector<std::uint64_t> values = Values(word);
    if (values.empty()) {
      return tl::unexpected(fmt::format("\"{}\" is no value of a sweep; write 7 or 1..26", word));
    }
    for (const std::uint64_t value : values) {
      files.push_back({fmt::format("{}-{}", place, value),
                       Replaced(std::string(text.substr(end)), "$" + name, std::to_string(value))});
    }
  }
  if (files.empty()) return tl::unexpected(std::string("the sweep has no values"));
  return files;
}

}  // namespace zlayer::scenarios
