# Script: writes ${OUT}/${HEADER}.{h,cc}, where `std::string_view ${FUNCTION}()` returns the bytes of ${FILE}.

file(READ ${FILE} digits HEX)
string(REPEAT "." 32 line)
string(REGEX REPLACE "(${line})" "\\1\n" digits "${digits}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${digits}")

file(WRITE ${OUT}/${HEADER}.h "// Generated. A file compiled into the program.
#pragma once

#include <string_view>

std::string_view ${FUNCTION}();
")
file(WRITE ${OUT}/${HEADER}.cc "// Generated. A file compiled into the program.
#include \"${HEADER}.h\"

std::string_view ${FUNCTION}() {
  static constexpr char kBytes[] = {
${bytes}
  };
  return {kBytes, sizeof kBytes};
}
")
