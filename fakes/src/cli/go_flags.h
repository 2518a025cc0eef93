// Parses a command line by the rules of Go's package flag, which the deployed daemon uses.
//
//   GoFlags flags;
//   flags.Add("bind", &bind, "HOST:PORT", "host:port to listen on");
//   if (auto parsed = flags.Parse(argc, argv); !parsed) return parsed;
//
// One hyphen or two; `--flag value` and `--flag=value`; the last of repeated flags wins; parsing
// stops at `--` or the first argument that is no flag, and what follows is ignored. Numbers may be
// decimal, hexadecimal (0x), octal (0o, 0) or binary (0b).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

class GoFlags {
 public:
  /// Where the value of a flag goes. A bool flag needs no value.
  using Target = std::variant<std::string*, std::optional<std::string>*, bool*, std::uint64_t*,
                              std::int64_t*, std::optional<std::int64_t>*>;

  /// The target must outlive the object. `value_name` stands for the value in the usage; the
  /// target's present value is the default there.
  void Add(std::string_view name, Target target, std::string_view value_name,
           std::string_view what);

  /// True when `--help` or `-h` was met. The error is bad input: it names the flag, and the nearest
  /// valid one where the flag is unknown.
  Result<bool> Parse(int argc, const char* const* argv);

  /// The arguments behind the flags, which the daemon ignores.
  const std::vector<std::string>& rest() const { return rest_; }

  /// True when the flag was on the command line.
  bool Given(std::string_view name) const;

  /// The flags, in the order of Add(), as Go prints them.
  std::string Usage() const;

 private:
  struct Flag {
    std::string name;
    Target target;
    std::string value_name;
    std::string what;
    bool given = false;
  };

  Result<Flag*> Find(const std::string& name);

  std::vector<Flag> flags_;
  std::vector<std::string> rest_;
};

/// A number as Go's strconv.ParseUint(text, 0, 64) reads it; nullopt when it is none, or too large.
std::optional<std::uint64_t> ParseUint(std::string_view text);
/// The same with a sign, as strconv.ParseInt(text, 0, 64).
std::optional<std::int64_t> ParseInt(std::string_view text);

}  // namespace zlayer::fakes::daemon
