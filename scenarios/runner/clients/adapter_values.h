// The adapter protocol's messages as lines, and what a client saw as a message.

#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "scenarios/runner/clients/client.h"
#include "zlayer/proto/adapter.pb.h"

namespace zlayer::scenarios {

/// One line of JSON without its newline.
std::string ToLine(const google::protobuf::Message& message);

/// Why the line is no such message.
tl::expected<void, std::string> FromLine(std::string_view line, google::protobuf::Message* message);

v1::Seen ToSeen(const Observation& observation);
Observation FromSeen(const v1::Seen& seen);

}  // namespace zlayer::scenarios
