// Where zlayer-buildd-keeper is.

#pragma once

#include <string>
#include <string_view>

#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Where the build or the installation put the keeper: an absolute path, decided when the program
/// is linked.
std::string_view KeeperPathOfThisPackage();

/// The first that is an executable file: `configured` alone when it is not empty; else the
/// package's own path, beside this program, and in ../libexec/zlayer-sidecar from there.
/// ErrorKind::spawn_failed names every path tried.
Result<std::string> FindKeeper(const std::string& configured);

}  // namespace zlayer::sidecar
