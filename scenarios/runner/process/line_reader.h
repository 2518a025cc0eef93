// Hands on the lines of a descriptor as they come, on a thread of its own.
//
//   LineReader log(std::move(stderr_end), [](std::string_view line) { ... });

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "scenarios/runner/process/unique_fd.h"

namespace zlayer::scenarios {

class LineReader {
 public:
  /// `take` gets each line without its newline, at most kLongest bytes of it.
  LineReader(UniqueFd from, std::function<void(std::string_view line)> take);

  /// Waits for no end that somebody else can withhold: what is there is read, then it is over.
  ~LineReader();

  static constexpr size_t kLongest = 4096;

 private:
  void Run();
  bool Read();

  UniqueFd from_;
  UniqueFd ended_;  // an eventfd
  std::function<void(std::string_view)> take_;
  std::string line_;
  std::thread thread_;
};

}  // namespace zlayer::scenarios
