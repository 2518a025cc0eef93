// Header blocks as lists, by libnghttp2's HPACK (RFC 7541).

#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zlayer::fakes {

/// Names are lower case; order counts.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// Null when there is none.
std::string* FindHeader(Headers& headers, std::string_view name);
/// Replaces the value, or adds the header at the end.
void SetHeader(Headers& headers, std::string_view name, std::string value);
void EraseHeader(Headers& headers, std::string_view name);

/// Must see every header block of its direction, in order.
class HeaderDecoder {
 public:
  HeaderDecoder();

  /// Empty: the block is broken.
  std::optional<Headers> Decode(std::string_view block);

 private:
  std::unique_ptr<nghttp2_hd_inflater, decltype(&nghttp2_hd_inflate_del)> inflater_;
};

/// Must make every header block of its direction: tables of two encoders would differ. It has no
/// dynamic table, so that it keeps within any limit that a client sets, and its blocks may
/// be reordered.
class HeaderEncoder {
 public:
  HeaderEncoder();

  std::string Encode(const Headers& headers);

 private:
  std::unique_ptr<nghttp2_hd_deflater, decltype(&nghttp2_hd_deflate_del)> deflater_;
};

}  // namespace zlayer::fakes
