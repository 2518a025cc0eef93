// Carries the connections of the fake's clients to the upstream, each in one of its own.
//
//   Links links(context, address, journal);
//   links.Carry(std::move(plain), cut);   // plain HTTP/2 on a socket, TLS to the upstream

#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/upstream/first_line.h"

namespace zlayer::fakes::daemon {

/// Thread-safe. One thread for each connection; the destructor ends and joins all of them.
class Links {
 public:
  /// `context` is NewClientContext()'s. `journal` must outlive this.
  Links(SslContextPtr context, const UpstreamAddress& address, Journal& journal);
  ~Links();

  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  /// Dials the upstream and carries bytes between it and `plain`, a non-blocking socket, until one
  /// of them ends; then closes both. Sets `cut` before that when the upstream ended without a
  /// close_notify or could not be dialled. Does not wait.
  void Carry(UniqueFd plain, std::shared_ptr<std::atomic<bool>> cut);

 private:
  struct Link {
    std::thread thread;
    std::atomic<bool> ended = false;
  };

  void Run(int plain, std::atomic<bool>& cut) const;
  /// Null when the upstream could not be dialled; the journal then says why.
  SslPtr Dial(int socket) const;
  void JoinEnded();

  const SslContextPtr context_;
  const UpstreamAddress address_;
  Journal& journal_;
  UniqueFd stopped_;  // eventfd: all threads must end
  std::mutex mutex_;  // guards links_
  std::list<Link> links_;
};

}  // namespace zlayer::fakes::daemon
