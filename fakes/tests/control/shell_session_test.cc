// The shell session of fakes/README.md, executed as it stands there.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

/// The client of the session: starts the fake and connects until the fake has gone.
constexpr char kClient[] = R"(#!/bin/sh
tls=$DIR/tls
mkfifo "$DIR/stdout"
fake-zlayer-buildd --bind 127.0.0.1:0 --tls-ca "$tls/ca.pem" --tls-cert "$tls/cert.pem" \
  --tls-key "$tls/key.pem" > "$DIR/stdout" 2> "$DIR/stderr" &
fake=$!
read -r line < "$DIR/stdout"
while kill -0 "$fake"; do
  openssl s_client -connect "${line#LISTENING }" -alpn h2 -CAfile "$tls/ca.pem" \
    -cert "$tls/cert.pem" -key "$tls/key.pem" < /dev/null
done > "$DIR/client" 2>&1
)";

/// The lines of the code block that begins below `heading`.
std::vector<std::string> BlockBelow(const std::string& heading) {
  std::ifstream page(ZLAYER_FAKES_DIR "/README.md");
  std::vector<std::string> block;
  bool below = false;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == heading) below = true;
    if (inside && line == "```") break;
    if (inside) block.push_back(line);
    if (below && line == "```sh") inside = true;
  }
  return block;
}

void MakeExecutable(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

TEST(ShellSessionTest, DoesWhatTheReadmeSays) {
  TemporaryDirectory directory;
  const std::string dir = directory.path();
  std::filesystem::create_symlink(FakePath(), dir + "/fake-zlayer-buildd");
  MakeExecutable(dir + "/your-client", kClient);
  Process mint({.program = FakePath(), .arguments = {"--mint-tls", dir + "/tls"}});
  ASSERT_EQ(mint.Wait(), Ended::WithCode(0));

  std::string script = "set -eu\n";
  std::string expected;
  const std::string mark = "# prints ";
  for (const std::string& line : BlockBelow("## Control while it runs")) {
    script += line + "\n";
    if (const size_t at = line.find(mark); at != line.npos) {
      expected += line.substr(at + mark.size()) + "\n";
    }
  }
  ASSERT_NE(expected, "");
  std::ofstream(dir + "/session") << script;
  Process session({.program = "/bin/sh",
                   .arguments = {dir + "/session"},
                   .environment = {{"DIR", dir}, {"PATH", dir + ":" + std::getenv("PATH")}}});
  EXPECT_EQ(session.Wait(), Ended::WithCode(0)) << session.Stderr();
  EXPECT_EQ(session.Stdout(), expected) << session.Stderr();
}

}  // namespace
}  // namespace zlayer::fakes
