// Names whose lookup hangs, and names with several addresses. This program has a getaddrinfo(3) of
// its own, which knows two names more.

#include "lifecycle/src/connect/dial.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>
#include <netinet/tcp.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stop_token>
#include <thread>

#include "lifecycle/src/connect/resolve.h"
#include "lifecycle/src/connect/tcp_connect.h"
#include "lifecycle/tests/connect/relay_world.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

/// The name service of "silent.test". It does not answer before the gate is opened.
class SilentService {
 public:
  int Ask() {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    return EAI_NONAME;
  }
  void Open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void WaitUntilAsked(int times) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return asked_ >= times; }));
  }
  int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int asked_ = 0;
};

SilentService& Silent() {
  static auto* const service = new SilentService;
  return *service;
}

using GetAddrInfo = int(const char*, const char*, const addrinfo*, addrinfo**);

int RealGetAddrInfo(const char* host, const char* service, const addrinfo* hints,
                    addrinfo** found) {
  static auto* const real = reinterpret_cast<GetAddrInfo*>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(host, service, hints, found);
}

}  // namespace

/// "two.test" is 127.0.0.2 and then 127.0.0.1.
int GetAddrInfoOfTheTest(const char* host, const char* service, const addrinfo* hints,
                         addrinfo** found) {
  const bool numeric = (hints->ai_flags & AI_NUMERICHOST) != 0;
  if (!numeric && host == std::string_view("silent.test")) return Silent().Ask();
  if (numeric || host != std::string_view("two.test")) {
    return RealGetAddrInfo(host, service, hints, found);
  }
  const int error = RealGetAddrInfo("127.0.0.2", service, hints, found);
  return error != 0 ? error : RealGetAddrInfo("127.0.0.1", service, hints, &(*found)->ai_next);
}

namespace {

DialLimit In(milliseconds limit) { return {limit, Clock::now() + limit}; }

TEST(ResolveTest, ANameServiceThatHangsIsLeftAtTheLimit) {
  Silent().Open(false);
  StartWait wait({}, -1);
  const auto found = Resolve({"silent.test", 1}, In(milliseconds(100)), &wait);
  Silent().Open(true);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::dial_timeout);
  EXPECT_THAT(found.error().message, HasSubstr("silent.test:1 within 100 ms"));
  EXPECT_THAT(found.error().message, HasSubstr("looking up the name"));
}

TEST(ResolveTest, ANameServiceThatHangsIsLeftByACancel) {
  Silent().Open(false);
  const int before = Silent().asked();
  std::stop_source stop;
  const std::jthread cancels([&] {
    Silent().WaitUntilAsked(before + 1);
    stop.request_stop();
  });
  StartWait wait(stop.get_token(), -1);
  const auto found = Resolve({"silent.test", 2}, In(kPatience), &wait);
  Silent().Open(true);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::cancelled);
}

TEST(ResolveTest, StartsOfOneNameShareOneLookup) {
  Silent().Open(false);
  const int before = Silent().asked();
  for (int i = 0; i < 5; ++i) {
    StartWait wait({}, -1);
    EXPECT_FALSE(Resolve({"silent.test", 3}, In(milliseconds(20)), &wait));
  }
  Silent().WaitUntilAsked(before + 1);
  EXPECT_EQ(Silent().asked(), before + 1);
  std::jthread opens([] { Silent().Open(true); });
  StartWait wait({}, -1);
  const auto found = Resolve({"silent.test", 3}, In(kPatience), &wait);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::dial_failed);
  EXPECT_THAT(found.error().message, HasSubstr("cannot look up silent.test:3"));
}

int IntOption(int socket, int level, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket, level, option, &value, &size), 0);
  return value;
}

/// Connections that fill the queue of a listener, so that it answers no further SYN.
std::vector<UniqueFd> FillQueue(const Listener& listener, std::uint32_t host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(listener.port);
  std::vector<UniqueFd> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(waiting.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  return waiting;
}

constexpr std::uint32_t kOtherLoopback = 0x7f000002;  // 127.0.0.2

TEST(TcpConnectTest, ASilentAddressLeavesTimeForTheNext) {
  const Listener live;
  const Listener silent(kOtherLoopback, live.port, 0);
  const auto waiting = FillQueue(silent, kOtherLoopback);
  StartWait wait({}, -1);
  const auto socket = ConnectTcp({"two.test", live.port}, In(milliseconds(2000)), &wait);
  ASSERT_TRUE(socket) << socket.error().message;
  const HalfOpenLimit limit;
  EXPECT_EQ(IntOption(socket->get(), SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(IntOption(socket->get(), IPPROTO_TCP, TCP_KEEPIDLE), limit.idle.count());
  EXPECT_EQ(IntOption(socket->get(), IPPROTO_TCP, TCP_KEEPINTVL), limit.interval.count());
  EXPECT_EQ(IntOption(socket->get(), IPPROTO_TCP, TCP_KEEPCNT), limit.probes);
  EXPECT_EQ(IntOption(socket->get(), IPPROTO_TCP, TCP_USER_TIMEOUT), 60'000);
}

TEST(TcpConnectTest, TheErrorTellsOfEachAddress) {
  std::uint16_t port = 0;
  {
    const Listener closed;
    port = closed.port;
  }
  StartWait wait({}, -1);
  const auto socket = ConnectTcp({"two.test", port}, In(milliseconds(50)), &wait);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().kind, ErrorKind::dial_failed);
  EXPECT_THAT(socket.error().message,
              HasSubstr("127.0.0.2: Connection refused; 127.0.0.1: Connection refused"));
}

}  // namespace
}  // namespace zlayer::sidecar

extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  return zlayer::sidecar::GetAddrInfoOfTheTest(host, service, hints, found);
}
