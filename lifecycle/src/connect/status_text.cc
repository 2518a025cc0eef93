#include "lifecycle/src/connect/status_text.h"

#include <grpcpp/support/status.h>

#include <array>
#include <string_view>

#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

std::string_view CodeName(grpc::StatusCode code) {
  constexpr std::array<std::string_view, 17> kNames{"OK",
                                                    "CANCELLED",
                                                    "UNKNOWN",
                                                    "INVALID_ARGUMENT",
                                                    "DEADLINE_EXCEEDED",
                                                    "NOT_FOUND",
                                                    "ALREADY_EXISTS",
                                                    "PERMISSION_DENIED",
                                                    "RESOURCE_EXHAUSTED",
                                                    "FAILED_PRECONDITION",
                                                    "ABORTED",
                                                    "OUT_OF_RANGE",
                                                    "UNIMPLEMENTED",
                                                    "INTERNAL",
                                                    "UNAVAILABLE",
                                                    "DATA_LOSS",
                                                    "UNAUTHENTICATED"};
  const auto index = static_cast<size_t>(code);
  return index < kNames.size() ? kNames[index] : "a status that does not exist";
}

}  // namespace

std::string StatusText(const grpc::Status& status) {
  std::string text(CodeName(status.error_code()));
  if (!status.error_message().empty()) text += ": " + Escaped(status.error_message());
  return text;
}

}  // namespace zlayer::sidecar
