#include "fakes/src/process/launch_count.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr size_t kLongest = 16;

tl::unexpected<Failure> CannotCount(const std::string& path, const std::string& why) {
  return BadInput("ZLAYER_FAKE_STATE: " + path + ": " + why);
}

}  // namespace

bool IsReExecuted() {
  const char* launch = std::getenv(kReExecuted);
  return launch && *launch;
}

Result<std::uint32_t> CountLaunch() {
  const char* launch = std::getenv(kReExecuted);
  if (launch && *launch) return static_cast<std::uint32_t>(std::strtoul(launch, nullptr, 10));
  const char* directory = std::getenv("ZLAYER_FAKE_STATE");
  if (!directory || !*directory) return 0;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return CannotCount(directory, error.message());
  const std::string path = std::string(directory) + "/launches";
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return CannotCount(path, std::strerror(errno));
  while (flock(file.get(), LOCK_EX) != 0) {  // the lock ends when the file is closed
    if (errno != EINTR) return CannotCount(path, std::strerror(errno));
  }
  char text[kLongest];
  const ssize_t size = pread(file.get(), text, sizeof text, 0);
  if (size < 0) return CannotCount(path, std::strerror(errno));
  std::uint32_t launches = 0;
  const auto [end, bad] = std::from_chars(text, text + size, launches);
  if (size > 0 && (bad != std::errc() || end == text + size || *end != '\n')) {
    return CannotCount(path, "is not a count of launches");
  }
  const std::string next = std::to_string(launches + 1) + "\n";
  if (pwrite(file.get(), next.data(), next.size(), 0) != static_cast<ssize_t>(next.size())) {
    return CannotCount(path, std::strerror(errno));
  }
  return launches + 1;
}

}  // namespace zlayer::fakes::daemon
