#include "tools/shard.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace zlayer::tools {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<size_t> Number(std::string_view text) {
  size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

/// `from_zero`: how the index counts.
tl::expected<Shard, std::string> Make(const std::string& source, const std::string& index,
                                      const std::string& count, bool from_zero) {
  if (index.empty() && from_zero) return tl::unexpected(source + " is not set");
  const auto i = Number(index);
  const auto n = Number(count);
  const size_t first = from_zero ? 0 : 1;
  if (i && n && *i >= first && *i - first < *n) return Shard{*i - first, *n};
  return tl::unexpected(fmt::format("{}: \"{}\" of \"{}\" is no part; parts count from {}", source,
                                    index, count, first));
}

}  // namespace

tl::expected<Shard, std::string> ParseShard(const std::string& text) {
  if (text.empty()) {
    const std::string count = Variable("GTEST_TOTAL_SHARDS");
    if (count.empty()) return Shard{};
    return Make("GTEST_SHARD_INDEX", Variable("GTEST_SHARD_INDEX"), count, true);
  }
  const size_t slash = text.find('/');
  if (slash == text.npos) {
    return tl::unexpected(fmt::format("--shard {}: write i/n, such as 1/4", text));
  }
  const std::string index = text.substr(0, slash);
  const std::string count = text.substr(slash + 1);
  if (index != "job") return Make("--shard", index, count, false);
  return Make("JOB_COMPLETION_INDEX", Variable("JOB_COMPLETION_INDEX"), count, true);
}

}  // namespace zlayer::tools
