// The wire is frozen, because deployed daemons and clients speak it: names, numbers and types of
// the compiled descriptor must be exactly those of wire.txt.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "zlayer/proto/buildah_sidecar.pb.h"

namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

std::string TypeOf(const FieldDescriptor* field) {
  if (field->is_map()) {
    return "map<" + TypeOf(field->message_type()->map_key()) + "," +
           TypeOf(field->message_type()->map_value()) + ">";
  }
  std::string type = field->type_name();
  if (field->message_type()) type = field->message_type()->full_name();
  if (field->enum_type()) type = field->enum_type()->full_name();
  return type + (field->is_repeated() ? "*" : "");
}

void ListEnum(const EnumDescriptor* type, std::vector<std::string>* lines) {
  for (int i = 0; i < type->value_count(); ++i) {
    lines->push_back(type->full_name() + "." + type->value(i)->name() + " = " +
                     std::to_string(type->value(i)->number()));
  }
}

void ListMessage(const Descriptor* type, std::vector<std::string>* lines) {
  lines->push_back("message " + type->full_name());
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    std::string line = type->full_name() + "." + field->name() + " = " +
                       std::to_string(field->number()) + ": " + TypeOf(field);
    if (field->containing_oneof()) line += " in " + field->containing_oneof()->name();
    lines->push_back(line);
  }
  for (int i = 0; i < type->enum_type_count(); ++i) ListEnum(type->enum_type(i), lines);
}

std::vector<std::string> ListWire(const FileDescriptor* file) {
  std::vector<std::string> lines;
  for (int i = 0; i < file->service_count(); ++i) {
    for (int j = 0; j < file->service(i)->method_count(); ++j) {
      const auto* method = file->service(i)->method(j);
      lines.push_back("rpc " + method->full_name() + ": " + method->input_type()->full_name() +
                      (method->client_streaming() ? "*" : "") + " -> " +
                      method->output_type()->full_name() + (method->server_streaming() ? "*" : ""));
    }
  }
  for (int i = 0; i < file->message_type_count(); ++i) ListMessage(file->message_type(i), &lines);
  for (int i = 0; i < file->enum_type_count(); ++i) ListEnum(file->enum_type(i), &lines);
  return lines;
}

TEST(WireTest, NamesNumbersAndTypesAreAsPublished) {
  std::ifstream file(WIRE_LIST);
  ASSERT_TRUE(file) << WIRE_LIST;
  std::vector<std::string> published;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') published.push_back(line);
  }
  EXPECT_THAT(ListWire(zlayer::buildah_sidecar::v1::BuildRequest::descriptor()->file()),
              testing::UnorderedElementsAreArray(published));
}

}  // namespace
