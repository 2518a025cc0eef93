#include "lifecycle/src/connect/resolve.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <system_error>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/thread.h"

namespace zlayer::sidecar {
namespace {

/// What getaddrinfo(3) returned.
struct Answer {
  int error = 0;
  int system_error = 0;  // errno, for EAI_SYSTEM
  Addresses addresses;
};

Answer Ask(const Address& address, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) return {error, errno, nullptr};
  return {0, 0, Addresses(found, [](addrinfo* list) { ::freeaddrinfo(list); })};
}

/// One getaddrinfo(3) under way. All waiters and the thread own it.
struct Lookup {
  UniqueFd done{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // readable once `answer` is there
  Answer answer;  // written once; read it with Lookups::mutex held
};

/// The lookups under way. Never destroyed: a thread may outlive the static variables.
struct Lookups {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Lookup>> under_way;  // guarded by mutex
};

Lookups& AllLookups() {
  static auto* const all = new Lookups;
  return *all;
}

void Run(const Address& address, Lookup* lookup) {
  lookup->answer = Ask(address, 0);
  Lookups& all = AllLookups();
  const std::lock_guard lock(all.mutex);
  all.under_way.erase(address.ToString());
  ::eventfd_write(lookup->done.get(), 1);
}

Result<std::shared_ptr<Lookup>> Join(const Address& address) {
  Lookups& all = AllLookups();
  const std::lock_guard lock(all.mutex);
  const auto known = all.under_way.find(address.ToString());
  if (known != all.under_way.end()) return known->second;
  const auto lookup = std::make_shared<Lookup>();
  if (!lookup->done) {
    return Fail(ErrorKind::dial_failed, "cannot look up {}: no eventfd: {}", address.ToString(),
                ErrnoText(errno));
  }
  try {
    Thread("zlayer-lookup", [address, lookup] { Run(address, lookup.get()); }).Detach();
  } catch (const std::system_error& error) {
    return Fail(ErrorKind::dial_failed, "cannot look up {}: no thread: {}", address.ToString(),
                error.what());
  }
  all.under_way.emplace(address.ToString(), lookup);  // Run waits for the mutex to erase it
  return lookup;
}

Result<Addresses> Checked(const Address& address, const Answer& answer) {
  if (answer.error == 0) return answer.addresses;
  return Fail(
      ErrorKind::dial_failed, "cannot look up {}: {}", address.ToString(),
      answer.error == EAI_SYSTEM ? ErrnoText(answer.system_error) : ::gai_strerror(answer.error));
}

}  // namespace

Result<Addresses> Resolve(const Address& address, const DialLimit& limit, StartWait* wait) {
  if (const Answer numeric = Ask(address, AI_NUMERICHOST); numeric.error != EAI_NONAME) {
    return Checked(address, numeric);
  }
  const auto lookup = Join(address);
  if (!lookup) return tl::unexpected(lookup.error());
  const Waited waited = wait->For((*lookup)->done.get(), POLLIN, limit.deadline);
  if (waited != Waited::ready) {
    return tl::unexpected(DialCutShort(address, limit, waited, "looking up the name"));
  }
  // Run() took the mutex behind its write, so the answer is seen whole.
  const std::lock_guard lock(AllLookups().mutex);
  return Checked(address, (*lookup)->answer);
}

}  // namespace zlayer::sidecar
