// A client of a fake's control socket.
//
//   ControlClient control(fake.ControlPath());
//   EXPECT_EQ(control.Ask(R"({"arm":{"down":{}}})"), R"({"armed":{"kind":"down"}})");

#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "fakes/fixture/unique_fd.h"
#include "fakes/fixture/wait_readable.h"
#include "fakes/tests/fixture/process.h"

namespace zlayer::fakes {

/// One connection. Not synchronised.
class ControlClient {
 public:
  explicit ControlClient(const std::string& path)
      : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
        << path;  // waits while the fake's backlog is full
    fcntl(fd(), F_SETFL, O_NONBLOCK);
  }

  int fd() const { return socket_.get(); }

  /// Sends a line and returns the next line that comes; both without their newlines.
  std::string Ask(const std::string& request) {
    EXPECT_TRUE(Send(request + "\n"));
    return NextLine();
  }

  /// False when the socket takes no more bytes now.
  bool Send(std::string_view bytes) {
    return send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  /// Empty: the fake has closed the connection, or nothing came.
  std::string NextLine() {
    const auto deadline = Clock::now() + kPatience;
    for (;;) {
      if (const size_t end = rest_.find('\n'); end != rest_.npos) {
        std::string line = rest_.substr(0, end);
        rest_.erase(0, end + 1);
        return line;
      }
      pollfd came[] = {{.fd = fd(), .events = POLLIN, .revents = 0}};
      char chunk[65'536];
      const bool in_time = WaitReadable(came, deadline);
      EXPECT_TRUE(in_time) << "no line came";
      const ssize_t got = in_time ? recv(fd(), chunk, sizeof chunk, 0) : 0;
      if (got <= 0) return "";
      rest_.append(chunk, static_cast<size_t>(got));
    }
  }

 private:
  fixture::UniqueFd socket_;
  std::string rest_;
};

}  // namespace zlayer::fakes
