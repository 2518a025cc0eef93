// Reads one protobuf message from a text (*.txtpb) or JSON (*.json) file that a person wrote.
//
//   auto plan = zlayer::ParseMessage<FaultPlan>("plan.txtpb", text);
//   if (!plan) return Fail(plan.error());
//   // plan.txtpb:3: unknown field "hangg" in Fault; did you mean "hang"?
//
// The fake reads its plans with it, the runner its scenarios. Errors are one line without control
// characters, so that they can be printed as they are. Everything here is safe to call from any
// thread.

#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace zlayer {

/// One line for a person: the file, the line (protobuf text only: the JSON parser reports none),
/// the field, and the nearest valid name.
using FileError = std::string;

/// Size limit for a file that a person wrote, in bytes. It refuses files without an end, such as
/// /dev/zero.
inline constexpr size_t kLargestWritten = size_t{16} << 20;

/// The whole content of `path`. Error: one line with the path and the reason; also for a file of
/// more than `largest` bytes.
tl::expected<std::string, FileError> ReadFile(const std::string& path, size_t largest = SIZE_MAX);

/// Parses `text` into `message`. The text is JSON if its first character other than white space is
/// '{', which cannot begin protobuf text; otherwise it is protobuf text. Errors call the file
/// `name`.
tl::expected<void, FileError> ParseMessageInto(std::string_view name, std::string_view text,
                                               google::protobuf::Message* message);

template <typename Message>
tl::expected<Message, FileError> ParseMessage(std::string_view name, std::string_view text) {
  Message message;
  auto parsed = ParseMessageInto(name, text, &message);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  return message;
}

/// The element of `valid` with the smallest edit distance to `word`, ignoring case; empty if none
/// is within two edits or a third of the word's length, whichever is more.
std::string NearestName(std::string_view word, const std::vector<std::string>& valid);

}  // namespace zlayer
