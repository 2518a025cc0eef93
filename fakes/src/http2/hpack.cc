#include "fakes/src/http2/hpack.h"

#include <algorithm>

namespace zlayer::fakes::daemon {
namespace {

/// A table size that no encoder exceeds. The fault does not see which limit the two peers agreed
/// on, and a greater one does no harm.
constexpr size_t kLargestTable = 16 << 20;

nghttp2_hd_inflater* NewInflater() {
  nghttp2_hd_inflater* inflater = nullptr;
  if (nghttp2_hd_inflate_new(&inflater) == 0) {
    nghttp2_hd_inflate_change_table_size(inflater, kLargestTable);
  }
  return inflater;
}

nghttp2_hd_deflater* NewDeflater() {
  nghttp2_hd_deflater* deflater = nullptr;
  nghttp2_hd_deflate_new(&deflater, 0);
  return deflater;
}

auto Named(std::string_view name) {
  return [name](const auto& header) { return header.first == name; };
}

std::string Text(const std::uint8_t* bytes, size_t size) { return {bytes, bytes + size}; }

const std::uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

std::string* FindHeader(Headers& headers, std::string_view name) {
  const auto at = std::find_if(headers.begin(), headers.end(), Named(name));
  return at == headers.end() ? nullptr : &at->second;
}

void SetHeader(Headers& headers, std::string_view name, std::string value) {
  if (std::string* found = FindHeader(headers, name)) {
    *found = std::move(value);
  } else {
    headers.emplace_back(name, std::move(value));
  }
}

void EraseHeader(Headers& headers, std::string_view name) { std::erase_if(headers, Named(name)); }

HeaderDecoder::HeaderDecoder() : inflater_(NewInflater(), &nghttp2_hd_inflate_del) {}

std::optional<Headers> HeaderDecoder::Decode(std::string_view block) {
  Headers headers;
  for (;;) {
    nghttp2_nv header;
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater_.get(), &header, &flags, Bytes(block),
                                                block.size(), /*in_final=*/1);
    if (used < 0) return {};
    block.remove_prefix(static_cast<size_t>(used));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      headers.emplace_back(Text(header.name, header.namelen), Text(header.value, header.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && block.empty()) return {};
  }
  nghttp2_hd_inflate_end_headers(inflater_.get());
  return headers;
}

HeaderEncoder::HeaderEncoder() : deflater_(NewDeflater(), &nghttp2_hd_deflate_del) {}

std::string HeaderEncoder::Encode(const Headers& headers) {
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : headers) {
    list.push_back({.name = const_cast<std::uint8_t*>(Bytes(name)),
                    .value = const_cast<std::uint8_t*>(Bytes(value)),
                    .namelen = name.size(),
                    .valuelen = value.size(),
                    .flags = NGHTTP2_NV_FLAG_NONE});
  }
  std::string block(nghttp2_hd_deflate_bound(deflater_.get(), list.data(), list.size()), '\0');
  const ssize_t size =
      nghttp2_hd_deflate_hd(deflater_.get(), reinterpret_cast<std::uint8_t*>(block.data()),
                            block.size(), list.data(), list.size());
  block.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return block;
}

}  // namespace zlayer::fakes::daemon
