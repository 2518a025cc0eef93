// A fake zlayer-buildd for the length of a test.
//
//   auto fake = FakeBuildd::Start({.plan = "fault { ignore_signals {} }"});
//   if (!fake) return Fail(fake.error().message);
//   auto address = fake->Address();
//   if (!address) return Fail(address.error().message);
//   Dial(*address, fake->directory().Tls());
//   if (auto seen = fake->Journal().WaitFor("tls"); !seen) return Fail(seen.error().message);
//   auto end = fake->Stop();
//   if (end && end->killed) std::cout << "it ignored SIGTERM\n";
//
// A fault can come and go in the middle of a test:
//
//   auto flaky = FakeBuildd::Start({.control = true});
//   if (!flaky) return Fail(flaky.error().message);
//   auto busy = flaky->Arm("rpc { method: 'Build' code: 14 }");
//   if (!busy) return Fail(busy.error().message);
//   RunClient();
//   if (auto calm = flaky->Disarm(*busy); !calm) return Fail(calm.error().message);
//
// A client that starts the daemon by itself wants a FakeDirectory instead.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "zlayer/fakes/child_process.h"
#include "zlayer/fakes/error.h"
#include "zlayer/fakes/fake_control.h"
#include "zlayer/fakes/fake_directory.h"
#include "zlayer/fakes/journal_file.h"

namespace zlayer::fakes {

/// How a fake ended.
using FakeEnd = ProcessEnd;

/// Ended by SIGKILL, reaped and its directory removed with its owner. Its stderr goes to a file;
/// of its stdout the first line is read, and nothing behind it. The process that uses this must
/// not reap children that it does not know. Not synchronised.
class FakeBuildd {
 public:
  /// Returns as soon as the process runs. It listens on a port that the kernel chooses, with TLS
  /// material, storage and journal in a directory of its own. options_invalid, fake_not_found, io.
  [[nodiscard]] static Result<FakeBuildd> Start(const FakeOptions& options = {});
  FakeBuildd(FakeBuildd&&) noexcept;
  FakeBuildd& operator=(FakeBuildd&&) noexcept;
  ~FakeBuildd();

  const FakeDirectory& directory() const;
  /// Of the process; not to be signalled any more once its end was reported.
  pid_t pid() const;

  /// The first line of stdout, of at most 4,096 bytes, without its newline. timeout, ended,
  /// malformed, io.
  [[nodiscard]] Result<std::string> Line(std::chrono::milliseconds limit = kDefaultLimit);
  /// "127.0.0.1:port", from the honest line "LISTENING 127.0.0.1:port". As Line(). Returns when the
  /// fake handles stop signals: one that comes right behind the line can still kill it, as it can
  /// kill the deployed daemon.
  [[nodiscard]] Result<std::string> Address(std::chrono::milliseconds limit = kDefaultLimit);

  /// A wait in it ends at once when the fake has ended. Valid as long as this object.
  JournalFile Journal() const;
  /// Everything that it wrote to stderr until now: its logs.
  std::string Stderr() const;

  /// Arms one more fault, a Fault of fault_plan.proto as protobuf text or JSON, from the next
  /// occasion on: the next connection, RPC, Build or signal. Returns its index. Needs
  /// FakeOptions::control. options_invalid: why it is refused; nothing has changed.
  [[nodiscard]] Result<unsigned> Arm(std::string_view fault);
  /// Takes a fault out; what it has begun goes on. options_invalid: it is not armed.
  [[nodiscard]] Result<void> Disarm(unsigned index);
  /// Further requests.
  FakeControl Control() const;

  /// Does nothing once its end was reported.
  void Signal(int number) const;
  /// How it ended by itself, or by Signal(). timeout.
  [[nodiscard]] Result<FakeEnd> WaitForEnd(std::chrono::milliseconds limit = kDefaultLimit);
  /// SIGTERM, and SIGKILL when it still runs after the grace. Its end again when it has ended
  /// before.
  Result<FakeEnd> Stop(std::chrono::milliseconds grace = std::chrono::milliseconds(2'000));

 private:
  struct State;
  explicit FakeBuildd(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zlayer::fakes
