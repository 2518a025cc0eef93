// What a terminal can show that a file should not hold: colours and a line that changes.

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

  /// Shown below the last line until the next call; nothing when stdout is no terminal.
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
