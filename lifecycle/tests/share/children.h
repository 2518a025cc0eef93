// The child processes of a process.

#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace zlayer::sidecar {

/// The process ids of the children of `pid`, zombies included.
inline std::vector<int> ChildrenOf(int pid) {
  std::vector<int> children;
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
    std::ifstream file(task.path() / "children");
    children.insert(children.end(), std::istream_iterator<int>(file), {});
  }
  return children;
}

}  // namespace zlayer::sidecar
