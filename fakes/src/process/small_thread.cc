#include "fakes/src/process/small_thread.h"

namespace zlayer::fakes::daemon {
namespace {

#ifdef ZLAYER_SANITIZED
constexpr bool kSanitized = true;  // instrumented functions need much more stack
#else
constexpr bool kSanitized = false;
#endif

}  // namespace

bool SmallThread::Create(void* (*run)(void*), void* body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (!kSanitized) pthread_attr_setstacksize(&attributes, kSmallStack);
  started_ = pthread_create(&thread_, &attributes, run, body) == 0;
  pthread_attr_destroy(&attributes);
  return started_;
}

void SmallThread::Join() {
  if (std::exchange(started_, false)) pthread_join(thread_, nullptr);
}

}  // namespace zlayer::fakes::daemon
