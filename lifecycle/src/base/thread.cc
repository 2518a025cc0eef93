#include "lifecycle/src/base/thread.h"

#include <algorithm>
#include <memory>
#include <system_error>

#include "lifecycle/src/base/signals_blocked.h"

namespace zlayer::sidecar {
namespace {

struct Body {
  const char* name;
  std::function<void()> run;
};

void* Run(void* argument) {
  const std::unique_ptr<Body> body(static_cast<Body*>(argument));
  ::pthread_setname_np(::pthread_self(), body->name);
  body->run();
  return nullptr;
}

/// Attributes with the process's defaults, but for the stack.
class Attributes {
 public:
  Attributes() : error_(::pthread_attr_init(&attributes_)) {
    if (error_ != 0) return;
    size_t stack = 0;
    ::pthread_attr_getstacksize(&attributes_, &stack);  // the default
    ::pthread_attr_setstacksize(&attributes_, std::max(stack, Thread::kLeastStack));
  }
  ~Attributes() {
    if (error_ == 0) ::pthread_attr_destroy(&attributes_);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  int error() const { return error_; }
  const pthread_attr_t* get() const { return &attributes_; }

 private:
  pthread_attr_t attributes_;
  const int error_;
};

}  // namespace

Thread::Thread(const char* name, std::function<void()> run) {
  auto body = std::make_unique<Body>(Body{name, std::move(run)});
  const Attributes attributes;
  int error = attributes.error();
  pthread_t id{};
  if (error == 0) {
    const SignalsBlocked blocked;
    error = ::pthread_create(&id, attributes.get(), &Run, body.get());
  }
  if (error != 0) throw std::system_error(error, std::generic_category());
  (void)body.release();  // the thread deletes it
  id_ = id;
}

void Thread::Join() {
  if (id_) ::pthread_join(*std::exchange(id_, std::nullopt), nullptr);
}

void Thread::Detach() {
  if (id_) ::pthread_detach(*std::exchange(id_, std::nullopt));
}

}  // namespace zlayer::sidecar
