// A fake with everything it needs: TLS material, journal, address.
//
//   Fake fake({.plan = "fault { hang {} }"});
//   ASSERT_TRUE(fake.WaitForFault("hang"));

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakes/tests/process.h"
#include "fakes/tests/temporary_directory.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes {

struct FakeSettings {
  std::string plan = "";  ///< protobuf text; empty: ZLAYER_FAKE_PLAN is not set
  std::string program = "";
  std::vector<std::string> arguments = {};  ///< behind the usual ones
  std::map<std::string, std::string> environment = {};
  bool block_signals = false;
};

class Fake {
 public:
  explicit Fake(const FakeSettings& settings = {});
  /// Kills what the fake left behind, too.
  ~Fake();

  Process& process() { return *process_; }
  const TemporaryDirectory& directory() const { return directory_; }
  std::string tls(const std::string& file) const { return directory_ / ("tls/" + file); }

  /// The port of the honest line; empty when it did not come.
  std::string ReadPort();

  std::vector<v1::JournalEntry> Journal() const;

  /// Waits until an entry satisfies `wanted`.
  bool WaitForEntry(const std::function<bool(const v1::JournalEntry&)>& wanted,
                    std::chrono::milliseconds limit = kPatience);
  /// Waits for fault_fired of this kind.
  bool WaitForFault(const std::string& kind, std::chrono::milliseconds limit = kPatience);
  /// Whether fault_fired of this kind is in the journal now.
  bool HasFired(const std::string& kind) const;

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Process> process_;
};

/// The executable under test.
std::string FakePath();

/// Arguments of openssl s_client that dial `port` and present the fake's own leaf.
std::vector<std::string> ClientArguments(const Fake& fake, const std::string& port);

}  // namespace zlayer::fakes
