// Enums of proto3 are open: a plan can give any number where a name belongs, and still parses.

#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace zlayer::fakes {

/// The first enum field of `message`, or of a message in it, whose number has no name, as in
/// ".hang.phase: 7 is no value; valid: START, BOUND"; empty when there is none. Not of repeated
/// fields: faults have none.
std::string UnknownValue(const google::protobuf::Message& message);

}  // namespace zlayer::fakes
