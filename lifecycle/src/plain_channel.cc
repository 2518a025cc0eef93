#include "plain_channel.h"

#include <grpcpp/create_channel_posix.h>
#include <sys/socket.h>

#include <cerrno>

#include "make_error.h"

namespace zlayer::sidecar {

Result<PlainChannel> MakePlainChannel() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    return Fail(ErrorKind::dial_failed, "cannot make a socket pair: {}", ErrnoText(errno));
  }
  UniqueFd relay_end(ends[0]);
  return PlainChannel{grpc::CreateInsecureChannelFromFd("zlayer-buildd", ends[1]),
                      std::move(relay_end)};
}

}  // namespace zlayer::sidecar
