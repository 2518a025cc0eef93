// One number of a file below /proc whose lines are "Name:   number unit".
//
//   ProcField("/proc/meminfo", "MemAvailable")        // in KiB, as the file has it

#pragma once

#include <string>
#include <string_view>

namespace zlayer::bench {

/// -1 where there is no such file or line. The unit is the file's.
long ProcField(const std::string& file, std::string_view name);

}  // namespace zlayer::bench
