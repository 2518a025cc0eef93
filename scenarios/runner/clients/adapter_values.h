// Converts messages to lines of JSON and back, and observations to messages of the adapter
// protocol.

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

/// Parses `line` into `message`. The error says why the line is not such a message.
tl::expected<void, std::string> FromLine(std::string_view line, google::protobuf::Message* message);

v1::Seen ToSeen(const Observation& observation);
Observation FromSeen(const v1::Seen& seen);

}  // namespace zlayer::scenarios
