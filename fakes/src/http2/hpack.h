// Decodes and encodes header blocks (HPACK, RFC 7541) by libnghttp2.

#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zlayer::fakes::daemon {

/// Names and values, in order. Names are lower case.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of this name; null when there is none.
std::string* FindHeader(Headers& headers, std::string_view name);
/// Replaces the value, or adds the header at the end.
void SetHeader(Headers& headers, std::string_view name, std::string value);
void EraseHeader(Headers& headers, std::string_view name);

/// Must decode every header block of its direction, in order: each block may change the dynamic
/// table.
class HeaderDecoder {
 public:
  HeaderDecoder();

  /// Nullopt when the block is not valid HPACK.
  std::optional<Headers> Decode(std::string_view block);

 private:
  std::unique_ptr<nghttp2_hd_inflater, decltype(&nghttp2_hd_inflate_del)> inflater_;
};

/// Must encode every header block of its direction, because two encoders would not agree on the
/// dynamic table. It uses no dynamic table itself: so it respects any limit that a client sets, and
/// its blocks may be reordered or dropped.
class HeaderEncoder {
 public:
  HeaderEncoder();

  std::string Encode(const Headers& headers);

 private:
  std::unique_ptr<nghttp2_hd_deflater, decltype(&nghttp2_hd_deflate_del)> deflater_;
};

}  // namespace zlayer::fakes::daemon
