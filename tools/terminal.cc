#include "tools/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace zlayer::tools {
namespace {

size_t Columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

/// Errors are ignored: if nobody reads the output any more, the run still goes to its end. See
/// StopSignals for SIGPIPE.
void Write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

bool ColoursWanted() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

}  // namespace

Terminal::Terminal()
    : is_terminal_(isatty(STDOUT_FILENO) == 1),
      colours_(is_terminal_ && ColoursWanted()),
      width_(Columns()) {}

Terminal::~Terminal() { ClearProgress(); }

void Terminal::Line(std::string_view text) {
  ClearProgress();
  Write(fmt::format("{}\n", text));
}

void Terminal::Progress(std::string_view text) {
  if (!is_terminal_) return;
  ClearProgress();
  Write(text.substr(0, width_ - 1));  // a full line would wrap
  progress_shown_ = true;
}

void Terminal::ClearProgress() {
  if (!progress_shown_) return;
  Write("\r\x1b[K");
  progress_shown_ = false;
}

std::string Terminal::Coloured(std::string_view code, std::string_view text) const {
  if (!colours_) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace zlayer::tools
