#include "lifecycle/src/share/callbacks.h"

#include <string>
#include <system_error>
#include <utility>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

/// What a queued line takes besides its bytes, so that many empty lines are bounded, too.
constexpr size_t kLineOverhead = 128;

}  // namespace

std::shared_ptr<Callbacks> Callbacks::TakeFrom(LifecycleOptions* options) {
  std::shared_ptr<Callbacks> self(new Callbacks(
      {std::exchange(options->on_stderr_line, nullptr), std::exchange(options->on_lost, nullptr),
       std::exchange(options->on_phase, nullptr), std::exchange(options->on_event, nullptr)}));
  // on_lost stays empty: a loss comes as a Loss, by Lost().
  if (self->user_.on_stderr_line) {
    options->on_stderr_line = [self](std::string_view line) { self->PostLine(line); };
  }
  if (self->user_.on_phase) {
    options->on_phase = [self](Phase phase, std::chrono::nanoseconds took) {
      self->Post([raw = self.get(), phase, took] { raw->user_.on_phase(phase, took); });
    };
  }
  if (self->user_.on_event) {
    options->on_event = [self](const LifecycleEvent& event) {
      self->Post([raw = self.get(), event] { raw->user_.on_event(event); });
    };
  }
  return self;
}

Callbacks::Callbacks(Functions user)
    : user_(std::move(user)),
      any_(user_.on_stderr_line || user_.on_lost || user_.on_phase || user_.on_event) {}

Result<void> Callbacks::Start() {
  if (!any_ || thread_) return {};
  try {
    thread_ = Thread("zlayer-callback", [self = shared_from_this()] { self->Run(); });
  } catch (const std::system_error& error) {
    return Fail(ErrorKind::spawn_failed, "cannot create the thread of the callbacks: {}",
                error.what());
  }
  return {};
}

void Callbacks::Lost(std::shared_ptr<const Loss> loss) {
  Post([this, loss = std::move(loss)] {
    if (user_.on_lost) user_.on_lost(loss->Why());
  });
}

void Callbacks::PostLine(std::string_view line) {
  Post([this, owned = std::string(line)] { user_.on_stderr_line(owned); },
       line.size() + kLineOverhead);
}

void Callbacks::Post(std::function<void()> run, size_t line_size) {
  if (!any_) return;
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  queue_.push_back({std::move(run), line_size});
  lines_size_ += line_size;
  changed_.notify_one();
}

bool Callbacks::StderrFull(std::function<void()> resume) {
  const std::lock_guard lock(mutex_);
  if (closed_ || lines_size_ < kQueueLimit) return false;
  paused_.push_back(std::move(resume));
  return true;
}

bool Callbacks::StderrOverflows() const {
  const std::lock_guard lock(mutex_);
  return lines_size_ >= kOverflow;
}

void Callbacks::Close() {
  const bool inside = thread_.IsCurrent();
  std::deque<Call> dropped;
  std::vector<std::function<void()>> paused;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    paused.swap(paused_);
    if (inside) dropped.swap(queue_);
    changed_.notify_one();
  }
  // A sidecar whose handle is still held goes on without on_stderr_line.
  for (const auto& resume : paused) resume();
  if (inside) {
    thread_.Detach();
  } else if (thread_) {
    thread_.Join();
  } else {
    user_ = {};
  }
}

void Callbacks::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closed_ || !queue_.empty(); });
    if (queue_.empty()) break;
    Call call = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    call.run();
    call.run = nullptr;  // before the lock: it may own a sidecar's last parts
    lock.lock();
    lines_size_ -= call.line_size;
    if (paused_.empty() || lines_size_ > kQueueLimit / 2) continue;
    std::vector<std::function<void()>> paused;
    paused.swap(paused_);
    lock.unlock();
    for (const auto& resume : paused) resume();
    lock.lock();
  }
  lock.unlock();
  user_ = {};
}

}  // namespace zlayer::sidecar
