#include "proto/explain_parse_error.h"

#include <algorithm>
#include <set>
#include <vector>

#include "proto/message_file.h"

namespace zlayer {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

/// `root` and every message type that a message of this type can contain.
std::set<const Descriptor*> ReachableTypes(const Descriptor* root) {
  std::set<const Descriptor*> seen;
  std::vector<const Descriptor*> pending{root};
  while (!pending.empty()) {
    const Descriptor* type = pending.back();
    pending.pop_back();
    if (!seen.insert(type).second) continue;
    for (int i = 0; i < type->field_count(); ++i) {
      if (const Descriptor* child = type->field(i)->message_type()) pending.push_back(child);
    }
  }
  return seen;
}

std::vector<std::string> FieldNames(const Descriptor* type) {
  std::vector<std::string> names;
  for (int i = 0; i < type->field_count(); ++i) names.push_back(type->field(i)->name());
  return names;
}

void AddNames(const EnumDescriptor* values, std::vector<std::string>* names) {
  for (int i = 0; i < values->value_count(); ++i) names->push_back(values->value(i)->name());
}

/// The values of the enums of all fields named `field` below `root`: the text parser's message
/// names the field without its message.
std::vector<std::string> EnumNames(const Descriptor* root, std::string_view field) {
  std::vector<std::string> names;
  for (const Descriptor* type : ReachableTypes(root)) {
    const FieldDescriptor* found = type->FindFieldByName(std::string(field));
    if (found && found->enum_type()) AddNames(found->enum_type(), &names);
  }
  return names;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& valid) {
  const std::string nearest = NearestName(word, valid);
  if (!nearest.empty()) return "; did you mean \"" + nearest + "\"?";
  std::string list;
  for (const std::string& name : valid) list += (list.empty() ? "; valid: " : ", ") + name;
  return list;
}

std::string UnknownField(const std::string& word, const Descriptor* type) {
  return "unknown field \"" + word + "\" in " + type->name() + DidYouMean(word, FieldNames(type));
}

/// The parts of `text` between double quotes.
std::vector<std::string> QuotedWords(std::string_view text) {
  std::vector<std::string> words;
  for (size_t open = text.find('"'); open != text.npos;) {
    const size_t close = text.find('"', open + 1);
    if (close == text.npos) break;
    words.emplace_back(text.substr(open + 1, close - open - 1));
    open = text.find('"', close + 1);
  }
  return words;
}

/// The last field of `path`, such as `code` of fault[0].exit.code; null if there is none.
const FieldDescriptor* FieldAt(const Descriptor* type, std::string_view path) {
  for (;;) {
    const size_t dot = path.find('.');
    const std::string_view name = path.substr(0, std::min(dot, path.find('[')));
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (!field || dot == path.npos) return field;
    type = field->message_type();
    if (!type) return nullptr;
    path.remove_prefix(dot + 1);
  }
}

/// The name of the field whose value begins where `before` ends: the word before the last colon.
std::string FieldBefore(std::string_view before) {
  const size_t colon = before.rfind(':');
  if (colon == before.npos) return "";
  const auto is_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  size_t end = colon;
  while (end > 0 && before[end - 1] == ' ') --end;
  size_t begin = end;
  while (begin > 0 && is_name(before[begin - 1])) --begin;
  return std::string(before.substr(begin, end - begin));
}

/// The message for a value of the wrong type, which protobuf reports without its field; empty for
/// other messages.
std::string WrongType(std::string_view message, std::string_view before) {
  const auto in_field = [&](const std::string& what) {
    const std::string field = FieldBefore(before);
    return field.empty() ? "" : "field \"" + field + "\": " + what;
  };
  const std::string_view range = "Integer out of range (";
  if (message.starts_with(range) && message.ends_with(')')) {
    message.remove_prefix(range.size());
    const std::string value(message.substr(0, message.size() - 1));
    return in_field(value + " is out of range");
  }
  for (const std::string type : {"integer", "integer or identifier", "double", "string"}) {
    const std::string words = "Expected " + type + ", got: ";
    if (!message.starts_with(words)) continue;
    const std::string value(message.substr(words.size()));
    return in_field("expected " + type + ", got: " + value);
  }
  return "";
}

/// At the end of the file protobuf quotes an empty word.
std::string WithEndNamed(std::string message) {
  if (message.ends_with("got: ")) return message + "the end of the file";
  const std::string_view nothing = "found \"\".";
  if (!message.ends_with(nothing)) return message;
  message.resize(message.size() - nothing.size());
  return message + "found the end of the file";
}

/// `place` is "(path) word", or only the word if the field is in the root. A word may contain
/// spaces.
std::string UnknownJsonField(std::string_view place, const Descriptor* root) {
  const size_t end = place.starts_with('(') ? place.find(") ") : place.npos;
  const std::string word(end == place.npos ? place : place.substr(end + 2));
  const FieldDescriptor* parent = nullptr;
  if (end != place.npos) parent = FieldAt(root, place.substr(1, end - 1));
  return UnknownField(word, parent && parent->message_type() ? parent->message_type() : root);
}

/// `what` is "VALUE for type T". The result names the schema's type of the field at `path` instead
/// of T, which is protobuf's own name; without such a field it has only the value.
std::string InvalidJsonValue(std::string_view path, std::string_view what, const Descriptor* root) {
  const std::string where = std::string(path) + ": ";
  const std::string value(what.substr(0, what.rfind(" for type ")));
  const FieldDescriptor* field = FieldAt(root, path);
  if (!field || what.ends_with(" for type oneof")) return where + value;
  if (!field->enum_type()) return where + "expected " + field->type_name() + ", got: " + value;
  const std::vector<std::string> words = QuotedWords(value);
  std::vector<std::string> names;
  AddNames(field->enum_type(), &names);
  const std::string& word = words.empty() ? value : words.front();
  return where + "unknown value \"" + word + "\"" + DidYouMean(word, names);
}

}  // namespace

std::string ExplainText(const std::string& message, std::string_view before,
                        const Descriptor* root) {
  const std::vector<std::string> words = QuotedWords(message);
  if (words.size() >= 2 && message.find("has no field named") != message.npos) {
    for (const Descriptor* type : ReachableTypes(root)) {
      if (type->full_name() == words[0]) return UnknownField(words[1], type);
    }
  }
  if (words.size() >= 2 && message.find("nknown enumeration value") != message.npos) {
    return "unknown value \"" + words[0] + "\" for field \"" + words[1] + "\"" +
           DidYouMean(words[0], EnumNames(root, words[1]));
  }
  const std::string wrong = WrongType(message, before);
  return WithEndNamed(wrong.empty() ? message : wrong);
}

std::string ExplainJson(const std::string& message, const Descriptor* root) {
  const std::string_view all = message;
  const size_t unknown = all.rfind(": Cannot find field.");
  const size_t invalid = all.find("): invalid value ");
  if (unknown != all.npos) return UnknownJsonField(all.substr(0, unknown), root);
  if (!all.starts_with('(') || invalid == all.npos) return message;
  return InvalidJsonValue(all.substr(1, invalid - 1), all.substr(all.find("value ") + 6), root);
}

}  // namespace zlayer
