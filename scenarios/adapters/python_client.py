"""A whole zlayer-buildd client of Python's own subprocess and ssl, and of grpc."""
import grpc, os, pathlib, queue, re, select, signal, socket, ssl, subprocess, threading, time

NAME = "zlayer-buildd"  # of the binary, and in the server's certificate
SERVICE = "/zlayer.buildah_sidecar.v1.BuildService/"
BUILD_REQUEST = b"\x0a\x0escenario-build\x1a\x0aDockerfile"  # request_id = 1, dockerfile_paths = 3
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"  # of HTTP/2, with empty SETTINGS
SERVING = b"\x08\x01"  # status = 1
CHANNEL_OPTIONS = {"grpc.ssl_target_name_override": NAME, "grpc.enable_http_proxy": 0, "grpc.use_local_subchannel_pool": 1}

class Failure(Exception):
    def __init__(self, kind, message, **more):
        self.seen = {"error": kind, "message": message.replace("\n", "\\n"), **more}

class Client:
    process = channel = address = None
    def __init__(self, settings):
        seconds = lambda name, default: int(settings.get(name + "_ms", default)) / 1000
        self.handshake_s, self.connect_s = seconds("handshake_timeout", 15000), seconds("connect_timeout", 10000)
        self.rpc_s, self.grace_s = seconds("rpc_timeout", 600000), seconds("grace", 5000)
        self.data, self.remote = pathlib.Path(os.environ["ZLAYER_DATA_DIR"]), settings.get("addr")
        self.tls = pathlib.Path(settings.get("tls_dir", self.data / "buildd"))
        self.storage = [settings.get(f"storage_{name}_root", str(self.data / "buildd/storage" / name)) for name in ("graph", "run")]
        self.driver, self.idle = settings.get("storage_driver", "vfs"), str(settings.get("idle_secs", 30))

    def discover(self):
        places = [os.environ.get("ZLAYER_BUILDD_BIN"), self.data / "bin" / NAME]
        places += [os.path.join(directory, NAME) for directory in os.environ.get("PATH", "").split(":")]
        if not (usable := [str(place) for place in places if place and os.path.isfile(place) and os.access(place, os.X_OK)]):
            raise Failure("binary_not_found", f"{NAME} not found; set ZLAYER_BUILDD_BIN; tried {', '.join(map(str, places))}")
        return usable[0]

    def spawn(self):
        binary = self.discover()
        tls = [word for part in ("ca", "cert", "key") for word in (f"--tls-{part}", str(self.tls / f"{part}.pem"))]
        storage = ["--storage-root", self.storage[0], "--storage-runroot", self.storage[1], "--storage-driver", self.driver]
        try:
            for directory in self.storage:
                os.makedirs(directory, exist_ok=True)
                os.chmod(directory, 0o700)
            self.process = subprocess.Popen([binary, "--bind", "127.0.0.1:0", *tls, "--idle-secs", self.idle, *storage],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0)
        except OSError as error:
            raise Failure("spawn_failed" if error.filename == binary else "storage", f"{error.filename}: {error.strerror}")
        self.pidfd, self.line, self.stderr = os.pidfd_open(self.process.pid), queue.Queue(), b""
        self.readers = [threading.Thread(target=drain, daemon=True) for drain in (self.drain_stdout, self.drain_stderr)]
        [reader.start() for reader in self.readers]

    def drain_stdout(self):
        self.line.put((pipe := self.process.stdout).readline(4096))
        while pipe.read1(): pass

    def drain_stderr(self):
        pipe = self.process.stderr
        while data := pipe.read1():
            self.stderr = (self.stderr + data)[-65536:]

    def handshake(self):
        try:
            line = self.line.get(timeout=self.handshake_s)
        except queue.Empty:
            raise Failure("handshake_timeout", f"no handshake line within {round(self.handshake_s * 1000)} ms")
        if not line.endswith(b"\n") and len(line) < 4096:  # the end of stdout
            if not select.select([self.pidfd], [], [], 0.5)[0]:
                raise Failure("handshake_io", f"stdout ended before the handshake line, after {line!r}")
            end = self.stop()
            self.readers[1].join(0.5)  # not for ever: a grandchild can hold the pipe
            tail = self.stderr.decode(errors="replace")
            how = f"signal {end['signal']}" if "signal" in end else f"status {end['exit_code']}"
            raise Failure("exited_before_handshake", f"it ended with {how} after {line!r}; stderr: {tail[-500:]!r}", stderr_tail=tail, **end)
        match = re.fullmatch(rb"LISTENING (\S+):(\d{1,5})\r?\n", line)
        if not match or not 0 < int(match[2]) < 65536:
            raise Failure("address_invalid" if line.startswith(b"LISTENING ") else "handshake_malformed",
                          f"expected LISTENING host:port, got {line[:200]!r}")
        if match[1] not in (b"127.0.0.1", b"localhost", b"[::1]"):
            raise Failure("address_not_loopback", f"{match[1].decode()}:{match[2].decode()}: a local sidecar must be on loopback")
        return f"{match[1].decode()}:{match[2].decode()}"

    def dial(self):
        deadline, (host, _, port) = time.monotonic() + self.connect_s, self.address.rpartition(":")
        left, doing = lambda: max(0.001, deadline - time.monotonic()), "in the TCP connection"
        ca, cert, key = (self.tls / name for name in ("ca.pem", "cert.pem", "key.pem"))
        try:
            context = ssl.create_default_context(cafile=ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.load_cert_chain(cert, key)
            context.set_alpn_protocols(["h2"])
            with socket.create_connection((host.strip("[]"), int(port)), left()) as plain:
                doing = plain.settimeout(left()) or "in the TLS handshake"
                with context.wrap_socket(plain, server_hostname=NAME) as secure:
                    if secure.selected_alpn_protocol() != "h2":
                        raise Failure("server_rejected", f"{self.address}: we refused the server: it does not speak h2 (ALPN)")
                    secure.sendall(PREFACE)
                    if not secure.recv(1):  # the server's verdict on our certificate comes before its first bytes
                        raise Failure("dial_failed", f"{self.address}: it closed the connection")
        except TimeoutError:
            raise Failure("dial_timeout", f"{self.address}: no answer {doing} within {round(self.connect_s * 1000)} ms")
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", error.reason) or str(error)
            closed, refused = ("dial_failed", "it closed the connection"), ("client_rejected", "it refused us")
            kind, word = closed if "EOF" in why else refused if "ALERT" in why else ("server_rejected", "we refused the server")
            raise Failure(kind, f"{self.address}: {word} {doing}: {why.replace('_', ' ')}")
        except OSError as error:
            raise Failure("dial_failed", f"{self.address}: {error.strerror or error}")
        credentials = grpc.ssl_channel_credentials(ca.read_bytes(), key.read_bytes(), cert.read_bytes())
        self.channel = grpc.secure_channel(self.address, credentials, options=list(CHANNEL_OPTIONS.items()))
        return self.health(left(), "dial")

    def ensure(self):
        if self.channel and (self.remote or not select.select([self.pidfd], [], [], 0)[0]):
            return {"sidecar": self.address}  # alive
        self.stop()
        try:
            self.address = self.remote or self.spawn() or self.handshake()
            return self.dial()
        except BaseException:
            self.stop(grace_s=0)
            raise

    def health(self, limit_s=None, phase="rpc"):
        if self.call("unary_unary", "Health", b"", limit_s or self.rpc_s, phase) != SERVING:
            raise Failure(phase + "_failed", f"{self.address}: health is not SERVING")
        return {"sidecar": self.address}

    def build(self):
        events = [event[0] >> 3 for event in self.call("unary_stream", "Build", BUILD_REQUEST, self.rpc_s) if event]
        if [end for end in events if end in (7, 8)] != [7]:  # finished and error
            raise Failure("build_failed", f"{self.address}: the build's events were {events}")
        return {"sidecar": self.address}

    def call(self, kind, method, request, limit_s, phase="rpc"):
        try:
            answer = getattr(self.channel, kind)(SERVICE + method)(request, timeout=limit_s)
            return answer if kind == "unary_unary" else list(answer)
        except grpc.RpcError as error:
            end = "_timeout" if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED else "_failed"
            raise Failure(phase + end, f"{self.address}: {error.code().name}: {error.details()}")

    def stop(self, grace_s=None):
        process, self.process, channel, self.channel = self.process, None, self.channel, None
        channel and channel.close()  # first: a daemon that drains waits for its streams
        if not process: return {}
        os.killpg(process.pid, signal.SIGTERM)
        escalated = not select.select([self.pidfd], [], [], self.grace_s if grace_s is None else grace_s)[0]
        os.killpg(process.pid, signal.SIGKILL)  # the group's rest, while the leader's zombie keeps its number
        os.close(self.pidfd)
        status = process.wait()
        return {"escalated": escalated, **({"signal": -status} if status < 0 else {"exit_code": status})}
