#include "fakes/src/service/honest_build.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "fakes/src/service/image_store.h"
#include "fakes/src/service/reference.h"

namespace zlayer::fakes::daemon {
namespace {

using buildah_sidecar::v1::BuildRequest;

constexpr size_t kShortId = 12;

/// The same bytes for the same request, also when it has a map.
std::string Encoded(const BuildRequest& request) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream output(&stream);
  output.SetSerializationDeterministic(true);
  request.SerializeToCodedStream(&output);
  output.Trim();
  return bytes;
}

bool UsesCache(const BuildRequest& request) { return request.layers() && !request.no_cache(); }

void AddLine(bool is_stderr, std::string line, BuildEvents& events) {
  auto* log = events.emplace_back().mutable_log();
  log->set_line(std::move(line));
  log->set_is_stderr(is_stderr);
}

void AddStderr(std::string line, BuildEvents& events) { AddLine(true, std::move(line), events); }
void AddStdout(std::string line, BuildEvents& events) { AddLine(false, std::move(line), events); }

/// The name under which the image was stored, and the digest of its manifest.
std::string ManifestRef(const BuildRequest& request, const std::string& image_id) {
  const std::string name = request.tags().empty() ? "docker.io/library/" + image_id + "-tmp:latest"
                                                  : FullName(request.tags(0));
  return name + "@" + DigestOf(image_id);
}

}  // namespace

std::string ImageIdOf(const BuildRequest& request) {
  BuildRequest content = request;
  if (UsesCache(request)) {
    content.clear_request_id();
    content.clear_tags();
  }
  return HexDigestOf(Encoded(content));
}

void AddInstructions(const BuildRequest& request, bool cached, BuildEvents& events) {
  AddStderr("STEP 1/2: FROM scratch", events);
  AddStderr("STEP 2/2: COPY . /", events);
  if (cached && UsesCache(request)) {
    AddStdout("--> Using cache " + ImageIdOf(request), events);
  }
}

void AddCommit(const BuildRequest& request, bool cached, BuildEvents& events) {
  const std::string id = ImageIdOf(request);
  AddStderr(request.tags().empty() ? "COMMIT" : "COMMIT " + request.tags(0), events);
  if (!cached || !UsesCache(request)) {
    AddStderr("Getting image source signatures", events);
    AddStderr("Copying blob " + DigestOf("blob " + id), events);
    AddStderr("Copying config sha256:" + id, events);
    AddStderr("Writing manifest to image destination", events);
  }
  AddStdout("--> " + id.substr(0, kShortId), events);
  for (const std::string& tag : request.tags()) {
    AddStdout("Successfully tagged " + FullName(tag), events);
  }
  AddStdout(id, events);
  auto* finished = events.emplace_back().mutable_finished();
  finished->set_image_id(id);
  finished->set_manifest_ref(ManifestRef(request, id));
}

}  // namespace zlayer::fakes::daemon
