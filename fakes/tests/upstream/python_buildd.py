#!/usr/bin/python3
"""A small zlayer-buildd of another gRPC stack: Python's grpcio, without generated code."""
import concurrent.futures, signal, sys, threading

import grpc

SERVICE = "zlayer.buildah_sidecar.v1.BuildService"
SERVING = b"\x08\x01"  # HealthResponse: status = 1
LOG = b"\x2a\x66\x0a\x64" + b"x" * 100  # BuildEvent: log = 5, its line = 1
FINISHED = b"\x3a\x03\x0a\x01i"  # BuildEvent: finished = 7, its image_id = 1
LINES = 2000


def flag(name):
    """The value of --NAME VALUE or --NAME=VALUE, as Go's flags have it."""
    for at, word in enumerate(sys.argv):
        if word == "--" + name:
            return sys.argv[at + 1]
        if word.startswith(f"--{name}="):
            return word.partition("=")[2]
    sys.exit(2)


def read(name):
    with open(flag(name), "rb") as file:
        return file.read()


def build(request, context):
    for _ in range(LINES):
        yield LOG
    yield FINISHED


server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {
    "Build": grpc.unary_stream_rpc_method_handler(build),
    "Health": grpc.unary_unary_rpc_method_handler(lambda request, context: SERVING)})])
port = server.add_secure_port(flag("bind"), grpc.ssl_server_credentials(
    [(read("tls-key"), read("tls-cert"))], read("tls-ca"), require_client_auth=True))
server.start()
told = threading.Event()
signal.signal(signal.SIGTERM, lambda number, frame: told.set())
print(f"LISTENING 127.0.0.1:{port}", flush=True)
told.wait()
server.stop(5).wait()
print("python_buildd: stopped", file=sys.stderr)
sys.exit(0)
