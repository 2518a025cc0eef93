// Where many fakes run side by side.
//
//   SharedPlace place;
//   auto fake = place.Start("fault { hang {} }");
//   EXPECT_EQ(place.Processes().size(), 1);

#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "fakes/tests/fake.h"
#include "fakes/tests/process.h"
#include "fakes/tests/temporary_directory.h"

namespace zlayer::fakes {

/// The processes that were started with this variable, zombies left out.
inline std::vector<std::string> ProcessesWith(const std::string& variable) {
  std::vector<std::string> found;
  std::error_code gone;
  for (const auto& process : std::filesystem::directory_iterator("/proc", gone)) {
    std::ifstream environment(process.path() / "environ");
    for (std::string entry; std::getline(environment, entry, '\0');) {
      if (entry == variable) found.push_back(process.path());
    }
  }
  return found;
}

/// The place of fakes that share a journal, TLS material and a directory for temporary files.
struct SharedPlace {
  SharedPlace() {
    Process mint({.program = FakePath(), .arguments = {"--mint-tls", directory / "tls"}});
    EXPECT_EQ(mint.Wait(), Ended::WithCode(0)) << mint.Stderr();
    const std::ofstream journal(directory / "journal");
  }

  std::unique_ptr<Process> Start(const std::string& plan, bool block_signals = false) {
    const std::string file = directory / ("plan-" + std::to_string(++plans) + ".txtpb");
    std::ofstream(file) << plan << std::flush;
    return std::make_unique<Process>(Command{
        .program = FakePath(),
        .arguments = {"--bind", "127.0.0.1:0", "--tls-ca", directory / "tls/ca.pem", "--tls-cert",
                      directory / "tls/cert.pem", "--tls-key", directory / "tls/key.pem"},
        .environment = {{"TMPDIR", directory.path()},
                        {"ZLAYER_FAKE_JOURNAL", directory / "journal"},
                        {"ZLAYER_FAKE_PLAN", file}},
        .block_signals = block_signals});
  }
  std::vector<std::string> Processes() const {
    return ProcessesWith("ZLAYER_FAKE_JOURNAL=" + (directory / "journal"));
  }

  TemporaryDirectory directory;
  int plans = 0;
};

}  // namespace zlayer::fakes
