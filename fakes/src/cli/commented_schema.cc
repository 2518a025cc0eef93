#include "fakes/src/cli/commented_schema.h"

#include <google/protobuf/descriptor.pb.h>

#include <vector>

#include "fault_schema.h"
#include "fault_schema_text.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {
namespace {

/// The lines of fault_plan.proto.
const std::vector<std::string_view>& Source() {
  static const auto lines = [] {
    std::vector<std::string_view> cut;
    std::string_view text = FaultSchemaText().front().text;
    for (size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
      cut.push_back(text.substr(0, end));
    }
    return cut;
  }();
  return lines;
}

/// True when the line is a comment that starts at `column`, with only spaces before it.
bool CommentAt(int line, size_t column) {
  if (line < 0 || static_cast<size_t>(line) >= Source().size()) return false;
  const std::string_view text = Source()[static_cast<size_t>(line)];
  return text.find_first_not_of(' ') == column && text.substr(column).starts_with("// ");
}

void Append(std::string& comment, std::string_view words) {
  comment += (comment.empty() ? "" : " ") + std::string(words);
}

/// Finds the comment in the text by the declaration's position. protoc's own comments
/// (leading_comments) cannot be used: when a trailing comment has two lines, protoc attaches the
/// second line to the next declaration.
template <typename Declaration>
std::string Comment(const Declaration& declaration) {
  google::protobuf::SourceLocation at;
  if (!declaration.GetSourceLocation(&at)) return "";
  const auto first_column = static_cast<size_t>(at.start_column);
  std::string comment;
  int first = at.start_line;
  while (CommentAt(first - 1, first_column)) --first;
  for (int line = first; line < at.start_line; ++line) {
    Append(comment, Source()[static_cast<size_t>(line)].substr(first_column + 3));
  }
  if (!comment.empty()) return comment;
  const std::string_view last = Source()[static_cast<size_t>(at.end_line)];
  const size_t behind = last.find("// ", static_cast<size_t>(at.end_column));
  if (behind == last.npos) return "";
  Append(comment, last.substr(behind + 3));
  for (int line = at.end_line + 1; CommentAt(line, behind); ++line) {
    Append(comment, Source()[static_cast<size_t>(line)].substr(behind + 3));
  }
  return comment;
}

}  // namespace

Result<CommentedSchema> CommentedSchema::Load() {
  const std::string_view bytes = FaultSchema();
  google::protobuf::FileDescriptorSet files;
  if (!files.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      files.file_size() != 1) {
    return StartFailed("fault_plan.proto: the schema compiled in cannot be read");
  }
  CommentedSchema schema;
  schema.pool_ = std::make_unique<google::protobuf::DescriptorPool>();
  const auto* generated = v1::FaultPlan::descriptor()->file();
  for (int i = 0; i < generated->dependency_count(); ++i) {
    google::protobuf::FileDescriptorProto imported;
    generated->dependency(i)->CopyTo(&imported);
    schema.pool_->BuildFile(imported);
  }
  schema.file_ = schema.pool_->BuildFile(files.file(0));
  if (!schema.file_) return StartFailed("fault_plan.proto: the schema compiled in is not valid");
  return schema;
}

std::string CommentOf(const google::protobuf::Descriptor& message) { return Comment(message); }
std::string CommentOf(const google::protobuf::FieldDescriptor& field) { return Comment(field); }
std::string CommentOf(const google::protobuf::EnumValueDescriptor& value) { return Comment(value); }

}  // namespace zlayer::fakes::daemon
