// A sweep: one file that stands for several scenarios, one for each value. Its first line lists the
// values:
//
//   # sweep at: 1..26
//   # sweep size: 65535 65536 65537
//
// In the rest of the file "$at" (or "$size") is replaced by the value. The name of each scenario is
// the file's name, a hyphen and the value. scenarios/CMakeLists.txt derives the same names for
// ctest.

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

/// Returns one file for each value; `text` itself when it is not a sweep. An error is about the
/// first line. The line numbers of the texts are those of the file.
tl::expected<std::vector<SweptFile>, std::string> ExpandSweep(std::string_view place,
                                                              std::string_view text);

}  // namespace zlayer::scenarios
