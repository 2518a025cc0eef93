// protobuf's words for what it cannot parse, made into ours: the field, what is wrong with it, and
// the nearest valid name.
//
//   ExplainJson("(fault[0]) hangg: Cannot find field.", FaultPlan::descriptor())
//   // unknown field "hangg" in Fault; did you mean "hang"?

#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

namespace zlayer {

/// `message` is protobuf's, of a text whose root is a `root`; `before` is the text up to the place
/// that it is about, or a little more.
std::string ExplainText(const std::string& message, std::string_view before,
                        const google::protobuf::Descriptor* root);

/// The same for JSON, where protobuf names the place as a path.
std::string ExplainJson(const std::string& message, const google::protobuf::Descriptor* root);

}  // namespace zlayer
