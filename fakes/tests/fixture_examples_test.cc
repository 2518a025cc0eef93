// The examples at the head of the fixture's headers, compiled; each function holds one header's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "zlayer/fakes/error.h"
#include "zlayer/fakes/fake_buildd.h"
#include "zlayer/fakes/fake_directory.h"
#include "zlayer/fakes/journal_file.h"
#include "zlayer/fakes/tls_files.h"

#if defined(GOOGLE_PROTOBUF_VERSION) || defined(GRPC_CPP_VERSION_STRING) || \
    defined(OPENSSL_VERSION_TEXT)
#error "the fixture's headers must need neither protobuf nor gRPC nor OpenSSL"
#endif

namespace zlayer::fakes {
namespace {

// What the examples take for granted.
void Fail(const std::string&) {}
void RunClient() {}
void Dial(const std::string&, const TlsFiles&) {}

// Their layout is the headers'.
// clang-format off

[[maybe_unused]] void Errors(FakeBuildd& fake) {
  auto line = fake.Line();
  if (!line && line.error().kind == ErrorKind::ended) return Fail(line.error().message);
}

[[maybe_unused]] void Journals(const JournalFile& journal) {
  auto call = journal.WaitFor("rpc_started");
  if (!call) return Fail(call.error().message);
  if (!call->Text("method").ends_with("/Health")) return Fail("asked something else first");
}

[[maybe_unused]] void Minting(FakeOptions options) {
  auto expired = MintTls("/tmp/expired", std::chrono::seconds(-60));
  if (!expired) return Fail(expired.error().message);
  options.arguments = {"--tls-cert", expired->cert, "--tls-key", expired->key};
}

[[maybe_unused]] void Directory() {
  auto directory = FakeDirectory::Make({.preset = "exit-with-reason"});
  if (!directory) return Fail(directory.error().message);
  for (const auto& [name, value] : directory->Environment()) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  RunClient();
  auto fired = directory->Journal().WaitForFault("exit");
}

[[maybe_unused]] void Starting() {
  auto fake = FakeBuildd::Start({.plan = "fault { ignore_signals {} }"});
  if (!fake) return Fail(fake.error().message);
  auto address = fake->Address();
  if (!address) return Fail(address.error().message);
  Dial(*address, fake->directory().Tls());
  if (auto seen = fake->Journal().WaitFor("tls"); !seen) return Fail(seen.error().message);
  auto end = fake->Stop();
  if (end && end->killed) std::cout << "it ignored SIGTERM\n";
}

// clang-format on

std::string Contents(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The code lines of the header's opening example.
std::vector<std::string> Example(const std::filesystem::path& header) {
  constexpr std::string_view kCode = "//   ";
  std::vector<std::string> lines;
  std::istringstream text(Contents(header));
  for (std::string line; std::getline(text, line) && line != "#pragma once";) {
    if (line.starts_with(kCode)) lines.push_back(line.substr(kCode.size()));
  }
  return lines;
}

TEST(FixtureExamplesTest, EveryHeaderOpensWithOneThatIsCompiledHere) {
  const std::string compiled = Contents(ZLAYER_FAKES_DIR "/tests/fixture_examples_test.cc");
  int headers = 0;
  for (const auto& header :
       std::filesystem::directory_iterator(ZLAYER_FAKES_DIR "/include/zlayer/fakes")) {
    const auto lines = Example(header.path());
    EXPECT_FALSE(lines.empty()) << header.path() << " opens without an example";
    for (const std::string& line : lines) {
      EXPECT_THAT(compiled, testing::HasSubstr(line)) << header.path();
    }
    ++headers;
  }
  EXPECT_EQ(headers, 5);
}

}  // namespace
}  // namespace zlayer::fakes
