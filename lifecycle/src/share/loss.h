// How a sidecar that was up was lost: the reason that LifecycleOptions::on_lost gets.

#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "lifecycle/src/connect/tls_relay.h"
#include "lifecycle/src/supervise/sidecar_process.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Made at a start; part of the Sidecar and of its on_lost callback. It may wait long for on_lost
/// to return from an earlier call, so it owns neither the process nor the connection, whose
/// descriptors would stay open, but copies what it needs of them.
///
/// Thread-safety: any thread.
class Loss {
 public:
  /// What was noticed first.
  enum class First {
    nothing,           // it is not lost
    announcement,      // GOAWAY: it is about to leave
    connection_ended,  // without an announcement
    process_ended
  };

  /// `process`: null if the sidecar is remote.
  static std::shared_ptr<Loss> Of(const std::shared_ptr<SidecarProcess>& process,
                                  const std::shared_ptr<TlsRelay>& relay, std::string address);

  /// Records what has been noticed by now. Call it once, on the loop's thread, as soon as the
  /// sidecar is lost.
  void Happened();

  First first() const { return first_.load(std::memory_order_acquire); }

  /// How long it was up. Only valid once it has happened.
  Clock::duration lived() const { return lived_; }

  /// sidecar_lost, with what was seen. The ends of a connection and of its process become known one
  /// after the other, so this waits up to 250 ms for the end of the process.
  LifecycleError Why() const;

 private:
  Loss(const std::shared_ptr<SidecarProcess>& process, const std::shared_ptr<TlsRelay>& relay,
       std::string address)
      : has_process_(process != nullptr),
        process_(process),
        relay_(relay),
        address_(std::move(address)) {}

  void ProcessEnded(const StopReport& end, std::string stderr_tail);
  std::optional<StopReport> AwaitProcess() const;
  std::string StderrTail() const;

  const bool has_process_;
  const std::weak_ptr<SidecarProcess> process_;
  const std::weak_ptr<TlsRelay> relay_;
  const std::string address_;
  const Deadline since_ = Clock::now();
  Clock::duration lived_{};  // set before first_
  std::string reason_;       // of the connection's end; set before first_
  std::atomic<First> first_{First::nothing};
  mutable std::mutex mutex_;
  mutable std::condition_variable process_ended_;
  // Guarded by mutex_.
  std::optional<StopReport> end_;  // of the process
  std::string stderr_tail_;        // set with end_
};

}  // namespace zlayer::sidecar
