#include "fakes/tests/http2/http2_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "fakes/tests/fixture/process.h"

namespace zlayer::fakes {
namespace {

std::string BigEndian(size_t number, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = size; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

/// The frame type of http2_frame UNKNOWN_TYPE; no specification defines it.
constexpr std::uint8_t kUnknownType = 0xfe;

nghttp2_nv Header(const char* name, const char* value) {
  return {.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name)),
          .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value)),
          .namelen = std::strlen(name),
          .valuelen = std::strlen(value),
          .flags = NGHTTP2_NV_FLAG_NONE};
}

Http2Client& Self(void* user) { return *static_cast<Http2Client*>(user); }

ssize_t ReadBody(nghttp2_session* /*session*/, std::int32_t /*stream*/, std::uint8_t* buffer,
                 size_t size, std::uint32_t* flags, nghttp2_data_source* source, void* /*user*/) {
  auto& left = *static_cast<std::string*>(source->ptr);
  const size_t taken = left.copy(reinterpret_cast<char*>(buffer), size);
  left.erase(0, taken);
  if (left.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(taken);
}

int UnpackUnknown(nghttp2_session* /*session*/, void** payload, const nghttp2_frame_hd* /*header*/,
                  void* /*user*/) {
  *payload = nullptr;
  return 0;
}

fixture::UniqueFd Dial(const std::string& port) {
  fixture::UniqueFd dialled(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(dialled.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const int on = 1;
  setsockopt(dialled.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return dialled;
}

}  // namespace

Http2Client::Http2Client(const std::string& port)
    : socket_(Dial(port)), session_(nullptr, &nghttp2_session_del) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  SetCallbacks(callbacks);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_user_recv_extension_type(option, kUnknownType);
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new2(&session, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  session_.reset(session);
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
}

void Http2Client::SetCallbacks(nghttp2_session_callbacks* callbacks) {
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        Self(user).Note(*frame);
        return 0;
      });
  nghttp2_session_callbacks_set_on_begin_frame_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame_hd* header, void* user) {
        if (header->type == NGHTTP2_CONTINUATION) ++Self(user).continuations_;
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_send_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        if (frame->hd.type == NGHTTP2_GOAWAY) Self(user).complaint_ = frame->goaway.error_code;
        if (frame->hd.type == NGHTTP2_RST_STREAM) {
          Self(user).complaint_ = frame->rst_stream.error_code;
        }
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, [](nghttp2_session*, std::int32_t stream, std::uint32_t code, void* user) {
        Self(user).ended_[stream] = code;
        return 0;
      });
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks,
      [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, size_t name_size,
         const std::uint8_t* value, size_t value_size, std::uint8_t, void* user) {
        const std::string text(value, value + value_size);
        Self(user).headers_[frame->hd.stream_id][{name, name + name_size}] = text;
        if (frame->headers.cat == NGHTTP2_HCAT_HEADERS) {
          Self(user).trailers_[frame->hd.stream_id][{name, name + name_size}] = text;
        }
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                    size_t size, void* user) {
        Self(user).data_[stream].append(bytes, bytes + size);
        return 0;
      });
  nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, &UnpackUnknown);
}

void Http2Client::Note(const nghttp2_frame& frame) {
  SeenFrame seen{.type = frame.hd.type, .flags = frame.hd.flags, .stream = frame.hd.stream_id};
  if (frame.hd.type == NGHTTP2_RST_STREAM) seen.code = frame.rst_stream.error_code;
  if (frame.hd.type == NGHTTP2_DATA) seen.padding = frame.data.padlen;
  if (frame.hd.type == NGHTTP2_GOAWAY) {
    seen.code = frame.goaway.error_code;
    seen.last_stream = frame.goaway.last_stream_id;
  }
  frames_.push_back(seen);
}

std::int32_t Http2Client::Call(const std::string& path, const std::string& message) {
  const nghttp2_nv headers[] = {
      Header(":method", "POST"),     Header(":scheme", "http"),
      Header(":path", path.c_str()), Header(":authority", "zlayer-buildd"),
      Header("te", "trailers"),      Header("content-type", "application/grpc")};
  bodies_.push_back(std::string(1, '\0') + BigEndian(message.size(), 4) + message);
  nghttp2_data_provider body{};
  body.source.ptr = &bodies_.back();
  body.read_callback = &ReadBody;
  return nghttp2_submit_request(session_.get(), nullptr, headers, std::size(headers), &body,
                                nullptr);
}

void Http2Client::Ping() { nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr); }

bool Http2Client::RunUntil(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (!Send()) return done();
    if (done()) return true;
    pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || poll(&readable, 1, static_cast<int>(left.count())) != 1) return false;
    if (!Receive()) return done();
  }
  return true;
}

bool Http2Client::Send() {
  const std::uint8_t* bytes = nullptr;
  for (;;) {
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size < 0) failure_ = size;
    if (size <= 0) return size == 0;
    if (send(socket_.get(), bytes, static_cast<size_t>(size), MSG_NOSIGNAL) != size) return false;
  }
}

bool Http2Client::Receive() {
  std::uint8_t bytes[16'384];
  const ssize_t got = recv(socket_.get(), bytes, sizeof bytes, 0);
  closed_ = got <= 0;
  if (closed_) return false;
  const ssize_t used = nghttp2_session_mem_recv(session_.get(), bytes, static_cast<size_t>(got));
  if (used < 0) failure_ = used;
  return used >= 0;
}

long Http2Client::Count(int type, int flags) const {
  return std::count_if(frames_.begin(), frames_.end(), [&](const SeenFrame& frame) {
    return frame.type == type && (frame.flags & flags) == flags;
  });
}

Http2Client::SeenFrame Http2Client::First(int type) const {
  const auto at = std::find_if(frames_.begin(), frames_.end(),
                               [&](const SeenFrame& frame) { return frame.type == type; });
  return at == frames_.end() ? SeenFrame{} : *at;
}

}  // namespace zlayer::fakes
