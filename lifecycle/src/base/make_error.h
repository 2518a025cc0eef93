// Makes a LifecycleError in one expression.
//
//   return Fail(ErrorKind::storage, "cannot create {}: {}", path, ErrnoText(errno));
//
// Every message that Fail makes is one line of printable ASCII, of bounded length.

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
