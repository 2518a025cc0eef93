// What values an option may have: for CLI::Option::check, with messages for a person.
//
//   run->add_option("--repeat", options->repeat)->check(Between(1, 1'000'000));
//   // --repeat: must be 1 to 1000000, not "0"

#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>

namespace zlayer::tools {

/// A whole number.
CLI::Validator Between(std::uint64_t least, std::uint64_t greatest);

/// Any number.
CLI::Validator BetweenReal(double least, double greatest);

/// For every option that takes a value: refuses an empty value, such as that of an unset variable.
/// It would count as an absent option, so another client would be judged or no report written.
void RefuseEmptyValues(CLI::App* app);

}  // namespace zlayer::tools
