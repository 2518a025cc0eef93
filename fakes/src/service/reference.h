// The syntax of image and manifest names.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::fakes::daemon {

/// [host[:port]/]path[:tag][@sha256:...], with lower-case path components.
bool IsReference(std::string_view text);

/// A reference, alone or behind "docker://", or something behind another transport that buildah
/// knows, such as "oci:/tmp/layout".
bool IsDestination(std::string_view text);

/// Whether the reference has a `:tag`.
bool HasTag(std::string_view reference);

/// The name under which the store keeps a reference: on `localhost` unless it names a host, with
/// the tag `latest` unless it has one. "t" becomes "localhost/t:latest".
std::string FullName(std::string_view reference);

}  // namespace zlayer::fakes::daemon
