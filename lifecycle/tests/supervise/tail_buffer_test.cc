#include "lifecycle/src/supervise/tail_buffer.h"

#include <gtest/gtest.h>

namespace zlayer::sidecar {
namespace {

TEST(TailBufferTest, KeepsTheEndWhateverTheSizesOfThePieces) {
  for (const size_t piece : {size_t{1}, size_t{1000}, TailBuffer::kLimit - 1, TailBuffer::kLimit,
                             TailBuffer::kLimit + 1}) {
    TailBuffer tail;
    std::string all;
    while (all.size() < 4 * TailBuffer::kLimit) {
      const std::string bytes(piece, static_cast<char>('a' + all.size() % 26));
      tail.Append(bytes);
      all += bytes;
    }
    EXPECT_EQ(tail.Bytes(), all.substr(all.size() - TailBuffer::kLimit)) << piece;
  }
}

}  // namespace
}  // namespace zlayer::sidecar
