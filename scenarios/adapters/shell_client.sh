#!/bin/sh -e
tls=$ZLAYER_DATA_DIR/buildd line=$ZLAYER_DATA_DIR/line && mkfifo "$line"
"$ZLAYER_BUILDD_BIN" --bind 127.0.0.1:0 --tls-ca "$tls/ca.pem" --tls-cert "$tls/cert.pem" --tls-key "$tls/key.pem" --idle-secs 30 --storage-root "$tls/graph" --storage-runroot "$tls/run" --storage-driver vfs >"$line" 2>"$line.err" &
read -r listening <"$line" || { wait $! || echo "ended with status $?: $(cat "$line.err")"; exit 1; }
kill $! && wait $! && case $listening in "LISTENING 127.0.0.1:"*) ;; *) echo "no handshake line: $listening"; exit 1 ;; esac
