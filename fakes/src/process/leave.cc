#include "fakes/src/process/leave.h"

#include <unistd.h>

#include "fakes/src/base/before_end.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {

void Leave(Journal& journal, int code, const std::string& reason) {
  journal.Write([&](v1::JournalEntry& entry) {
    entry.mutable_exiting()->set_code(code);
    entry.mutable_exiting()->set_reason(reason);
  });
  RunBeforeEnd();
  _exit(code);
}

}  // namespace zlayer::fakes::daemon
