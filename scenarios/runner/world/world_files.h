// The files of a world: certificates and the binary in its place.

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "scenarios/runner/catalog/placeholders.h"
#include "scenarios/runner/process/child_process.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

tl::expected<void, std::string> MakeDirectory(const std::string& path);
tl::expected<void, std::string> WriteFile(const std::string& path, std::string_view content,
                                          mode_t mode);

/// Fills `directory` as `tls` says; `fake --mint-tls` makes the certificates.
tl::expected<void, std::string> PrepareTls(v1::World::Tls tls, const std::string& fake,
                                           const std::string& directory);

/// Puts the fake where `place` says, below `root`; sets ZLAYER_BUILDD_BIN, {binary} and {unusable}
/// where they have a meaning.
tl::expected<void, std::string> PlaceBinary(v1::World::Binary place, const std::string& fake,
                                            const std::string& root, EnvironmentMap* environment,
                                            Placeholders* placeholders);

}  // namespace zlayer::scenarios
