// Why the fixture could not do what a test asked for.
//
//   auto line = fake.Line();
//   if (!line && line.error().kind == ErrorKind::ended) return Fail(line.error().message);

#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>

namespace zlayer::fakes {

enum class ErrorKind {
  options_invalid,  ///< two plans, or one that does not parse or cannot fire: file, line and field
  fake_not_found,   ///< no fake-zlayer-buildd: every path tried
  io,               ///< a file, pipe or process cannot be had: which, and errno text
  timeout,          ///< not within the limit: what was waited for, and what came instead
  ended,            ///< the fake ended before it: how, and the end of its stderr
  malformed,        ///< the line, or an entry of the journal, is not what was asked for
};

struct FixtureError {
  ErrorKind kind;
  std::string message;  ///< one paragraph for a person
};

template <typename T>
using Result = tl::expected<T, FixtureError>;

/// Of every wait: longer than anything that a sound program takes on a busy machine.
inline constexpr std::chrono::milliseconds kDefaultLimit{20'000};

}  // namespace zlayer::fakes
