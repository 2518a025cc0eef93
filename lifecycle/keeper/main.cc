// The entry of zlayer-buildd-keeper, the parent of a sidecar: see keeper.h. Only the library starts
// it, with the arguments and descriptors of lifecycle/src/spawn/keeper_protocol.h.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lifecycle/keeper/descendants.h"
#include "lifecycle/keeper/keeper.h"
#include "lifecycle/keeper/system_call.h"
#include "lifecycle/src/spawn/keeper_protocol.h"

namespace zlayer::sidecar {
namespace {

constexpr char kRefusal[] =
    "zlayer-buildd-keeper: only the sidecar library starts this program; it does nothing by "
    "itself\n";

/// Tells a start by the library from a start by hand.
bool HasControlSocket() {
  int type = 0;
  socklen_t size = sizeof type;
  return SystemCall(SYS_getsockopt, kKeeperControl, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_SEQPACKET;
}

bool Equal(const char* a, const char* b) {
  for (; *a != '\0' && *a == *b; ++a, ++b) {
  }
  return *a == *b;
}

long Number(const char* digits) {
  long number = 0;
  for (; *digits >= '0' && *digits <= '9'; ++digits) number = number * 10 + (*digits - '0');
  return number;
}

int Main(int argc, char** argv, char** environment) {
  const bool by_library = argc > 1 && HasControlSocket();
  if (by_library && !Equal(argv[1], kKeeperVersion)) {
    EndDescendants();  // the library may have started the program before us
    const FromKeeper report{FromKeeper::other_version, 0, 0};
    SystemCall(SYS_write, kKeeperControl, &report, sizeof report);
    return 2;
  }
  if (!by_library || argc < 4) {
    SystemCall(SYS_write, STDERR_FILENO, kRefusal, sizeof kRefusal - 1);
    return 2;
  }
  // The program must get the standard descriptors only.
  SystemCall(SYS_fcntl, kKeeperControl, F_SETFD, FD_CLOEXEC);
  SystemCall(SYS_fcntl, kKeeperHost, F_SETFD, FD_CLOEXEC);
  for (const int pipe : kKeeperReads) SystemCall(SYS_fcntl, pipe, F_SETFD, FD_CLOEXEC);
  Keeper(static_cast<pid_t>(Number(argv[3])), Number(argv[2])).Run(argv + 4, environment);
  return 0;
}

}  // namespace
}  // namespace zlayer::sidecar

#ifdef ZLAYER_KEEPER_WITHOUT_LIBC

/// `stack` is what the kernel passes to a new program: argc, the arguments, a null pointer, and the
/// environment.
extern "C" [[noreturn]] __attribute__((used)) void KeeperStart(long* stack) {
  const long argc = *stack;
  char** argv = reinterpret_cast<char**>(stack + 1);
  const int status = zlayer::sidecar::Main(static_cast<int>(argc), argv, argv + argc + 1);
  for (;;) zlayer::sidecar::SystemCall(SYS_exit_group, status);
}

__asm__(
    ".globl _start\n"
    ".type _start, @function\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"  // the outermost frame
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call KeeperStart\n");

#else

int main(int argc, char** argv) { return zlayer::sidecar::Main(argc, argv, environ); }

#endif
