#!/bin/sh
# The client under test: starts the daemon, greets it over mutual TLS, stops it.
# 0: greeted; 3: the daemon ended; 4: its line is not one; 5: TLS failed.

scratch=$(mktemp -d)
trap 'kill "$daemon" 2> /dev/null; wait "$daemon"; rm -r "$scratch"' EXIT
tls=$ZLAYER_DATA_DIR/buildd
mkfifo "$scratch/stdout"
"$ZLAYER_BUILDD_BIN" --bind 127.0.0.1:0 --tls-ca "$tls/ca.pem" --tls-cert "$tls/cert.pem" \
  --tls-key "$tls/key.pem" > "$scratch/stdout" 2> "$scratch/stderr" &
daemon=$!
read -r line < "$scratch/stdout" || exit 3
case $line in LISTENING\ *) ;; *) exit 4 ;; esac
openssl s_client -connect "${line#LISTENING }" -alpn h2 -CAfile "$tls/ca.pem" -cert "$tls/cert.pem" \
  -key "$tls/key.pem" -verify_return_error < /dev/null > "$scratch/client" 2>&1 || exit 5
