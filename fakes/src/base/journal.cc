#include "fakes/src/base/journal.h"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/base/stdio_write.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {

Result<void> Journal::Open(const std::string& path, std::string_view origin) {
  file_.Reset(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!file_) {
    return BadInput(std::string(origin) + path + ": cannot be opened: " + std::strerror(errno));
  }
  return {};
}

void Journal::SetFollower(Follower follower) {
  const std::lock_guard lock(order_);
  has_follower_ = follower != nullptr;
  follower_ = std::move(follower);
}

pid_t Journal::Fork() {
  const std::lock_guard lock(order_);  // in the child, its only thread gives the lock back
  return fork();
}

void Journal::WriteEntry(void (*fill)(void*, v1::JournalEntry&), void* context) {
  v1::JournalEntry entry;
  fill(context, entry);
  entry.set_pid(getpid());
  const std::string loss = Append(entry);
  // Not under the lock: a broken stderr ends the process, which journals that.
  if (!loss.empty()) WriteAll(STDERR_FILENO, loss);
}

std::string Journal::Append(v1::JournalEntry& entry) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string line;
  const std::lock_guard lock(order_);
  entry.set_monotonic_ns(MonotonicNs());
  // Printing fails only for an Any of unknown type, and a JournalEntry has none.
  (void)google::protobuf::util::MessageToJsonString(entry, &line, options);
  line += '\n';
  if (follower_) follower_(line);
  if (!file_) return "";
  ssize_t written;
  while ((written = write(file_.get(), line.data(), line.size())) < 0 && errno == EINTR) {
  }
  if (written == static_cast<ssize_t>(line.size()) || has_loss_) return "";
  has_loss_ = true;
  const char* reason = written < 0 ? std::strerror(errno) : "only a part was written";
  return std::string("fake-zlayer-buildd: the journal: an entry is lost: ") + reason + "\n";
}

}  // namespace zlayer::fakes::daemon
