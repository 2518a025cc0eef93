#include "lifecycle/src/use/request_text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <vector>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/text/utf8.h"

namespace zlayer::sidecar {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

Result<void> CheckText(const std::string& name, const std::string& text) {
  if (IsUtf8(text)) return {};
  return Fail(ErrorKind::config_invalid,
              "{} of the request is not UTF-8: the protocol takes no other text", name);
}

Result<void> CheckMessage(const std::string& prefix, const Message& message);

/// Checks a field that holds one value if `index` is empty, or else its element `index`.
Result<void> CheckValue(const std::string& name, const Message& message,
                        const FieldDescriptor* field, std::optional<int> index) {
  const auto* reflection = message.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return CheckMessage(name + ".", index ? reflection->GetRepeatedMessage(message, field, *index)
                                          : reflection->GetMessage(message, field));
  }
  if (field->type() != FieldDescriptor::TYPE_STRING) return {};
  std::string scratch;
  return CheckText(name,
                   index ? reflection->GetRepeatedStringReference(message, field, *index, &scratch)
                         : reflection->GetStringReference(message, field, &scratch));
}

Result<void> CheckMessage(const std::string& prefix, const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string name = prefix + field->name();
    if (!field->is_repeated()) {
      if (auto checked = CheckValue(name, message, field, {}); !checked) return checked;
      continue;
    }
    const int size = message.GetReflection()->FieldSize(message, field);
    for (int i = 0; i < size; ++i) {
      const std::string element = fmt::format("{}[{}]", name, i);
      if (auto checked = CheckValue(element, message, field, i); !checked) return checked;
    }
  }
  return {};
}

}  // namespace

Result<void> CheckRequestText(const Message& request) { return CheckMessage("", request); }

}  // namespace zlayer::sidecar
