// Where programs are.

#pragma once

#include <string>

namespace zlayer::tools {

/// The path of the program that a shell would start for `name`; empty when there is none.
std::string FindProgram(const std::string& name);

/// Whether `path` is a regular file that this user may execute.
bool IsProgram(const std::string& path);

/// The path of `name` in the directory of this executable.
std::string BesideThisProgram(const std::string& name);

}  // namespace zlayer::tools
