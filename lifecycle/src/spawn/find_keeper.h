// Finds the keeper's executable, zlayer-buildd-keeper-<version>: see keeper_protocol.h.

#pragma once

#include <string>
#include <string_view>

#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The absolute path at which the build or the installation put the keeper. A program gets it when
/// it is linked, from keeper_path.cc, so that an installed package may be moved.
std::string_view KeeperPathOfThisPackage();

/// The path of the keeper. If `configured` is not empty, only that path is tried. Otherwise the
/// first executable regular file of these is taken: KeeperPathOfThisPackage(); the directory of
/// this program; ../libexec/zlayer-sidecar from there. ErrorKind::spawn_failed names every path
/// tried.
Result<std::string> FindKeeper(const std::string& configured);

}  // namespace zlayer::sidecar
