#include "proto/message_file.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <set>

namespace zlayer {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row.back();
}

/// Every message type that a message of type `root` can contain, itself included.
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

/// The values of every enum that a field named `field` below `root` has.
std::vector<std::string> EnumNames(const Descriptor* root, std::string_view field) {
  std::vector<std::string> names;
  for (const Descriptor* type : ReachableTypes(root)) {
    const FieldDescriptor* found = type->FindFieldByName(std::string(field));
    if (!found || !found->enum_type()) continue;
    for (int i = 0; i < found->enum_type()->value_count(); ++i) {
      names.push_back(found->enum_type()->value(i)->name());
    }
  }
  return names;
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

std::string DidYouMean(std::string_view word, const std::vector<std::string>& valid) {
  const std::string nearest = NearestName(word, valid);
  if (!nearest.empty()) return "; did you mean \"" + nearest + "\"?";
  std::string list;
  for (const std::string& name : valid) list += (list.empty() ? "; valid: " : ", ") + name;
  return list;
}

std::string ShortName(std::string_view full_name) {
  return std::string(full_name.substr(full_name.rfind('.') + 1));
}

/// protobuf's words, made into ours where they name a field or a value that does not exist.
std::string Explain(const std::string& message, const Descriptor* root) {
  const std::vector<std::string> words = QuotedWords(message);
  if (words.size() >= 2 && message.find("has no field named") != message.npos) {
    for (const Descriptor* type : ReachableTypes(root)) {
      if (type->full_name() != words[0]) continue;
      return "unknown field \"" + words[1] + "\" in " + ShortName(words[0]) +
             DidYouMean(words[1], FieldNames(type));
    }
  }
  if (words.size() >= 2 && message.find("nknown enumeration value") != message.npos) {
    return "unknown value \"" + words[0] + "\" for field \"" + words[1] + "\"" +
           DidYouMean(words[0], EnumNames(root, words[1]));
  }
  return message;
}

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  FirstError(std::string_view name, const Descriptor* root) : name_(name), root_(root) {}

  // The column is left out: protobuf gives the one behind the word in question.
  void AddError(int line, int /*column*/, const std::string& message) override {
    if (!error_.empty()) return;
    error_ = name_;
    if (line >= 0) error_ += ":" + std::to_string(line + 1);
    error_ += ": " + Explain(message, root_);
  }

  const std::string& error() const { return error_; }

 private:
  std::string name_;
  const Descriptor* root_;
  std::string error_;
};

/// protobuf's JSON errors name the offending key as "(path.key) ..." or "key: Cannot find field.";
/// the nearest name is looked for among all names that the message can contain.
std::string ExplainJson(const std::string& message, const Descriptor* root) {
  const std::string_view marker = ": Cannot find field.";
  const size_t end = message.find(marker);
  if (end == message.npos) {
    return message;
  }
  size_t begin = message.rfind(' ', end);
  begin = begin == message.npos ? 0 : begin + 1;
  const std::string word = message.substr(begin, end - begin);
  std::vector<std::string> names;
  for (const Descriptor* type : ReachableTypes(root)) {
    for (std::string& name : FieldNames(type)) names.push_back(std::move(name));
  }
  return "unknown field \"" + word + "\"" + DidYouMean(word, names);
}

/// protobuf's messages have line breaks of their own, and those of the words that they quote.
std::string OneLine(std::string message) {
  std::replace_if(
      message.begin(), message.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return message;
}

}  // namespace

std::string NearestName(std::string_view word, const std::vector<std::string>& valid) {
  std::string lower(word);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& name : valid) {
    std::string candidate = name;
    for (char& c : candidate) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const size_t distance = EditDistance(lower, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

tl::expected<std::string, FileError> ReadFile(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) return tl::unexpected(path + ": cannot be read: " + std::strerror(errno));
  std::string content;
  char chunk[4096];
  while (const size_t got = std::fread(chunk, 1, sizeof chunk, file.get())) {
    content.append(chunk, got);
  }
  if (std::ferror(file.get())) {
    return tl::unexpected(path + ": cannot be read: " + std::strerror(errno));
  }
  return content;
}

tl::expected<void, FileError> ParseMessageInto(std::string_view name, std::string_view text,
                                               google::protobuf::Message* message) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first != text.npos && text[first] == '{') {
    const auto status = google::protobuf::util::JsonStringToMessage(
        google::protobuf::StringPiece(text.data(), text.size()), message);
    if (status.ok()) return {};
    const auto words = ExplainJson(status.message().ToString(), message->GetDescriptor());
    return tl::unexpected(std::string(name) + ": " + OneLine(words));
  }
  FirstError errors(name, message->GetDescriptor());
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  if (parser.ParseFromString(std::string(text), message)) return {};
  return tl::unexpected(OneLine(errors.error()));
}

}  // namespace zlayer
