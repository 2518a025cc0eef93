// A host whose threads have small stacks by default (ulimit -s, pthread_setattr_default_np(3)).

#include <pthread.h>

#include <future>
#include <string>

#include "lifecycle/src/base/thread.h"
#include "lifecycle/tests/share/fake_world.h"
#include "lifecycle/tests/share/run_host.h"
#include "zlayer/proto/buildah_sidecar.pb.h"
#include "zlayer/sidecar/build.h"

namespace zlayer::sidecar {
namespace {

using SmallStacksTest = FakeWorld;

bool MakeDefaultStack(size_t size) {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, size);
  const bool made = ::pthread_setattr_default_np(&attributes) == 0;
  ::pthread_attr_destroy(&attributes);
  return made;
}

size_t StackOfANewThread() {
  std::promise<size_t> size;
  const Thread thread("measured", [&] {
    pthread_attr_t attributes;
    ::pthread_getattr_np(::pthread_self(), &attributes);
    size_t found = 0;
    ::pthread_attr_getstacksize(&attributes, &found);
    ::pthread_attr_destroy(&attributes);
    size.set_value(found);
  });
  return size.get_future().get();
}

TEST_F(SmallStacksTest, AThreadOfOursHasALeastStackAndKeepsALargerDefault) {
  EXPECT_EQ(RunHost([] {
              if (!MakeDefaultStack(size_t{64} * 1024)) return 1;
              if (StackOfANewThread() < Thread::kLeastStack) return 2;
              constexpr size_t kLarge = size_t{4} * 1024 * 1024;
              if (!MakeDefaultStack(kLarge)) return 3;
              return StackOfANewThread() < kLarge ? 4 : 0;
            }),
            0);
}

/// The request is larger than every buffer on its way.
TEST_F(SmallStacksTest, ABuildEndsWellWithTheLeastDefaultThatWePromise) {
  options_.on_stderr_line = [](std::string_view) {};
  EXPECT_EQ(RunHost([&] {
              if (!MakeDefaultStack(size_t{128} * 1024)) return 1;
              SidecarLifecycle lifecycle(config_, options_);
              const auto live = lifecycle.Ensure();
              if (!live) return 2;
              buildah_sidecar::v1::BuildRequest request;
              request.add_dockerfile_paths("Dockerfile");
              (*request.mutable_build_args())["large"] = std::string(size_t{2} << 20, 'x');
              return RunBuild(*live, request) ? 0 : 3;
            }),
            0);
}

}  // namespace
}  // namespace zlayer::sidecar
