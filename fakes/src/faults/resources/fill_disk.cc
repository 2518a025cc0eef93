// Fault `fill_disk`: writes a large temporary file.

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "fakes/src/base/unique_fd.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/resources/write_fully.h"
#include "fakes/src/process/leave.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::uint32_t kGreatestMib = 1'024;
constexpr size_t kMib = 1 << 20;

Reach ReachOf(const v1::Fault& fault) { return {.stage = StageOf(fault.fill_disk().phase())}; }

Mistake Check(const v1::Fault& fault) {
  const std::uint32_t mib = fault.fill_disk().mib();
  if (mib == 0 || mib > kGreatestMib) return {"mib", "must be 1 to 1024"};
  return {};
}

/// A temporary file that is already unlinked: the kernel frees it when the process ends, even after
/// SIGKILL.
UniqueFd UnlinkedFile() {
  const char* directory = getenv("TMPDIR");
  std::string path = directory && *directory ? directory : "/tmp";
  path += "/fake-zlayer-buildd-XXXXXX";
  UniqueFd file(mkostemp(path.data(), O_CLOEXEC));
  if (file) unlink(path.c_str());
  return file;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const v1::FillDisk& fill = fault.fill_disk();
  peer.Add(fill.phase(), trigger, [mib = fill.mib(), trigger](Start& start, const Waiter& wait) {
    if (!trigger->Take()) return;
    UniqueFd file = UnlinkedFile();
    if (!file) {
      Leave(start.journal, kExitStartFailed,
            std::string("cannot fill the disk: ") + std::strerror(errno));
    }
    const std::string block(kMib, 'x');
    for (std::uint32_t written = 0; written < mib; ++written) {
      if (ShouldStop(wait)) return;
      if (!WriteFully(file.get(), block)) break;
    }
    file.Release();  // stays open until the process ends
    trigger->Fired();
  });
}

}  // namespace

const FaultKind kFillDiskFault = {"fill_disk", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
