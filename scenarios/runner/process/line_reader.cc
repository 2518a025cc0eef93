#include "scenarios/runner/process/line_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace zlayer::scenarios {

LineReader::LineReader(UniqueFd from, std::function<void(std::string_view line)> take)
    : from_(std::move(from)),
      ended_(eventfd(0, EFD_CLOEXEC)),
      take_(std::move(take)),
      thread_([this] { Run(); }) {}

LineReader::~LineReader() {
  eventfd_write(ended_.get(), 1);
  thread_.join();
}

/// Reads what is there; false at the end.
bool LineReader::Read() {
  char bytes[4096];
  for (;;) {
    const ssize_t got = read(from_.get(), bytes, sizeof bytes);
    if (got == 0) return false;
    if (got < 0) return true;  // nothing for now
    for (const char c : std::string_view(bytes, static_cast<size_t>(got))) {
      if (c == '\n') {
        take_(line_);
        line_.clear();
      } else if (line_.size() < kLongest) {
        line_ += c;
      }
    }
  }
}

void LineReader::Run() {
  fcntl(from_.get(), F_SETFL, O_NONBLOCK);
  for (bool ended = false; !ended;) {
    pollfd ready[] = {{from_.get(), POLLIN, 0}, {ended_.get(), POLLIN, 0}};
    poll(ready, 2, -1);
    ended = ready[1].revents != 0 || !Read();
  }
  Read();
  if (!line_.empty()) take_(line_);
}

}  // namespace zlayer::scenarios
