// What is wrong with a set of TLS files.

#pragma once

#include <string>
#include <tl/expected.hpp>

namespace zlayer::sidecar {

struct TlsDefect {
  /// The graver one last.
  enum class Kind {
    unusable,  // a new set mends it
    refused    // nobody but a person can tell what to do
  };
  Kind kind;
  std::string message;  // one line: the file's path, a colon, the reason
};

template <typename T>
using Inspected = tl::expected<T, TlsDefect>;

}  // namespace zlayer::sidecar
