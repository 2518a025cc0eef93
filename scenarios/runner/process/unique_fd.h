// A file descriptor that closes itself: the fixture's.

#pragma once

#include "fakes/fixture/unique_fd.h"

namespace zlayer::scenarios {

using fakes::fixture::UniqueFd;

}  // namespace zlayer::scenarios
