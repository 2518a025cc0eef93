// How a sidecar that was up was lost: the reason that LifecycleOptions::on_lost gets.

#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "lifecycle/src/connect/tls_relay.h"
#include "lifecycle/src/supervise/sidecar_process.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Made at a start; part of the Sidecar and of its on_lost callback.
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
  Loss(std::shared_ptr<SidecarProcess> process, std::shared_ptr<TlsRelay> relay,
       std::string address)
      : process_(std::move(process)), relay_(std::move(relay)), address_(std::move(address)) {}

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
  const std::shared_ptr<SidecarProcess> process_;
  const std::shared_ptr<TlsRelay> relay_;
  const std::string address_;
  const Deadline since_ = Clock::now();
  Clock::duration lived_{};  // set before first_
  std::atomic<First> first_{First::nothing};
};

}  // namespace zlayer::sidecar
