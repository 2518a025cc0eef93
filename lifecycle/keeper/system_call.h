// System calls for a program without a C library: on a virtual machine, where each CPUID is
// trapped, the start of one took nine tenths of the keeper's own.

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

/// x86-64: the number in rax, arguments in rdi, rsi, rdx, r10, r8, r9; rcx and r11 are lost. See
/// syscall(2).
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

/// Of up to six arguments, integers and pointers. Below 0: a negative errno.
template <typename... Arguments>
long SystemCall(long number, Arguments... arguments) {
  static_assert(sizeof...(arguments) <= 6);
  const long words[6] = {system_call::Word(arguments)...};
  return system_call::Make(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

/// 0 in the child.
inline long Fork() {
#ifdef ZLAYER_KEEPER_WITHOUT_LIBC
  return SystemCall(SYS_fork);
#else
  return ::fork();
#endif
}

}  // namespace zlayer::sidecar
