// For a client that starts the daemon by itself: a temporary directory, and the environment that
// makes the client start a fake, with a plan, a journal and TLS material.
//
//   auto directory = FakeDirectory::Make({.preset = "exit-with-reason"});
//   if (!directory) return Fail(directory.error().message);
//   for (const auto& [name, value] : directory->Environment()) {
//     setenv(name.c_str(), value.c_str(), 1);
//   }
//   RunClient();
//   auto fired = directory->Journal().WaitForFault("exit");

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "zlayer/fakes/error.h"
#include "zlayer/fakes/fake_control.h"
#include "zlayer/fakes/journal_file.h"
#include "zlayer/fakes/tls_files.h"

namespace zlayer::fakes {

/// At most one of the three that name a plan is set; none: the honest daemon.
struct FakeOptions {
  std::string preset = {};     ///< a name of `fake-zlayer-buildd --list-plans`
  std::string plan = {};       ///< a FaultPlan as protobuf text or JSON
  std::string plan_file = {};  ///< path of one
  /// Path of the daemon that the fake stands in front of, with the plan's faults; empty: the fake
  /// itself answers.
  std::string upstream = {};
  /// Further flags of the fake, in place of the fixture's where the two name the same.
  /// FakeDirectory: not used.
  std::vector<std::string> arguments = {};
  /// Over the fixture's, which are over this process's own. FakeDirectory: not used.
  std::map<std::string, std::string> environment = {};
  std::string program = {};  ///< path of the fake; empty: the one of this build or package
  /// Faults can be armed and disarmed while the fake runs.
  bool control = false;
};

/// Removed with its owner, which first ends by SIGKILL every fake, and child of one, that named
/// itself in the journal and still runs. Not synchronised.
class FakeDirectory {
 public:
  /// options_invalid, fake_not_found, io.
  [[nodiscard]] static Result<FakeDirectory> Make(const FakeOptions& options = {});
  FakeDirectory(FakeDirectory&&) noexcept;
  FakeDirectory& operator=(FakeDirectory&&) noexcept;
  ~FakeDirectory();

  const std::string& path() const;
  /// ZLAYER_BUILDD_BIN, ZLAYER_DATA_DIR (its `buildd` holds the TLS files), ZLAYER_FAKE_PLAN,
  /// ZLAYER_FAKE_JOURNAL, ZLAYER_FAKE_STATE, where launches are counted, with an upstream
  /// ZLAYER_FAKE_UPSTREAM, and with FakeOptions::control ZLAYER_FAKE_CONTROL.
  std::map<std::string, std::string> Environment() const;
  JournalFile Journal() const;
  TlsFiles Tls() const;
  /// Of the fake that started last.
  FakeControl Control() const;

 private:
  struct State;
  explicit FakeDirectory(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zlayer::fakes
