#include "lifecycle/src/spawn/launch_pipes.h"

#include <fcntl.h>

#include <cerrno>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

bool MakePipe(UniqueFd* read, UniqueFd* write) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  read->reset(ends[0]);
  write->reset(ends[1]);
  return ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

}  // namespace

Result<LaunchPipes> LaunchPipes::Make() {
  LaunchPipes pipes;
  if (!MakePipe(&pipes.stdout_read, &pipes.stdout_write) ||
      !MakePipe(&pipes.stderr_read, &pipes.stderr_write)) {
    return Fail(ErrorKind::spawn_failed, "cannot create a pipe: {}", ErrnoText(errno));
  }
  pipes.null.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!pipes.null) {
    return Fail(ErrorKind::spawn_failed, "cannot open /dev/null: {}", ErrnoText(errno));
  }
  return pipes;
}

}  // namespace zlayer::sidecar
