#include "fakes/src/upstream/program_arguments.h"

#include <unistd.h>

#include <string_view>

namespace zlayer::fakes::daemon {
namespace {

constexpr char kOwnPort[] = "127.0.0.1:0";

/// The flag's name without its one or two dashes; empty when `word` is no flag. "--" ends the
/// flags.
std::string_view FlagIn(std::string_view word) {
  if (!word.starts_with('-')) return "";
  word.remove_prefix(word.starts_with("--") ? 2 : 1);
  return word;
}

}  // namespace

std::vector<std::string> UpstreamArguments(const std::string& path, const char* const* argv) {
  std::vector<std::string> words = {path};
  bool has_bind = false;
  bool listens = true;
  size_t value = 0;  // the place of the value of the flag before; 0: a flag may come
  bool flags = true;
  for (size_t i = 1; argv[i]; ++i) {
    words.emplace_back(argv[i]);
    if (!flags || i == value) continue;
    const std::string_view flag = FlagIn(argv[i]);
    flags = !flag.empty();
    const size_t equals = flag.find('=');
    const std::string_view name = flag.substr(0, equals);
    if (name == "bind") has_bind = true;
    if (name == "version") listens = false;
    if (name == "bind" && equals != flag.npos) words.back() = std::string("--bind=") + kOwnPort;
    if (equals != flag.npos || name == "version" || name == "help" || name == "h") continue;
    value = i + 1;
    if (name == "bind" && argv[value]) {
      words.emplace_back(kOwnPort);
      ++i;
    }
  }
  if (!has_bind && listens) words.insert(words.begin() + 1, std::string("--bind=") + kOwnPort);
  return words;
}

std::vector<std::string> UpstreamEnvironment() {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry; ++entry) {
    if (!std::string_view(*entry).starts_with("ZLAYER_FAKE_")) variables.emplace_back(*entry);
  }
  variables.push_back(std::string(kIsUpstream) + "=" + std::to_string(getpid()));
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace zlayer::fakes::daemon
