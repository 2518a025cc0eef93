// ZLAYER_KEEPER_PATH: see CMakeLists.txt.

#include "find_keeper.h"

namespace zlayer::sidecar {

std::string_view KeeperPathOfThisPackage() { return ZLAYER_KEEPER_PATH; }

}  // namespace zlayer::sidecar
