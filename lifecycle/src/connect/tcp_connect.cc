#include "lifecycle/src/connect/tcp_connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/connect/resolve.h"

namespace zlayer::sidecar {
namespace {

/// The pause after a refused connection: doubled after each attempt, up to kLongestPause. The first
/// is too short to be noticed; the longest keeps the load of many attempts low.
constexpr std::chrono::milliseconds kFirstPause{5};
constexpr std::chrono::milliseconds kLongestPause{200};

/// How one address failed.
struct Failure {
  std::string address;
  int error = 0;  // errno; ETIMEDOUT if it did not answer in its share of the time
};

std::string HostText(const addrinfo& target) {
  char host[NI_MAXHOST] = "?";
  ::getnameinfo(target.ai_addr, target.ai_addrlen, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
  return host;
}

/// The reason alone if there is one address, which the message names already.
std::string ReasonText(const std::vector<Failure>& failures) {
  if (failures.size() == 1) return ErrnoText(failures.front().error);
  std::string text;
  for (const Failure& failure : failures) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", failure.address,
                        ErrnoText(failure.error));
  }
  return text;
}

bool Any(const std::vector<Failure>& failures, int error) {
  return std::any_of(failures.begin(), failures.end(),
                     [error](const Failure& failure) { return failure.error == error; });
}

void SetOption(int socket, int level, int option, int value) {
  // A kernel that does not know the option must not cost us the connection.
  (void)::setsockopt(socket, level, option, &value, sizeof value);
}

void SetHalfOpenLimit(int socket, const HalfOpenLimit& limit) {
  SetOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(limit.idle.count()));
  SetOption(socket, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(limit.interval.count()));
  SetOption(socket, IPPROTO_TCP, TCP_KEEPCNT, limit.probes);
  SetOption(socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
            static_cast<int>(std::chrono::milliseconds(limit.Total()).count()));
  SetOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
}

/// One attempt. The error is an errno value, ETIMEDOUT at `deadline`. If `waited` then is cancelled
/// or process_ended, that tells more.
tl::expected<UniqueFd, int> ConnectOnce(const addrinfo& target, Deadline deadline, StartWait* wait,
                                        Waited* waited) {
  UniqueFd socket(
      ::socket(target.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, target.ai_protocol));
  if (!socket) return tl::unexpected(errno);
  if (::connect(socket.get(), target.ai_addr, target.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return tl::unexpected(errno);
    *waited = wait->For(socket.get(), POLLOUT, deadline);
    if (*waited != Waited::ready) return tl::unexpected(ETIMEDOUT);
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return tl::unexpected(error);
  SetOption(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  return socket;
}

/// Tries each address once, each for an equal share of the time that is left then. `failures`: of
/// all of them, if none connected. The other result is why the wait was cut short.
tl::expected<UniqueFd, Waited> TryEach(const addrinfo* targets, Deadline deadline, StartWait* wait,
                                       std::vector<Failure>* failures) {
  int left = 0;
  for (const addrinfo* target = targets; target != nullptr; target = target->ai_next) ++left;
  failures->clear();
  for (const addrinfo* target = targets; target != nullptr; target = target->ai_next, --left) {
    Waited waited = Waited::ready;
    const auto now = Clock::now();
    const Deadline share = left == 1 ? deadline : now + (deadline - now) / left;
    auto socket = ConnectOnce(*target, share, wait, &waited);
    if (socket) return std::move(*socket);
    if (waited == Waited::cancelled || waited == Waited::process_ended) {
      return tl::unexpected(waited);
    }
    failures->push_back({HostText(*target), socket.error()});
  }
  return tl::unexpected(Waited::timeout);
}

/// The error once the deadline has passed.
LifecycleError TooLate(const Address& address, const DialLimit& limit,
                       const std::vector<Failure>& failures) {
  if (Any(failures, ETIMEDOUT)) {
    return DialCutShort(
        address, limit, Waited::timeout,
        failures.size() == 1 ? "connecting" : fmt::format("connecting ({})", ReasonText(failures)));
  }
  return Fail(ErrorKind::dial_failed, "cannot connect to {} within {} ms: {}", address.ToString(),
              limit.limit.count(), ReasonText(failures))
      .value();
}

}  // namespace

Result<UniqueFd> ConnectTcp(const Address& address, const DialLimit& limit, StartWait* wait) {
  const auto targets = Resolve(address, limit, wait);
  if (!targets) return tl::unexpected(targets.error());
  const auto cut_short = [&](Waited waited) {
    return tl::unexpected(DialCutShort(address, limit, waited, "connecting"));
  };
  std::vector<Failure> failures;
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    auto socket = TryEach(targets->get(), limit.deadline, wait, &failures);
    if (socket) {
      if (!address.IsLoopback()) SetHalfOpenLimit(socket->get(), limit.half_open);
      return std::move(*socket);
    }
    if (socket.error() != Waited::timeout) return cut_short(socket.error());
    if (Clock::now() >= limit.deadline) {
      return tl::unexpected(TooLate(address, limit, failures));
    }
    if (!Any(failures, ECONNREFUSED) && !Any(failures, ETIMEDOUT)) {
      return Fail(ErrorKind::dial_failed, "cannot connect to {}: {}", address.ToString(),
                  ReasonText(failures));
    }
    const Waited waited = wait->For(-1, 0, std::min(DeadlineIn(pause), limit.deadline));
    if (waited != Waited::timeout) return cut_short(waited);
  }
}

}  // namespace zlayer::sidecar
