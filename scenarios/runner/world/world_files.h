// Writes the files of a world: the TLS set, and the binary where the client looks for it.

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "scenarios/runner/catalog/placeholders.h"
#include "scenarios/runner/process/child_process.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// mkdir(2) with mode 0700; its parent must exist.
tl::expected<void, std::string> MakeDirectory(const std::string& path);

/// Creates the file, which must not exist, and its parent directories.
tl::expected<void, std::string> WriteFile(const std::string& path, std::string_view content,
                                          mode_t mode);

/// Fills `directory` as `tls` says. `fake --mint-tls` makes the certificates. EMPTY: does nothing.
tl::expected<void, std::string> PrepareTls(v1::World::Tls tls, const std::string& fake,
                                           const std::string& directory);

/// Puts a link to the fake, or a file that cannot be run, where `place` says, below `root`. Sets
/// ZLAYER_BUILDD_BIN in `environment` when the variable names that file, {binary} when the client
/// finds a binary, and {unusable} when the file cannot be run.
tl::expected<void, std::string> PlaceBinary(v1::World::Binary place, const std::string& fake,
                                            const std::string& root, EnvironmentMap* environment,
                                            Placeholders* placeholders);

}  // namespace zlayer::scenarios
