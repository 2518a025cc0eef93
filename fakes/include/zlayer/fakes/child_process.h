// A program that a test starts, such as the client under test: its pipes, its end, its process id.
//
//   auto client = ChildProcess::Start({.argv = {"/usr/bin/my-client", "up"},
//                                      .environment = directory->Environment(),
//                                      .out = kPipe});
//   if (!client) return Fail(client.error().message);
//   auto ready = client->ReadLine();
//   if (!ready) return Fail(ready.error().message);
//   auto end = client->Stop();
//   if (end && *end != ProcessEnd::WithCode(0)) return Fail("it ended with " + end->Text());

#pragma once

#include <sys/types.h>

#include <chrono>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zlayer/fakes/error.h"

namespace zlayer::fakes {

/// How a process ended: one of `code` and `signal` is set. Neither: something else in this process
/// reaped it, or SIGCHLD is ignored.
struct ProcessEnd {
  std::optional<int> code = {};
  std::optional<int> signal = {};
  bool killed = false;  ///< by Stop(), after the grace

  static ProcessEnd WithCode(int code) { return {.code = code}; }
  static ProcessEnd BySignal(int signal) { return {.signal = signal}; }

  bool operator==(const ProcessEnd&) const = default;
  std::string Text() const;  ///< such as "code 124" or "signal 9"
};
std::ostream& operator<<(std::ostream& out, const ProcessEnd& end);

/// What a child's stdin, stdout or stderr is, where it is no descriptor of this process.
inline constexpr int kDevNull = -1;
inline constexpr int kPipe = -2;  ///< for Write(), or for ReadLine() and the other reads

struct ChildOptions {
  std::vector<std::string> argv;  ///< the path of the program first
  bool search_path = false;       ///< look for a program without a slash in $PATH
  std::map<std::string, std::string> environment = {};
  bool exact_environment = false;  ///< `environment` is all; false: it goes over this process's own
  /// kDevNull, kPipe or a descriptor, which stays the caller's; STDERR_FILENO shares this process's
  /// stderr.
  int in = kDevNull;
  int out = kDevNull;
  int err = kDevNull;
  bool own_group = false;  ///< leader of a process group; false: in this process's group
  /// Every signal is blocked, and what this process ignores is ignored. False: nothing is blocked
  /// and nothing ignored, whatever this process does.
  bool block_signals = false;
};

/// One of a child's two streams.
enum class Output { out, err };

/// When a read gives up.
struct ReadBounds {
  std::chrono::milliseconds limit = kDefaultLimit;
  size_t longest = size_t{1} << 20;  ///< bytes, the end that is looked for included
  /// Give up when the process has ended, though a child of its own still holds the pipe open.
  bool while_it_runs = false;
};

/// Killed by SIGKILL and reaped with its owner; children of its own are not. The process that uses
/// this must not reap children that it does not know. One thread at a time, but for Write().
class ChildProcess {
 public:
  /// Returns as soon as the process runs. io: the program and why it cannot be started.
  [[nodiscard]] static Result<ChildProcess> Start(const ChildOptions& options);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;
  ~ChildProcess();

  /// Not to be signalled any more once its end was reported.
  pid_t pid() const;
  /// Readable once it has ended. Valid as long as this object.
  int pidfd() const;
  /// True: it still runs after `span`. Does not reap it.
  bool RunsFor(std::chrono::milliseconds span) const;

  /// The next line without its newline; it is taken off Text(). timeout, ended (the pipe has its
  /// end of file, or see ReadBounds) and malformed (the line is too long) name what came instead.
  [[nodiscard]] Result<std::string> ReadLine(const ReadBounds& bounds = {},
                                             Output from = Output::out);
  /// What came up to and with the first `end`; it stays in Text(). Errors as above.
  [[nodiscard]] Result<std::string> ReadUntil(std::string_view end, const ReadBounds& bounds = {},
                                              Output from = Output::out);
  /// Reads `bytes` beyond Text() and forgets them. False: they did not come in time.
  [[nodiscard]] bool Skip(size_t bytes, Output from,
                          std::chrono::milliseconds limit = kDefaultLimit);
  /// Reads until every writer has closed the pipe. False: one has it open after the limit.
  [[nodiscard]] bool PipeEnds(Output from, std::chrono::milliseconds limit = kDefaultLimit);
  /// What was read and not taken.
  const std::string& Text(Output from) const;

  /// Writes all of `text` to stdin, a socket. Never blocks and never raises SIGPIPE; false: the
  /// child is gone, or has not read what it got before. From any thread.
  [[nodiscard]] bool Write(std::string_view text) const;
  /// Gives the child the end of its stdin.
  void CloseIn();
  /// Goes away as a reader: what the child writes from now on fails.
  void Close(Output from);

  /// Does nothing once its end was reported.
  void Signal(int number) const;
  /// How it ended; reaps it. Reads no pipe: a child that has more to say than a pipe holds, 64 KiB,
  /// may not end. timeout.
  [[nodiscard]] Result<ProcessEnd> WaitForEnd(std::chrono::milliseconds limit = kDefaultLimit);
  /// The same; until then it reads both pipes, for Text(). timeout.
  [[nodiscard]] Result<ProcessEnd> ReadToEnd(std::chrono::milliseconds limit = kDefaultLimit);
  /// SIGTERM, and SIGKILL when it still runs after the grace. Its end again when it has ended
  /// before.
  Result<ProcessEnd> Stop(std::chrono::milliseconds grace = std::chrono::milliseconds(2'000));

 private:
  struct State;
  explicit ChildProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zlayer::fakes
