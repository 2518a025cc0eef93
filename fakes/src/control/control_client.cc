#include "fakes/src/control/control_client.h"

#include <google/protobuf/util/json_util.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

#include "fakes/src/base/stdio_write.h"
#include "fakes/src/control/control_socket.h"
#include "proto/message_file.h"
#include "zlayer/proto/control.pb.h"

namespace zlayer::fakes::daemon {
namespace {

/// The request as the line that goes over the socket. JSON goes as it is, so that the fake judges
/// it; protobuf text is translated here.
Result<std::string> LineOf(const std::string& request) {
  const size_t first = request.find_first_not_of(" \t\r\n");
  std::string line = request;
  if (first == request.npos || request[first] != '{') {
    const auto parsed = ParseMessage<v1::ControlRequest>("request", request);
    if (!parsed) return BadInput("--control: " + parsed.error());
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    line.clear();
    (void)google::protobuf::util::MessageToJsonString(*parsed, &line, options);
  }
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line + "\n";
}

/// Cuts what comes from the fake into lines.
class Lines {
 public:
  explicit Lines(int socket) : socket_(socket) {}

  /// The next line with its newline; empty at the end of the stream.
  std::string Next() {
    for (;;) {
      const size_t end = rest_.find('\n');
      if (end != rest_.npos) {
        std::string line = rest_.substr(0, end + 1);
        rest_.erase(0, end + 1);
        return line;
      }
      char chunk[65'536];
      const ssize_t got = recv(socket_, chunk, sizeof chunk, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return "";
      rest_.append(chunk, static_cast<size_t>(got));
    }
  }

 private:
  const int socket_;
  std::string rest_;
};

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

Result<void> RunControl(const std::string& path, const std::string& request) {
  const auto line = LineOf(request);
  if (!line) return tl::unexpected(line.error());
  const auto socket = ConnectToControl(path);
  if (!socket) return BadInput("--control: " + socket.error().message);
  (void)SendAll(socket->get(), *line);  // a fake that refuses the bytes says why
  Lines lines(socket->get());
  const std::string first = lines.Next();
  const auto reply = ParseMessage<v1::ControlReply>("reply", first);
  if (first.empty()) return BadInput("--control: " + path + ": the fake ended without a reply");
  if (!reply) return BadInput("--control: " + path + ": is not a fake: " + reply.error());
  if (!reply->error().empty()) return BadInput("--control: " + reply->error());
  WriteAll(STDOUT_FILENO, first);
  if (!reply->has_following()) return {};
  for (std::string entry; !(entry = lines.Next()).empty();) WriteAll(STDOUT_FILENO, entry);
  return {};
}

}  // namespace zlayer::fakes::daemon
