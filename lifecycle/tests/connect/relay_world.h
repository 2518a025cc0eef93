// A TlsRelay between two ends that a test drives: a TLS server on loopback, and gRPC's end of the
// socket pair.

#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <set>
#include <string>

#include "lifecycle/src/connect/tls_relay.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/credentials/tls_files.h"

namespace zlayer::sidecar {

constexpr std::chrono::seconds kPatience{20};

/// A listening socket on a free port.
struct Listener {
  /// `host`: an IPv4 literal. `wanted`: the port; 0: any.
  explicit Listener(std::uint32_t host = INADDR_LOOPBACK, std::uint16_t wanted = 0, int backlog = 8)
      : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(host);
    address.sin_port = htons(wanted);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket.get(), backlog), 0);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }

  UniqueFd socket;
  std::uint16_t port = 0;
};

/// The server's side of one connection. Its calls block until they are done.
class RelayedServer {
 public:
  explicit RelayedServer(const TlsSet& set) : context_(::SSL_CTX_new(::TLS_server_method())) {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to the socket without MSG_NOSIGNAL
    ::SSL_CTX_use_certificate(context_.get(), set.chain.front().get());
    ::SSL_CTX_use_PrivateKey(context_.get(), set.key.get());
    ::SSL_CTX_set_alpn_select_cb(context_.get(), &TakeFirst, nullptr);
    ssl_.reset(::SSL_new(context_.get()));
  }

  void Accept(int listener) {
    socket_.reset(::accept(listener, nullptr, nullptr));
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::SSL_set_fd(ssl_.get(), socket_.get());
    ASSERT_EQ(::SSL_accept(ssl_.get()), 1);
  }
  /// Sends until the client takes no more.
  void Fill() {
    const int flags = ::fcntl(socket_.get(), F_GETFL);
    ::fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK);
    SSL_set_mode(ssl_.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    pollfd writable{socket_.get(), POLLOUT, 0};
    while (::poll(&writable, 1, 500) == 1) Send(std::string(16 * 1024, 'x'));
    ::fcntl(socket_.get(), F_SETFL, flags);
  }
  bool Send(std::string_view bytes) {
    return ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  /// Reads until the client's close_notify. False if the connection ends without it.
  bool SeesCloseNotify() {
    char buffer[4096];
    int got = 0;
    while ((got = ::SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0) {
    }
    return ::SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN;
  }
  /// New keys for us, and a request for new keys of the client.
  bool UpdateKeys() {
    return ::SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
           ::SSL_do_handshake(ssl_.get()) == 1;
  }
  void SendCloseNotify() { ::SSL_shutdown(ssl_.get()); }
  /// Closes the connection so that the kernel sends RST.
  void Reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.reset();
  }

 private:
  static int TakeFirst(SSL* /*ssl*/, const unsigned char** taken, unsigned char* size,
                       const unsigned char* offered, unsigned /*offered_size*/, void* /*none*/) {
    *taken = offered + 1;
    *size = *offered;
    return SSL_TLSEXT_ERR_OK;
  }

  const SslContextPtr context_;
  SslPtr ssl_;
  UniqueFd socket_;
};

/// What a relay has told so far.
class Endings {
 public:
  void Add(Ending ending) {
    const std::lock_guard lock(mutex_);
    told_.insert(ending);
    changed_.notify_all();
  }
  bool Wait(Ending ending) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return told_.contains(ending); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Ending> told_;
};

/// One relay with its two ends.
struct Relayed {
  /// `before`: what the server does between the handshake and the start of the relay.
  Relayed(const TlsSet& set, SSL_CTX* context, EventLoop* loop,
          const std::function<void(RelayedServer*)>& before)
      : server(set) {
    const Listener listener;
    StartWait wait({}, -1);
    auto accepted = std::async(std::launch::async, [&] { server.Accept(listener.socket.get()); });
    const DialLimit limit{kPatience, DeadlineIn(kPatience)};
    auto connection =
        Dial({"127.0.0.1", listener.port}, std::make_unique<TlsSession>(context), limit, &wait);
    accepted.get();
    EXPECT_TRUE(connection) << connection.error().message;
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    plain.reset(ends[0]);
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
    const int little = 4096;
    ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    before(&server);
    relay = TlsRelay::Start(loop, std::move(*connection), UniqueFd(ends[1]),
                            [told = endings](Ending ending) { told->Add(ending); });
  }
  ~Relayed() { relay->Close(); }
  Relayed(const Relayed&) = delete;
  Relayed& operator=(const Relayed&) = delete;

  /// Reads exactly `size` bytes that the server sent; fewer if the relay closes first.
  std::string Receive(size_t size) const {
    std::string bytes(size, '\0');
    size_t all = 0;
    while (all < size) {
      const ssize_t got = ::recv(plain.get(), bytes.data() + all, size - all, 0);
      if (got <= 0) break;
      all += static_cast<size_t>(got);
    }
    bytes.resize(all);
    return bytes;
  }
  void Send(std::string_view bytes) const {
    EXPECT_EQ(::send(plain.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  RelayedServer server;
  UniqueFd plain;  // gRPC's end; blocks
  std::shared_ptr<Endings> endings = std::make_shared<Endings>();
  std::shared_ptr<TlsRelay> relay;
};

class RelayWorld : public testing::Test {
 protected:
  RelayWorld() {
    WritePlainSet(directory_.path());
    auto set = LoadTlsSet(TlsPathsIn(directory_.path()));
    EXPECT_TRUE(set) << set.error().message;
    set_ = std::move(*set);
    auto context = MakeTlsContext(set_);
    EXPECT_TRUE(context) << context.error().message;
    context_ = std::move(*context);
  }

  std::unique_ptr<Relayed> Connect(const std::function<void(RelayedServer*)>& before =
                                       [](RelayedServer*) {}) {
    return std::make_unique<Relayed>(set_, context_.get(), loop_.get(), before);
  }
  /// Returns once the loop has done what was posted before.
  void AwaitLoop(const std::function<void()>& task = [] {}) {
    std::promise<void> done;
    loop_->Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  const TemporaryDirectory directory_;
  TlsSet set_;
  SslContextPtr context_;
  const std::shared_ptr<EventLoop> loop_ = EventLoop::Shared().value();
};

}  // namespace zlayer::sidecar
