#include "fakes/src/plan/unknown_value.h"

#include <vector>

namespace zlayer::fakes::daemon {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

std::string AllNames(const EnumDescriptor* values) {
  std::string names;
  for (int i = 0; i < values->value_count(); ++i) {
    names += (names.empty() ? "" : ", ") + values->value(i)->name();
  }
  return names;
}

}  // namespace

std::string UnknownValue(const google::protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) continue;
    if (const EnumDescriptor* values = field->enum_type()) {
      const int number = reflection->GetEnumValue(message, field);
      if (values->FindValueByNumber(number)) continue;
      return "." + field->name() + ": unknown value " + std::to_string(number) +
             "; valid: " + AllNames(values);
    }
    if (!field->message_type()) continue;
    const std::string below = UnknownValue(reflection->GetMessage(message, field));
    if (!below.empty()) return "." + field->name() + below;
  }
  return "";
}

}  // namespace zlayer::fakes::daemon
