// Writing to a file that takes a part of the bytes only, as on an almost full disk.

#include "fakes/src/faults/resources/write_fully.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <string>

namespace zlayer::fakes::daemon {
namespace {

TEST(WriteFullyTest, APartIsNotAllOfIt) {
  constexpr rlim_t kRoom = 1'500;
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = kRoom, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string block(1'000, 'x');
  const bool first = WriteFully(fileno(file), block);
  const bool second = WriteFully(fileno(file), block);  // the kernel takes 500 bytes of it
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(first);
  EXPECT_FALSE(second);
  EXPECT_EQ(lseek(fileno(file), 0, SEEK_END), static_cast<off_t>(kRoom));
  std::fclose(file);
}

}  // namespace
}  // namespace zlayer::fakes::daemon
