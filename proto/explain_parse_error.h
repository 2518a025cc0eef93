// Turns the error messages of protobuf's parsers into messages for the author of the file: the
// field, what is wrong with it, and the nearest valid name.
//
//   ExplainJson("(fault[0]) hangg: Cannot find field.", FaultPlan::descriptor())
//   // unknown field "hangg" in Fault; did you mean "hang"?

#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

namespace zlayer {

/// For protobuf text. `message` is the parser's, `root` the type that it parsed. `before` is the
/// text up to the error, or a little more: the parser does not name the field of a value with the
/// wrong type, so the field is read from this text. A message of unknown form is returned as it is,
/// since another version of protobuf may word it differently.
std::string ExplainText(const std::string& message, std::string_view before,
                        const google::protobuf::Descriptor* root);

/// For JSON, where the parser's message names the field by its path.
std::string ExplainJson(const std::string& message, const google::protobuf::Descriptor* root);

}  // namespace zlayer
