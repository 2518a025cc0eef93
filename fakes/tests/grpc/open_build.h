// A Build RPC that a test reads event by event.
//
//   OpenBuild build(service, "a");
//   ASSERT_TRUE(build.Next());  // build.event is the first event

#pragma once

#include <memory>
#include <string>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {

struct OpenBuild {
  OpenBuild(Service& service, const std::string& id) : OpenBuild(service, RequestOf(id)) {}
  OpenBuild(Service& service, const buildah_sidecar::v1::BuildRequest& request)
      : context(NewContext()), reader(service.stub().Build(context.get(), request)) {}

  /// False at the end of the stream.
  bool Next() { return reader->Read(&event); }

  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientReader<buildah_sidecar::v1::BuildEvent>> reader;
  buildah_sidecar::v1::BuildEvent event;
};

/// Waits until the fake has read the request of build `id`.
inline bool HasArrived(Service& service, const std::string& id) {
  return service.fake().WaitForEntry([&](const v1::JournalEntry& entry) {
    return entry.rpc_started().detail().find("\"" + id + "\"") != std::string::npos;
  });
}

/// Waits until the service has ended a Build.
inline bool HasEndedABuild(Service& service) {
  return service.fake().WaitForEntry([](const v1::JournalEntry& entry) {
    return entry.rpc_ended().method() == "/zlayer.buildah_sidecar.v1.BuildService/Build";
  });
}

}  // namespace zlayer::fakes
