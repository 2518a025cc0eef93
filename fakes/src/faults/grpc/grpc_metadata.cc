// Fault `grpc_metadata`: an answer with far more metadata than a client expects.

#include <algorithm>

#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::GrpcMetadata;

constexpr std::uint32_t kGreatestBytes = 1 << 20;
/// Of one value. Many libraries refuse a single long value, whatever the limit of all together.
constexpr size_t kLongestValue = 4'000;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.grpc_metadata().bytes() > kGreatestBytes) return {"bytes", "must be at most 1048576"};
  return MethodMistake(fault.grpc_metadata().method());
}

class HugeMetadata : public RpcFault {
 public:
  HugeMetadata(const GrpcMetadata& metadata, const TriggerPtr& trigger)
      : RpcFault(trigger, metadata.method()),
        bytes_(metadata.bytes() == 0 ? kDefaultMetadataBytes : metadata.bytes()),
        in_trailers_(metadata.in_trailers()) {}

 protected:
  void ChangeHeaders(HeaderBlock block, FrameOutlet& out) override {
    if (in_trailers_ ? block.ends_stream : block.is_first) {
      Fire();
      Add(block.headers);
      Release(block.stream);
    }
    Emit(block, out);
  }

 private:
  void Add(Headers& headers) const {
    for (size_t added = 0; added < bytes_;) {
      const size_t size = std::min(bytes_ - added, kLongestValue);
      headers.emplace_back("x-fake-" + std::to_string(added), std::string(size, 'x'));
      added += size;
    }
  }

  const size_t bytes_;
  const bool in_trailers_;
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnEveryConnection([metadata = fault.grpc_metadata(), trigger] {
    return std::make_unique<HugeMetadata>(metadata, trigger);
  }));
}

}  // namespace

const FaultKind kGrpcMetadataFault = {"grpc_metadata", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
