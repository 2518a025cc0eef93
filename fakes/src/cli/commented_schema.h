// The schema of plans with the comments of its source, which the generated code leaves out.
//
//   const auto schema = CommentedSchema::Load();
//   CommentOf(*schema->Message("Hang"))  // "Stops for ever ..."

#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes {

/// Owns the descriptors that it gives out.
class CommentedSchema {
 public:
  /// Reads what protoc made of fault_plan.proto, compiled in.
  static Result<CommentedSchema> Load();

  /// By its name in fault_plan.proto; null: there is none.
  const google::protobuf::Descriptor* Message(const std::string& name) const {
    return file_->FindMessageTypeByName(name);
  }

 private:
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  const google::protobuf::FileDescriptor* file_ = nullptr;
};

/// The comment before a declaration or, where there is none, behind it; as one line.
std::string CommentOf(const google::protobuf::Descriptor& message);
std::string CommentOf(const google::protobuf::FieldDescriptor& field);
std::string CommentOf(const google::protobuf::EnumValueDescriptor& value);

}  // namespace zlayer::fakes
