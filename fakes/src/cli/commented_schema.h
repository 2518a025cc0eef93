// The schema of plans (fault_plan.proto) with its comments. The code that protoc generates has no
// comments, so the build embeds the .proto text and its descriptor set in the executable.
//
//   const auto schema = CommentedSchema::Load();
//   CommentOf(*schema->Message("Hang"))  // "Stops for ever ..."

#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// Owns the descriptors that it gives out.
class CommentedSchema {
 public:
  /// Reads the embedded descriptor set. Fails only when the build embedded a broken one.
  static Result<CommentedSchema> Load();

  /// The message of this name in fault_plan.proto; null when there is none.
  const google::protobuf::Descriptor* Message(const std::string& name) const {
    return file_->FindMessageTypeByName(name);
  }

 private:
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  const google::protobuf::FileDescriptor* file_ = nullptr;
};

/// The comment above a declaration, or the comment behind it when there is none above. Several
/// lines of a comment are joined to one line.
std::string CommentOf(const google::protobuf::Descriptor& message);
std::string CommentOf(const google::protobuf::FieldDescriptor& field);
std::string CommentOf(const google::protobuf::EnumValueDescriptor& value);

}  // namespace zlayer::fakes::daemon
