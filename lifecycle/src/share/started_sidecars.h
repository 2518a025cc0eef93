// The sidecars that a lifecycle has started and whose end no Shutdown has reported yet.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "lifecycle/src/share/sidecar.h"
#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::sidecar {

/// Every sidecar that a caller can have got is added here, so that Shutdown waits for it. It stays
/// until one caller of WaitForEnd has reported its end, so that all callers at once wait for it.
///
/// Thread-safety: any thread.
class StartedSidecars {
 public:
  void Add(const std::shared_ptr<Sidecar>& sidecar);

  /// Waits until every sidecar that nobody holds is reaped. Those that are held stay here, for a
  /// later call. Returns how the newest one ended whose end no other call has reported; empty if
  /// there was none. Error: cancelled, if one has not ended by `deadline`. Then all stay here.
  Result<std::optional<StopReport>> WaitForEnd(Deadline deadline);

 private:
  /// `sidecar` expires when nobody holds it any more; `process` (null if the sidecar is remote)
  /// then tells when and how it ended.
  struct Started {
    std::weak_ptr<Sidecar> sidecar;
    std::shared_ptr<SidecarProcess> process;
    std::uint64_t number;
  };

  std::vector<Started> Released() const;

  mutable std::mutex mutex_;
  std::vector<Started> started_;  // oldest first; guarded by mutex_
  std::uint64_t added_ = 0;       // guarded by mutex_
};

}  // namespace zlayer::sidecar
