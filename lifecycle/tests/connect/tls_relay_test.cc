// A relay whose peers reset, flood, do not read or leave.

#include "lifecycle/src/connect/tls_relay.h"

#include <gmock/gmock.h>
#include <pthread.h>
#include <time.h>

#include "lifecycle/tests/connect/relay_world.h"

namespace zlayer::sidecar {
namespace {

using testing::HasSubstr;

constexpr size_t kMiB = 1024 * 1024;

constexpr char kSettings = 4;
constexpr char kGoaway = 7;
constexpr char kHeaders = 1;
constexpr char kEndStreamAndHeaders = 5;

std::string Frame(char type, char flags, char stream, const std::string& payload = "") {
  return std::string{'\0', '\0',  static_cast<char>(payload.size()), type, flags, '\0', '\0',
                     '\0', stream} +
         payload;
}

/// The first GOAWAY of a graceful stop: every stream will be processed.
std::string GracefulGoaway() {
  return Frame(kGoaway, 0, 0, std::string("\x7f\xff\xff\xff\0\0\0\0", 8));
}

std::string Preface() { return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0); }

std::chrono::nanoseconds CpuTime(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class TlsRelayTest : public RelayWorld {
 protected:
  /// The processor time that the loop's thread uses while this thread uses 200 ms of its own. On a
  /// busy machine both get less, but a thread that spins gets about as much as this one.
  std::chrono::nanoseconds LoopTimeBeside200Ms() {
    clockid_t loop_clock{};
    AwaitLoop([&] { ::pthread_getcpuclockid(::pthread_self(), &loop_clock); });
    const auto before = CpuTime(loop_clock);
    const auto until = CpuTime(CLOCK_THREAD_CPUTIME_ID) + std::chrono::milliseconds(200);
    while (CpuTime(CLOCK_THREAD_CPUTIME_ID) < until) {
    }
    return CpuTime(loop_clock) - before;
  }
};

TEST_F(TlsRelayTest, AResetWhileGrpcDoesNotReadDoesNotSpin) {
  const auto one = Connect();
  one->server.Fill();
  one->server.Reset();
  EXPECT_TRUE(one->endings->Wait(Ending::leaving));
  EXPECT_LT(LoopTimeBeside200Ms(), std::chrono::milliseconds(50));
  // What had arrived before is not lost, and the end is seen behind it.
  EXPECT_FALSE(one->relay->End());
  while (!one->Receive(64 * 1024).empty()) {
  }
  EXPECT_TRUE(one->endings->Wait(Ending::ended));
}

TEST_F(TlsRelayTest, AChannelThatClosesWhileThePeerDoesNotReadEndsTheConnection) {
  const auto one = Connect();
  ::fcntl(one->plain.get(), F_SETFL, O_NONBLOCK);
  const std::string bytes(64 * 1024, 'x');
  // Until neither the server's socket nor the relay takes more: the loop had its turns, and the
  // relay's end still is full.
  for (int turns_without = 0; turns_without < 5; ++turns_without) {
    while (::send(one->plain.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
      turns_without = 0;
    }
    AwaitLoop();
  }
  one->plain.reset();
  ASSERT_TRUE(one->endings->Wait(Ending::ended));
  EXPECT_EQ(one->relay->End()->by, TlsEnd::By::channel);
  EXPECT_LT(LoopTimeBeside200Ms(), std::chrono::milliseconds(50));
}

TEST_F(TlsRelayTest, InputOfGrpcBehindTheServersEndDoesNotSpin) {
  const std::string bytes(16 * 1024, 'x');  // one read of the relay, too much for the socket pair
  const auto one = Connect([&](RelayedServer* server) {
    EXPECT_TRUE(server->Send(bytes));
    server->SendCloseNotify();
  });
  // The relay has read all of it, the server's end too, and waits for us to take the rest.
  pollfd readable{one->plain.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&readable, 1, 20'000), 1);
  one->Send("bytes that nobody will take");
  AwaitLoop();
  EXPECT_LT(LoopTimeBeside200Ms(), std::chrono::milliseconds(50));
  EXPECT_EQ(one->Receive(bytes.size()), bytes);
  EXPECT_TRUE(one->endings->Wait(Ending::ended));
}

TEST_F(TlsRelayTest, AFloodOfKeyUpdatesEndsTheConnectionAndLeavesItsNeighbourAlone) {
  const auto flooding = Connect();
  const auto healthy = Connect();
  auto flood = std::async(std::launch::async, [&] {
    for (int i = 0; i < 200'000 && flooding->server.UpdateKeys(); ++i) {
    }
  });
  for (int i = 0; i < 20; ++i) {
    const auto before = Clock::now();
    ASSERT_TRUE(healthy->server.Send("answer"));
    EXPECT_EQ(healthy->Receive(6), "answer");
    EXPECT_LT(Clock::now() - before, std::chrono::seconds(1));
  }
  ASSERT_TRUE(flooding->endings->Wait(Ending::ended));
  EXPECT_THAT(flooding->relay->End()->reason, HasSubstr("floods"));
  EXPECT_EQ(flooding->relay->End()->by, TlsEnd::By::us);
  EXPECT_FALSE(healthy->relay->End());
  flood.wait();
}

TEST_F(TlsRelayTest, KeyUpdatesAmongMuchDataAreTaken) {
  const auto one = Connect();
  constexpr int kUpdates = 40;
  const std::string bytes(kMiB, 'x');
  auto sent = std::async(std::launch::async, [&] {
    bool all = true;
    for (int i = 0; i < kUpdates; ++i) all &= one->server.UpdateKeys() && one->server.Send(bytes);
    return all;
  });
  EXPECT_EQ(one->Receive(kUpdates * kMiB).size(), kUpdates * kMiB);
  EXPECT_TRUE(sent.get());
  EXPECT_FALSE(one->relay->End());
}

TEST_F(TlsRelayTest, AnIdleConnectionIsClosedWhenTheServerSaysGoaway) {
  const auto one = Connect();
  one->Send(Preface());
  ASSERT_TRUE(one->server.Send(Frame(kSettings, 0, 0) + GracefulGoaway()));
  EXPECT_TRUE(one->server.SeesCloseNotify());
  ASSERT_TRUE(one->endings->Wait(Ending::ended));
  EXPECT_EQ(one->relay->End()->by, TlsEnd::By::leaving);
  EXPECT_FALSE(one->relay->End()->cut_calls);
}

TEST_F(TlsRelayTest, AnOpenCallKeepsTheConnectionUntilItIsAnswered) {
  const auto one = Connect();
  one->Send(Preface() + Frame(kHeaders, kEndStreamAndHeaders, 1));
  const std::string goaway = GracefulGoaway();
  ASSERT_TRUE(one->server.Send(goaway));
  EXPECT_EQ(one->Receive(goaway.size()), goaway);
  EXPECT_TRUE(one->endings->Wait(Ending::leaving));
  AwaitLoop();
  EXPECT_FALSE(one->relay->End());
  const std::string answer = Frame(kHeaders, kEndStreamAndHeaders, 1, "trailers");
  ASSERT_TRUE(one->server.Send(answer));
  EXPECT_EQ(one->Receive(answer.size() + 1), answer);  // and then the end
  EXPECT_TRUE(one->endings->Wait(Ending::ended));
  EXPECT_TRUE(one->server.SeesCloseNotify());
}

TEST_F(TlsRelayTest, AResetTellsWhetherCallsWereCut) {
  const auto one = Connect();
  one->Send(Preface() + Frame(kHeaders, kEndStreamAndHeaders, 1));
  ASSERT_TRUE(one->server.Send(Frame(kSettings, 0, 0)));
  EXPECT_EQ(one->Receive(9).size(), 9u);
  AwaitLoop();
  one->server.Reset();
  ASSERT_TRUE(one->endings->Wait(Ending::ended));
  EXPECT_TRUE(one->relay->End()->cut_calls);
}

}  // namespace
}  // namespace zlayer::sidecar
