#include "fakes/src/cli/fault_table.h"

#include <google/protobuf/descriptor.pb.h>

#include <map>

#include "fakes/src/cli/commented_schema.h"
#include "fakes/src/plan/presets.h"
#include "proto/message_file.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr char kHead[] =
    "# Faults\n\n"
    "Every fault of [fault_plan.proto](../proto/fault_plan.proto) and its attributes. Made by\n"
    "`fake-zlayer-buildd --list-faults`: change the comments there, not this file. Durations are\n"
    "milliseconds (ms) or microseconds (us), sizes are bytes. `when` stands beside any fault.\n\n"
    "| fault | attribute | type | unit | not set | what |\n"
    "|---|---|---|---|---|---|\n";

/// Escapes the characters that have a meaning in a Markdown table.
std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '*') cell += '\\';
    cell += c;
  }
  return cell;
}

std::string Row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += cell.empty() ? " |" : " " + cell + " |";
  return row + "\n";
}

std::string Code(const std::string& word) { return "`" + word + "`"; }

std::string UnitOf(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_UINT32 &&
      field.cpp_type() != FieldDescriptor::CPPTYPE_UINT64) {
    return "";
  }
  static const std::pair<std::string, const char*> kUnits[] = {
      {"_ms", "ms"},      {"_us", "us"},      {"kb_s", "KB/s"},
      {"bytes", "bytes"}, {"_size", "bytes"}, {"size_variation", "bytes"}};
  for (const auto& [ending, unit] : kUnits) {
    if (field.name().ends_with(ending)) return unit;
  }
  return "";
}

/// True when the enum has no default: its first value, named ..._UNSET, means "not set", and the
/// plan's check refuses it.
bool MustBeChosen(const EnumDescriptor& values) {
  return values.value(0)->name().ends_with("UNSET");
}

std::string TypeOf(const FieldDescriptor& field) {
  const EnumDescriptor* values = field.enum_type();
  if (!values) return field.message_type() ? field.message_type()->name() : field.type_name();
  std::string names;
  for (int i = MustBeChosen(*values) ? 1 : 0; i < values->value_count(); ++i) {
    names += (names.empty() ? "" : ", ") + values->value(i)->name();
  }
  return names;
}

/// A field's comment in two parts. "how long; 0: for ever" gives "how long" and "for ever".
struct FieldDoc {
  std::string what;
  std::string not_set;  // what it means when the field is not set
};

FieldDoc DocOf(const FieldDescriptor& field) {
  FieldDoc doc{CommentOf(field), ""};
  for (const std::string mark : {"0: ", "\"\": "}) {
    const size_t at = doc.what.rfind(mark);
    if (at == doc.what.npos || (at > 0 && doc.what[at - 1] != ' ')) continue;
    doc.not_set = doc.what.substr(at + mark.size());
    doc.what.resize(at);
    while (doc.what.ends_with(' ') || doc.what.ends_with(';')) doc.what.pop_back();
    return doc;
  }
  if (const EnumDescriptor* values = field.enum_type()) {
    doc.not_set = MustBeChosen(*values) ? "refused" : values->value(0)->name();
  } else if (doc.what.find("above 0") != doc.what.npos || doc.what.starts_with("not 0")) {
    doc.not_set = "refused";
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    doc.not_set = "false";
  } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    doc.not_set = "0";
  }
  return doc;
}

/// One line for each enum value that has a comment: "VALUE: its comment".
std::string ValueDocs(const EnumDescriptor& values) {
  std::string lines;
  for (int i = 0; i < values.value_count(); ++i) {
    const std::string comment = CommentOf(*values.value(i));
    if (comment.empty()) continue;
    lines += (lines.empty() ? "" : "<br>") + values.value(i)->name() + ": " + Cell(comment);
  }
  return lines;
}

std::string AttributeRows(const std::string& fault, const Descriptor& attributes) {
  std::string rows;
  for (int i = 0; i < attributes.field_count(); ++i) {
    const FieldDescriptor& field = *attributes.field(i);
    const FieldDoc doc = DocOf(field);
    std::string what = Cell(doc.what);
    if (field.enum_type()) {
      const std::string values = ValueDocs(*field.enum_type());
      what += (what.empty() || values.empty() ? "" : "<br>") + values;
    }
    rows += Row(
        {Code(fault), Code(field.name()), TypeOf(field), UnitOf(field), Cell(doc.not_set), what});
  }
  return rows;
}

/// For each fault, by name, the presets that use it.
Result<std::map<std::string, std::string>> PresetsOfFaults() {
  std::map<std::string, std::string> presets;
  for (const std::string& name : PresetNames()) {
    const auto plan = ParseMessage<v1::FaultPlan>(name, *PresetText(name));
    if (!plan) return BadInput(plan.error());
    for (const v1::Fault& fault : plan->fault()) {
      const auto* field = v1::Fault::descriptor()->FindFieldByNumber(fault.kind_case());
      std::string& list = presets[field->name()];
      if (!list.ends_with(Code(name))) list += (list.empty() ? "" : ", ") + Code(name);
    }
  }
  return presets;
}

}  // namespace

Result<std::string> FaultTable() {
  const auto schema = CommentedSchema::Load();
  if (!schema) return tl::unexpected(schema.error());
  auto presets = PresetsOfFaults();
  if (!presets) return tl::unexpected(presets.error());
  const Descriptor* fault = schema->Message("Fault");
  const auto* kinds = fault->FindOneofByName("kind");
  std::string table = kHead;
  for (int i = 0; i < kinds->field_count(); ++i) {
    const FieldDescriptor& kind = *kinds->field(i);
    const std::string what = Cell(CommentOf(*kind.message_type()));
    table += Row({"**" + Code(kind.name()) + "**", "", "", "", "",
                  what + " Presets: " + (*presets)[kind.name()] + "."});
    table += AttributeRows(kind.name(), *kind.message_type());
  }
  const Descriptor* when = schema->Message("Trigger");
  table += Row({"**`when`**", "", "", "", "", Cell(CommentOf(*when))});
  return table + AttributeRows("when", *when);
}

}  // namespace zlayer::fakes::daemon
