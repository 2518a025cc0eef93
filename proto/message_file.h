// Reads one protobuf message from a text (*.txtpb) or JSON file that a person wrote.
//
//   auto plan = zlayer::ParseMessage<FaultPlan>("plan.txtpb", text);
//   if (!plan) return Fail(plan.error());  // plan.txtpb:3: unknown field "hangg" in Fault; did you
//   mean "hang"?

#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace zlayer {

/// One line for a person: the file, the line where the format tells it, the field, and the nearest
/// valid name.
using FileError = std::string;

/// Of a file that a person wrote, so that one without an end, such as /dev/zero, is refused.
inline constexpr size_t kLargestWritten = size_t{16} << 20;  // bytes

/// The whole content of `path`, or one line that names it and says why it cannot be read; `largest`
/// is in bytes.
tl::expected<std::string, FileError> ReadFile(const std::string& path, size_t largest = SIZE_MAX);

/// Parses `text` into `message`. JSON when its first character other than white space is '{',
/// protobuf text otherwise. `name` stands for the file in errors.
tl::expected<void, FileError> ParseMessageInto(std::string_view name, std::string_view text,
                                               google::protobuf::Message* message);

template <typename Message>
tl::expected<Message, FileError> ParseMessage(std::string_view name, std::string_view text) {
  Message message;
  auto parsed = ParseMessageInto(name, text, &message);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  return message;
}

/// The element of `valid` nearest to `word` by edit distance; empty when nothing is near.
std::string NearestName(std::string_view word, const std::vector<std::string>& valid);

}  // namespace zlayer
