// Prints what a start would take from this process's environment, one fact per line:
//
//   secure=1                        AT_SECURE: the program has rights that its caller does not have
//   data_dir=/usr/sbin/.zlayer      or why there is none
//   binary=...                      what discovery finds or says
//   HOME=/usr/sbin                  and every other variable that a sidecar would inherit
//
// Run by set_user_id_test as a set-user-ID program.

#include <sys/auxv.h>

#include <iostream>

#include "lifecycle/src/config/discover.h"
#include "lifecycle/src/config/resolved_config.h"

#ifdef __SANITIZE_ADDRESS__
/// LeakSanitizer asks this. It cannot look into a program that has the rights of another user.
extern "C" int __lsan_is_turned_off() { return 1; }
#endif

int main() {
  using namespace zlayer::sidecar;  // NOLINT(google-build-using-namespace)
  const Environment environment = Environment::OfThisProcess();
  const auto config = ResolveConfig({}, {}, environment);
  std::cout << "secure=" << ::getauxval(AT_SECURE) << '\n'
            << "data_dir=" << (config ? config->data_dir : config.error().message) << '\n';
  const auto binary = DiscoverBinary(environment, config ? config->data_dir : "/nonexistent");
  std::cout << "binary=" << (binary ? *binary : binary.error().message) << '\n';
  for (const std::string& variable : environment.Strings()) std::cout << variable << '\n';
}
