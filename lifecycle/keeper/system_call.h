// System calls for a keeper without a C library.
//
// Why the keeper has no C library on x86-64: the start of a C library executes CPUID many times,
// and on a virtual machine each one traps to the hypervisor, 0.37 ms in all. The keeper starts on
// the processor that the sidecar could use. Without the C library the handshake line comes 0.4 ms
// earlier, after 4.15 ms, and the keeper's own start takes 0.05 ms (bench/COLD_START.md, "What was
// tried"; bench_peers compares SpawnToLine/library with SpawnToLine/posix_spawn). The simple way is
// to link a static C library. Other processors have that way (no ZLAYER_KEEPER_WITHOUT_LIBC), and
// the tests run both.

#pragma once

#include <sys/syscall.h>

#ifndef ZLAYER_KEEPER_WITHOUT_LIBC
#include <unistd.h>

#include <cerrno>
#endif

namespace zlayer::sidecar {

namespace system_call {

template <typename T>
long Word(T* pointer) {
  return reinterpret_cast<long>(pointer);
}
inline long Word(long number) { return number; }
inline long Word(decltype(nullptr)) { return 0; }

/// On x86-64 the number goes in rax and the arguments in rdi, rsi, rdx, r10, r8 and r9; the kernel
/// overwrites rcx and r11. See syscall(2).
inline long Make(long number, long a, long b, long c, long d, long e, long f) {
#ifdef ZLAYER_KEEPER_WITHOUT_LIBC
  long result;
  register long fourth __asm__("r10") = d;
  register long fifth __asm__("r8") = e;
  register long sixth __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  return result;
#else
  const long result = ::syscall(number, a, b, c, d, e, f);
  return result < 0 ? -errno : result;
#endif
}

}  // namespace system_call

/// A system call with up to six arguments, integers or pointers. A negative result is -errno.
template <typename... Arguments>
long SystemCall(long number, Arguments... arguments) {
  static_assert(sizeof...(arguments) <= 6);
  const long words[6] = {system_call::Word(arguments)...};
  return system_call::Make(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

/// Returns 0 in the child. Uses the C library's fork(3) if there is one, for its own bookkeeping.
inline long Fork() {
#ifdef ZLAYER_KEEPER_WITHOUT_LIBC
  return SystemCall(SYS_fork);
#else
  return ::fork();
#endif
}

}  // namespace zlayer::sidecar
