#include "fakes/src/base/journal.h"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/base/stdio_write.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {

Result<void> Journal::Open(const std::string& path) {
  file_.Reset(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!file_) {
    return BadInput("ZLAYER_FAKE_JOURNAL=" + path + ": cannot be opened: " + std::strerror(errno));
  }
  return {};
}

void Journal::WriteEntry(void (*fill)(void*, v1::JournalEntry&), void* context) {
  v1::JournalEntry entry;
  fill(context, entry);
  entry.set_pid(getpid());

  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string line;
  const std::lock_guard lock(order_);
  entry.set_monotonic_ns(MonotonicNs());
  // Printing fails only for an Any of unknown type, and a JournalEntry has none.
  (void)google::protobuf::util::MessageToJsonString(entry, &line, options);
  line += '\n';
  ssize_t written;
  while ((written = write(file_.get(), line.data(), line.size())) < 0 && errno == EINTR) {
  }
  if (written != static_cast<ssize_t>(line.size()) && !has_loss_) {
    has_loss_ = true;
    const char* reason = written < 0 ? std::strerror(errno) : "only a part was written";
    WriteAll(
        STDERR_FILENO,
        std::string("fake-zlayer-buildd: ZLAYER_FAKE_JOURNAL: an entry is lost: ") + reason + "\n");
  }
}

}  // namespace zlayer::fakes::daemon
