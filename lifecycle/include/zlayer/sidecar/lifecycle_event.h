// What a log of a SidecarLifecycle would tell. See LifecycleOptions::on_event.
//
//   options.on_event = [](const LifecycleEvent& event) {
//     Log("{}: {}", LifecycleEventName(event.kind), event.text);
//   };

#pragma once

#include <string>
#include <string_view>

namespace zlayer::sidecar {

/// A value type; owns its text. The loss of a sidecar is no event: LifecycleOptions::on_lost tells
/// it.
struct LifecycleEvent {
  enum class Kind {
    started,                ///< a sidecar is up: its address and process id
    restarted,              ///< as started, after a sidecar that was lost or a start that failed
    certificates_replaced,  ///< a new TLS set took the place of another one: why
    escalated,  ///< a sidecar did not end within its grace and got SIGKILL: how it ended
    gave_up,    ///< too many failures in a row, no start for now: the cause, how long
  };

  Kind kind;
  /// One line for a person. Does not contain the name of `kind`.
  std::string text;
};

/// Returns the enumerator's name, such as "restarted". The text has static storage.
std::string_view LifecycleEventName(LifecycleEvent::Kind kind);

}  // namespace zlayer::sidecar
