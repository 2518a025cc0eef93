// Judges a client's certificate as the deployed daemon does, whose TLS is Go's crypto/tls.
//
// OpenSSL builds and checks the chain; what Go decides otherwise is decided here: which chains are
// good, and which alert a bad one gets.

#pragma once

#include <openssl/x509_vfy.h>

#include <ctime>

namespace zlayer::fakes::daemon {

/// What OpenSSL must not decide by itself: it checks no purpose (Judge() does), and every
/// certificate of `--tls-ca` is an anchor, not only a self-signed one.
void RelaxVerification(X509_VERIFY_PARAM* param);

/// Verifies the chain that the client sent, as if the time were `now`. Returns X509_V_OK or the
/// X509_V_ERR_ value that names the defect.
int Judge(X509_STORE_CTX* chain, std::time_t now);

/// True when `verdict`, which Judge() gave to `chain` at `judged_at`, differs from the one that the
/// time `now` would have given: a certificate of the chain is valid at one of the two times only,
/// and nothing but dates speaks against the chain.
bool DatesDecide(X509_STORE_CTX* chain, int verdict, std::time_t judged_at, std::time_t now);

/// The X509_V_ERR_ value for which OpenSSL sends the alert that Go sends for `defect`:
/// unknown_ca, certificate_expired or bad_certificate.
int ErrorWithAlertOf(int defect);

}  // namespace zlayer::fakes::daemon
