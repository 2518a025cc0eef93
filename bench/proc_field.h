// One number of a file below /proc whose lines are "Name:   number unit".
//
//   ProcField("/proc/meminfo", "MemAvailable")        // in KiB, as the file has it

#pragma once

#include <string>
#include <string_view>

namespace zlayer::bench {

/// -1 if the file or the line does not exist. The unit is that of the file.
long ProcField(const std::string& file, std::string_view name);

}  // namespace zlayer::bench
