#include "proto/message_file.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>

#include "proto/explain_parse_error.h"

namespace zlayer {
namespace {

using google::protobuf::Descriptor;

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

/// The beginning of `text` up to this line and column, both counted from 0. protobuf's tokenizer
/// counts a tab as the step to the next multiple of eight.
std::string_view UpTo(std::string_view text, int line, int column) {
  constexpr int kTab = 8;
  size_t end = 0;
  for (; line > 0; --line) end = text.find('\n', end) + 1;
  for (int at = 0; at < column && end < text.size(); ++end) {
    at += text[end] == '\t' ? kTab - at % kTab : 1;
  }
  return text.substr(0, end);
}

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  FirstError(std::string_view name, std::string_view text, const Descriptor* root)
      : name_(name), text_(text), root_(root) {}

  // The message leaves out the column: protobuf reports the one behind the wrong word. Later errors
  // are often consequences of the first, so only the first is kept.
  void AddError(int line, int column, const std::string& message) override {
    if (!error_.empty()) return;
    error_ = name_;
    if (line >= 0) error_ += ":" + std::to_string(line + 1);
    error_ += ": " + ExplainText(message, UpTo(text_, line, column), root_);
  }

  const std::string& error() const { return error_; }

 private:
  std::string name_;
  std::string_view text_;
  const Descriptor* root_;
  std::string error_;
};

/// protobuf's messages contain line breaks, and quote words of the file with whatever bytes they
/// have.
std::string OneLine(std::string message) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
    if (std::iscntrl(static_cast<unsigned char>(c))) c = '?';
  }
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

tl::expected<std::string, FileError> ReadFile(const std::string& path, size_t largest) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) return tl::unexpected(path + ": cannot be read: " + std::strerror(errno));
  std::string content;
  char chunk[4096];
  while (const size_t got = std::fread(chunk, 1, sizeof chunk, file.get())) {
    content.append(chunk, got);
    if (content.size() > largest) {
      return tl::unexpected(path + ": is larger than " + std::to_string(largest >> 20) + " MiB");
    }
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
  FirstError errors(name, text, message->GetDescriptor());
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  if (parser.ParseFromString(std::string(text), message)) return {};
  return tl::unexpected(OneLine(errors.error()));
}

}  // namespace zlayer
