// The bytes of an RPC, BuildService's Health, as a client sends them over HTTP/2. Written by hand,
// so that a test can send them over a connection that it controls.

#pragma once

#include <string>
#include <utility>

namespace zlayer::fakes {

/// One frame (RFC 9113, 4.1). `content` must have less than 256 bytes.
inline std::string Http2Frame(char type, char flags, char stream, const std::string& content) {
  const char head[] = {0, 0, static_cast<char>(content.size()), type, flags, 0, 0, 0, stream};
  return std::string(head, sizeof head) + content;
}

/// The preface, SETTINGS, and the request on stream 1.
inline std::string HealthCall() {
  const std::pair<std::string, std::string> headers[] = {
      {":method", "POST"},
      {":scheme", "https"},
      {":path", "/zlayer.buildah_sidecar.v1.BuildService/Health"},
      {":authority", "zlayer-buildd"},
      {"content-type", "application/grpc"},
      {"te", "trailers"}};
  std::string block;
  for (const auto& [name, value] : headers) {
    // A literal with a literal name, which enters no table (RFC 7541, 6.2.2).
    block += std::string(1, '\0') + static_cast<char>(name.size()) + name +
             static_cast<char>(value.size()) + value;
  }
  constexpr char kSettings = 4;
  constexpr char kHeaders = 1;
  constexpr char kEndHeaders = 4;
  constexpr char kData = 0;
  constexpr char kEndStream = 1;
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Http2Frame(kSettings, 0, 0, "") +
         Http2Frame(kHeaders, kEndHeaders, 1, block) +
         Http2Frame(kData, kEndStream, 1, std::string(5, '\0'));
}

}  // namespace zlayer::fakes
