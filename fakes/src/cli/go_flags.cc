#include "fakes/src/cli/go_flags.h"

#include <algorithm>

#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

/// Sets a target from the text of a value. Returns what is valid instead; empty when it is set.
struct SetFrom {
  const std::string& text;

  const char* operator()(std::string* target) const {
    *target = text;
    return "";
  }
  const char* operator()(std::optional<std::string>* target) const {
    *target = text;
    return "";
  }
  const char* operator()(bool* target) const {
    for (const char* word : {"1", "t", "T", "true", "TRUE", "True"}) {
      if (text == word) *target = true;
      if (text == word) return "";
    }
    for (const char* word : {"0", "f", "F", "false", "FALSE", "False"}) {
      if (text == word) *target = false;
      if (text == word) return "";
    }
    return "must be true or false";
  }
  const char* operator()(std::uint64_t* target) const {
    const auto number = ParseUint(text);
    if (number) *target = *number;
    return number ? "" : "must be a number from 0 to 18446744073709551615";
  }
  const char* operator()(std::int64_t* target) const {
    const auto number = ParseInt(text);
    if (number) *target = *number;
    return number ? "" : "must be a whole number";
  }
  const char* operator()(std::optional<std::int64_t>* target) const {
    *target = ParseInt(text);
    return *target ? "" : "must be a whole number";
  }
};

/// The default as Go prints it. Empty for zero, false and the empty string, which Go leaves out.
struct DefaultText {
  std::string operator()(const std::string* value) const {
    return value->empty() ? "" : "\"" + *value + "\"";
  }
  std::string operator()(const std::uint64_t* value) const {
    return *value == 0 ? "" : std::to_string(*value);
  }
  std::string operator()(const std::int64_t* value) const {
    return *value == 0 ? "" : std::to_string(*value);
  }
  template <typename Other>
  std::string operator()(const Other* /*value*/) const {
    return "";
  }
};

/// An argument "-name", "--name", "-name=value" or "--name=value".
struct Argument {
  std::string name;
  std::optional<std::string> value;
};

/// Nullopt when the argument is no flag.
std::optional<Argument> AsFlag(std::string_view text) {
  if (text.size() < 2 || text[0] != '-') return std::nullopt;
  text.remove_prefix(text[1] == '-' ? 2 : 1);
  if (text.empty()) return std::nullopt;  // "--": the end of the flags
  // As in Go, a name has at least one character, so that "-=x" is a flag named "=x".
  const size_t equals = text.find('=', 1);
  if (equals == text.npos) return Argument{std::string(text), std::nullopt};
  return Argument{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

}  // namespace

void GoFlags::Add(std::string_view name, Target target, std::string_view value_name,
                  std::string_view what) {
  flags_.push_back({std::string(name), target, std::string(value_name), std::string(what), false});
}

Result<GoFlags::Flag*> GoFlags::Find(const std::string& name) {
  const auto found = std::find_if(flags_.begin(), flags_.end(),
                                  [&](const Flag& flag) { return flag.name == name; });
  if (found != flags_.end()) return &*found;
  std::vector<std::string> names;
  for (const Flag& flag : flags_) names.push_back("--" + flag.name);
  const std::string nearest = NearestName("--" + name, names);
  return BadInput("unknown flag \"--" + name + "\"" +
                  (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

Result<bool> GoFlags::Parse(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    auto argument = AsFlag(argv[i]);
    if (!argument) {
      rest_.assign(argv + i + (std::string_view(argv[i]) == "--" ? 1 : 0), argv + argc);
      break;
    }
    if (argument->name.starts_with('-') || argument->name.starts_with('=')) {
      return BadInput("bad flag syntax: \"" + std::string(argv[i]) + "\"");
    }
    if (argument->name == "help" || argument->name == "h") return true;
    const auto flag = Find(argument->name);
    if (!flag) return tl::unexpected(flag.error());
    if (!argument->value && std::holds_alternative<bool*>((*flag)->target)) {
      argument->value = "true";
    } else if (!argument->value) {
      if (++i == argc) return BadInput("--" + argument->name + ": needs a value");
      argument->value = argv[i];
    }
    const char* valid = std::visit(SetFrom{*argument->value}, (*flag)->target);
    if (*valid) {
      return BadInput("--" + argument->name + ": invalid value \"" + *argument->value +
                      "\": " + valid);
    }
    (*flag)->given = true;
  }
  return false;
}

bool GoFlags::Given(std::string_view name) const {
  return std::any_of(flags_.begin(), flags_.end(),
                     [&](const Flag& flag) { return flag.name == name && flag.given; });
}

std::string GoFlags::Usage() const {
  std::string usage;
  for (const Flag& flag : flags_) {
    usage += "  --" + flag.name + (flag.value_name.empty() ? "" : " " + flag.value_name);
    usage += "\n        " + flag.what;
    const std::string by_default = std::visit(DefaultText{}, flag.target);
    usage += (by_default.empty() ? "" : " (default " + by_default + ")") + "\n";
  }
  return usage;
}

}  // namespace zlayer::fakes::daemon
