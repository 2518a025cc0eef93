// A part of the catalogue, so that several machines can run one part each.

#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

namespace zlayer::tools {

struct Shard {
  size_t index = 0;  // from 0
  size_t count = 1;

  /// Every scenario is in exactly one of the parts.
  bool Has(size_t scenario) const { return scenario % count == index; }
};

/// "2/4": the second of four; "job/4": $JOB_COMPLETION_INDEX, which counts from 0, of four. Empty:
/// $GTEST_SHARD_INDEX, from 0, of $GTEST_TOTAL_SHARDS, where both are set; else all.
tl::expected<Shard, std::string> ParseShard(const std::string& text);

}  // namespace zlayer::tools
