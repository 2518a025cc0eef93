#include "tools/option_checks.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace zlayer::tools {
namespace {

template <typename Number>
CLI::Validator InRange(Number least, Number greatest) {
  const auto check = [least, greatest](const std::string& text) -> std::string {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    // NaN is in no range.
    if (error == std::errc() && stop == end && number >= least && number <= greatest) return "";
    return fmt::format("must be {} to {}, not \"{}\"", least, greatest, text);
  };
  return CLI::Validator(check, "");
}

}  // namespace

CLI::Validator Between(std::uint64_t least, std::uint64_t greatest) {
  return InRange(least, greatest);
}

CLI::Validator BetweenReal(double least, double greatest) { return InRange(least, greatest); }

void RefuseEmptyValues(CLI::App* app) {
  const auto check = [](const std::string& text) -> std::string {
    return text.empty() ? "is empty; leave it out, or give it a value" : "";
  };
  for (CLI::App* command : app->get_subcommands(nullptr)) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_expected_max() > 0) option->check(CLI::Validator(check, ""));
    }
  }
}

}  // namespace zlayer::tools
