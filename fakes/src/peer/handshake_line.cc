#include "fakes/src/peer/handshake_line.h"

#include <unistd.h>

#include "fakes/src/base/stdio_write.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {

void JournalPrinted(Journal& journal, std::string_view head, std::uint64_t size) {
  journal.Write([&](v1::JournalEntry& entry) {
    entry.mutable_printed()->set_head(std::string(head.substr(0, 256)));
    entry.mutable_printed()->set_size(size);
  });
}

AfterLine PrintHonestLine(Start& start) {
  // The deployed daemon prints an IPv6 address without brackets.
  const std::string line = "LISTENING " + start.listener.host + ":" + start.listener.port + "\n";
  JournalPrinted(start.journal, line, line.size());
  WriteAll(STDOUT_FILENO, line);
  return AfterLine::serve;
}

}  // namespace zlayer::fakes::daemon
