// Tells whether the clock decided about a client's certificate.

#pragma once

#include <openssl/x509_vfy.h>
#include <time.h>

namespace zlayer::fakes::daemon {

/// Call after X509_verify_cert(). True when the verdict of `chain` at `judged_at` differs from the
/// one that the time `now` would have given: a certificate of the chain is valid at one of the two
/// times only, and nothing but dates speaks against the chain.
bool DatesDecide(X509_STORE_CTX* chain, time_t judged_at, time_t now);

}  // namespace zlayer::fakes::daemon
