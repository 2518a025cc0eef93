// Output for a terminal or a file: colours, and a status line that changes, only on a terminal.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::tools {

/// Writes to stdout. Colours and progress only on a terminal, colours not with NO_COLOR.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// A line that stays.
  void Line(std::string_view text);

  /// Shows a status line below the last line until the next call. Does nothing if stdout is not a
  /// terminal.
  void Progress(std::string_view text);

  std::string Green(std::string_view text) const { return Coloured("32", text); }
  std::string Red(std::string_view text) const { return Coloured("31", text); }
  std::string Yellow(std::string_view text) const { return Coloured("33", text); }
  std::string Bold(std::string_view text) const { return Coloured("1", text); }
  std::string Dim(std::string_view text) const { return Coloured("2", text); }

 private:
  std::string Coloured(std::string_view code, std::string_view text) const;
  void ClearProgress();

  bool is_terminal_;
  bool colours_;
  size_t width_;  // columns
  bool progress_shown_ = false;
};

}  // namespace zlayer::tools
