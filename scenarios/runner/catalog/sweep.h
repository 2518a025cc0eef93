// A scenario for each of many values, from one file. Its first line says which:
//
//   # sweep at: 1..26
//   # sweep size: 65535 65536 65537
//
// In the rest "$at" stands for the value; the names are the file's, a hyphen and the value.

#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace zlayer::scenarios {

struct SweptFile {
  std::string place;  // suite/name
  std::string text;
};

/// One for each value; `text` itself when it is no sweep. The error is of the first line.
tl::expected<std::vector<SweptFile>, std::string> ExpandSweep(std::string_view place,
                                                              std::string_view text);

}  // namespace zlayer::scenarios
