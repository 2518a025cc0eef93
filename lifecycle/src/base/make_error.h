// Makes a LifecycleError in one expression.
//
//   return Fail(ErrorKind::storage, "cannot create {}: {}", path, ErrnoText(errno));
//
// Fail is the door of every message: each leaves it as one bounded line of printable ASCII.

#pragma once

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <utility>

#include "lifecycle/src/text/escaped.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

template <typename... Args>
tl::unexpected<LifecycleError> Fail(ErrorKind kind, fmt::format_string<Args...> format,
                                    Args&&... args) {
  LifecycleError error{};
  error.kind = kind;
  error.message = OneLine(fmt::format(format, std::forward<Args>(args)...));
  return tl::unexpected(std::move(error));
}

/// Text of an errno value, such as "No such file or directory". Thread-safe, unlike strerror(3).
inline std::string ErrnoText(int error) {
  char buffer[128];
  return ::strerror_r(error, buffer, sizeof buffer);
}

}  // namespace zlayer::sidecar
