// Tells whether the clock decided about a client's certificate.

#pragma once

#include <openssl/x509_vfy.h>
#include <time.h>

namespace zlayer::fakes::daemon {

/// True when `verdict`, which Judge() gave to `chain` at `judged_at`, differs from the one that the
/// time `now` would have given: a certificate of the chain is valid at one of the two times only,
/// and nothing but dates speaks against the chain.
bool DatesDecide(X509_STORE_CTX* chain, int verdict, time_t judged_at, time_t now);

}  // namespace zlayer::fakes::daemon
