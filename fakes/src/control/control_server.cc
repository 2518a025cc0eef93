#include "fakes/src/control/control_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "fakes/src/control/parse_request.h"
#include "fakes/src/process/leave.h"

namespace zlayer::fakes::daemon {
namespace {

/// Until the next accept(2), after one failed because no descriptor was left: the listener stays
/// readable then.
constexpr int kAcceptRetryMs = 50;

std::string ErrorLine(const std::string& message) {
  v1::ControlReply reply;
  reply.set_error(message);
  return PrintReply(reply);
}

void Clear(int event) {
  eventfd_t count = 0;
  eventfd_read(event, &count);
}

}  // namespace

ControlServer::ControlServer(UniqueFd listener, Answers& answers, Journal& journal)
    : listener_(std::move(listener)),
      answers_(answers),
      journal_(journal),
      stopped_(eventfd(0, EFD_CLOEXEC)),
      fed_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

ControlServer::~ControlServer() {
  eventfd_write(stopped_.get(), 1);
  thread_.join();
}

void ControlServer::Run() {
  while (Wait()) {
    Accept();
    for (LineClient& client : clients_) Serve(client);
    Feed();
    std::erase_if(clients_, [](const LineClient& client) { return client.HasEnded(); });
    const bool is_followed = std::any_of(clients_.begin(), clients_.end(),
                                         [](const LineClient& client) { return client.follows(); });
    if (has_follower_ && !is_followed) SetFollower({});
  }
  SetFollower({});
}

void ControlServer::SetFollower(Journal::Follower follower) {
  has_follower_ = follower != nullptr;
  journal_.SetFollower(std::move(follower));
}

bool ControlServer::Wait() {
  std::vector<pollfd> fds = {
      {.fd = stopped_.get(), .events = POLLIN, .revents = 0},
      {.fd = has_descriptors_ ? listener_.get() : -1, .events = POLLIN, .revents = 0},
      {.fd = fed_.get(), .events = POLLIN, .revents = 0}};
  for (const LineClient& client : clients_) {
    fds.push_back({.fd = client.fd(), .events = client.Events(), .revents = 0});
  }
  while (poll(fds.data(), fds.size(), has_descriptors_ ? -1 : kAcceptRetryMs) < 0) {
    if (errno == EINTR) continue;
    clients_.clear();  // poll(2) takes no more descriptors than the process may have: leak_fds
    return true;
  }
  size_t at = 3;
  for (LineClient& client : clients_) {
    if ((fds[at++].revents & (POLLHUP | POLLERR)) != 0) client.HangUp();
  }
  return fds[0].revents == 0;
}

void ControlServer::Accept() {
  for (;;) {
    UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    has_descriptors_ = socket || (errno != EMFILE && errno != ENFILE);
    if (!socket) return;
    if (clients_.size() == kMostClients) clients_.pop_front();
    clients_.emplace_back(std::move(socket));
  }
}

void ControlServer::Serve(LineClient& client) {
  client.Send();
  if ((client.Events() & POLLIN) != 0) client.Receive();
  while (auto line = client.NextLine()) {
    Answer(client, *line);
    client.Send();  // makes room for the next reply
  }
  if (client.IsTooLong()) {
    client.Queue(ErrorLine("request: is longer than 1 MiB"));
    client.Finish();
    client.Send();
  }
}

void ControlServer::Answer(LineClient& client, const std::string& line) {
  const auto answer = answers_.To(line);
  client.Queue(PrintReply(answer.reply));
  if (answer.afterwards == Afterwards::quit) {
    Quit(client, static_cast<int>(answer.reply.quitting().code()));
  }
  if (answer.afterwards != Afterwards::follow) return;
  client.Follow();
  SetFollower([this](const std::string& entry) {
    const std::lock_guard lock(feeding_);
    has_lost_ = has_lost_ || feed_.size() > kMostFollowed;
    if (!has_lost_) feed_ += entry;
    eventfd_write(fed_.get(), 1);
  });
}

void ControlServer::Feed() {
  std::string lines;
  bool has_lost = false;
  {
    const std::lock_guard lock(feeding_);
    Clear(fed_.get());
    lines.swap(feed_);
    std::swap(has_lost, has_lost_);
  }
  for (LineClient& client : clients_) {
    if (!client.follows()) continue;
    client.Queue(lines);
    client.Send();
    if (has_lost || client.unread() > kMostFollowed) client.Break();
  }
}

void ControlServer::Quit(LineClient& client, int code) {
  client.Send();
  Leave(journal_, code, "a request to quit");
}

}  // namespace zlayer::fakes::daemon
