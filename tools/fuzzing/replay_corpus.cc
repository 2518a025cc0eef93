// Runs a fuzz target over directories of inputs, without a fuzzer: any compiler can do it.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, size_t size);

namespace {

namespace fs = std::filesystem;

bool Replay(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return false;
  // Before the run: a target that finds something aborts.
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

/// How many inputs there were; -1: one could not be read, or the directory.
int ReplayDirectory(const char* directory) {
  int count = 0;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (!Replay(at->path())) return -1;
    ++count;
  }
  return error ? -1 : count;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    // An empty directory would look like a pass.
    if (const int count = ReplayDirectory(argv[i]); count <= 0) {
      std::fprintf(stderr, "%s: %s\n", argv[i], count == 0 ? "is empty" : "cannot be read");
      return 1;
    }
  }
  return argc > 1 ? 0 : 2;
}
