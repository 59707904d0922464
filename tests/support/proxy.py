"""A proxy in front of a Directus that counts requests, records them, and fails the one it is told to.

    with Proxy(prod.url) as proxy:
        proxy.fault(7, "drop_after")                     # the server does the 7th request, its answer is lost
        proxy.fault(lambda request: request.method == "POST", "unavailable", times=3)
        tool.run("import", env=prod.tool_env("prod", url=proxy.url))
        proxy.log                                        # [Exchange(number=1, method="GET", …), …]

Faults, in the order of an exchange:
  drop_before    the connection closes, the server sees nothing
  cut_upload     the server gets half of the request body, then both connections close
  unavailable    503 SERVICE_UNAVAILABLE "Under pressure", as Directus says it; the server sees nothing
  too_many       429 REQUESTS_EXCEEDED with Retry-After: `seconds` (1)
  status         any answer: `status`, `body` (bytes), `headers`
  delay          `seconds` pass, then all is normal
  hold           until the test sets `until` (threading.Event), then all is normal
  stall          the server sees nothing and the client gets nothing until it goes away
  drop_after     the server has answered, the client never hears it
  truncate       head and half of the body, then the connection closes
  garbage        a complete 200 whose body is no JSON (a login page of something in between)
Requests are read whole before they are passed on, answers before they are returned.
"""

import contextlib
import json
import select
import socket
import struct
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

from . import processes

KINDS = (
    "drop_before", "cut_upload", "unavailable", "too_many", "status", "delay", "hold", "stall", "drop_after",
    "truncate", "garbage",
)
_BEFORE = ("drop_before", "cut_upload", "unavailable", "too_many", "status", "stall")


@dataclass
class Exchange:
    """One request and what came of it. `status` is what the client was sent, 0 when it was sent nothing."""

    number: int
    method: str
    path: str
    status: int = 0
    bytes: int = 0  # of the answer's body as the server sent it
    sent: int = 0  # of the request's body
    fault: str = ""
    started: float = 0.0  # seconds of time.monotonic()
    seconds: float = 0.0
    connection: int = 0
    headers: dict = field(default_factory=dict, repr=False)  # of the request, names in lower case
    body: bytes = field(default=b"", repr=False)  # of the request, with record_bodies
    answer: bytes = field(default=b"", repr=False)  # of the answer, with record_bodies


class _Closed(Exception):
    """The peer closed the connection."""


class _Stream:
    """Buffered reading of HTTP messages from a socket."""

    def __init__(self, sock):
        self.socket, self._buffer = sock, b""

    def _more(self):
        piece = self.socket.recv(262144)
        if not piece:
            raise _Closed
        self._buffer += piece

    def _take(self, count):
        pieces, have = [self._buffer], len(self._buffer)
        while have < count:
            piece = self.socket.recv(min(1 << 20, max(65536, count - have)))
            if not piece:
                raise _Closed
            pieces.append(piece)
            have += len(piece)
        joined = b"".join(pieces)
        self._buffer = joined[count:]
        return joined[:count]

    def head(self):
        """(first line, raw head, headers)."""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        end = self._buffer.index(b"\r\n\r\n") + 4
        raw = self._take(end)
        lines = raw.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        return lines[0], raw, headers

    def _line(self):
        while b"\r\n" not in self._buffer:
            self._more()
        return self._take(self._buffer.index(b"\r\n") + 2)

    def body(self, headers, *, to_the_end=False):
        """(bytes as they came, content)."""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            raw, content = [], []
            while True:
                line = self._line()
                size = int(line.split(b";")[0], 16)
                raw.append(line)
                if size == 0:
                    while (trailer := self._line()) != b"\r\n":
                        raw.append(trailer)
                    raw.append(b"\r\n")
                    return b"".join(raw), b"".join(content)
                chunk = self._take(size + 2)
                raw.append(chunk)
                content.append(chunk[:-2])
        if "content-length" in headers:
            content = self._take(int(headers["content-length"]))
            return content, content
        if to_the_end:
            with contextlib.suppress(_Closed):
                while True:
                    self._more()
            content, self._buffer = self._buffer, b""
            return content, content
        return b"", b""


class Proxy:
    """Listens on a loopback port of its own. `tls` is an ssl.SSLContext to speak HTTPS with clients."""

    def __init__(self, target, *, record_bodies=False, tls=None):
        parts = urllib.parse.urlsplit(target)
        self._target = (parts.hostname, parts.port)
        self.record_bodies, self._tls = record_bodies, tls
        self.log = []
        self._faults = []
        self._count = 0
        self._connections = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._open = set()
        self._port = processes.Port()
        self.port = self._port.number
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    # ---- what tests say ----

    def fault(self, when, kind, *, times=1, **details):
        """Fails requests: `when` is a number (the N-th from now on, counted from 1 at the last reset) or a function of
        the Exchange; it stands `times` times (None: always)."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}")
        matches = when if callable(when) else lambda exchange: exchange.number == when
        with self._lock:
            self._faults.append({"matches": matches, "kind": kind, "left": times, **details})

    def reset(self):
        """Forgets faults, counter and log."""
        with self._lock:
            self._faults, self._count, self.log = [], 0, []

    def await_fault(self):
        """Waits until a request has met its fault."""
        processes.wait_until(lambda: any(one.fault for one in list(self.log)))

    @property
    def count(self):
        with self._lock:
            return self._count

    @property
    def connections(self):
        return self._connections

    def writes(self):
        """Exchanges that may change something on the server."""
        quiet = ("/schema/diff", "/schema/snapshot", "/utils/cache/clear", "/auth/", "/utils/hash/", "/utils/random/")
        return [
            one for one in self.log
            if one.method in ("POST", "PATCH", "PUT", "DELETE") and not one.path.startswith(quiet)
        ]

    def close(self):
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            sockets = list(self._open)
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._port.release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- the machine ----

    def _accept(self):
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._tls:
                client = self._tls.wrap_socket(client, server_side=True)
            with self._lock:
                self._connections += 1
                number = self._connections
                self._open.add(client)
            upstream = None
            stream = _Stream(client)
            try:
                while True:
                    upstream = self._await_request(stream, upstream)
                    upstream = self._exchange(stream, upstream, number)
            finally:
                if upstream is not None:
                    upstream.socket.close()
        except (_Closed, OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._open.discard(client)
            client.close()

    def _await_request(self, stream, upstream):
        """Waits for the client. When the server closes the idle connection, the client's is closed too, as it would be
        without a proxy."""
        if upstream is None or stream._buffer or (self._tls and stream.socket.pending()):
            return upstream
        ready, _, _ = select.select([stream.socket, upstream.socket], [], [])
        if upstream.socket in ready and stream.socket not in ready:
            raise _Closed
        return upstream

    def _connect(self):
        sock = socket.create_connection(self._target, timeout=600)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Stream(sock)

    def _choose(self, exchange):
        """Numbers the exchange, logs it, and finds its fault."""
        with self._lock:
            self._count += 1
            exchange.number = self._count
            self.log.append(exchange)
            for fault in self._faults:
                if fault["left"] != 0 and fault["matches"](exchange):
                    if fault["left"] is not None:
                        fault["left"] -= 1
                    exchange.fault = fault["kind"]
                    return fault
        return {"kind": ""}

    def _exchange(self, stream, upstream, connection):
        first, raw, headers = stream.head()
        started = time.monotonic()
        if headers.get("expect", "").lower() == "100-continue":
            stream.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            raw = b"".join(
                line for line in raw.splitlines(keepends=True) if not line.lower().startswith(b"expect:")
            )
        raw_body, content = stream.body(headers)
        method, path, _ = first.split(" ", 2)
        exchange = Exchange(0, method, path, sent=len(content), started=started, connection=connection)
        exchange.headers = headers
        if self.record_bodies:
            exchange.body = content
        fault = self._choose(exchange)
        try:
            if fault["kind"] == "delay":
                self._closing.wait(fault.get("seconds", 1.0))
            while fault["kind"] == "hold" and not fault["until"].wait(0.02) and not self._closing.is_set():
                pass
            if fault["kind"] in _BEFORE:
                self._fail_before(stream, fault, exchange, raw, raw_body)
                return upstream
            upstream = self._forward(upstream, raw + raw_body)
            self._answer(stream, upstream, fault, exchange)
        finally:
            exchange.seconds = time.monotonic() - started
        if headers.get("connection", "").lower() == "close":
            raise _Closed
        return upstream

    def _forward(self, upstream, message):
        """Sends to the server; on a kept connection that it has closed meanwhile, the client sees a close."""
        if upstream is None:
            upstream = self._connect()
        upstream.socket.sendall(message)
        return upstream

    def _answer(self, stream, upstream, fault, exchange):
        line, head, headers = upstream.head()
        while line.split(" ")[1] == "100":
            line, head, headers = upstream.head()
        status = int(line.split(" ")[1])
        bare = exchange.method == "HEAD" or status in (204, 304)
        raw, content = (b"", b"") if bare else upstream.body(headers, to_the_end=True)
        exchange.bytes = len(content)
        if self.record_bodies:
            exchange.answer = content
        if fault["kind"] == "drop_after":
            raise _Closed
        if fault["kind"] == "truncate":
            stream.socket.sendall(head + raw[: len(raw) // 2])
            exchange.status = status
            raise _Closed
        if fault["kind"] == "garbage":
            self._say(stream, exchange, 200, b"<!doctype html><title>Sign in</title>", {"Content-Type": "text/html"})
            return
        exchange.status = status
        stream.socket.sendall(head + raw)
        if headers.get("connection", "").lower() == "close":
            raise _Closed

    def _fail_before(self, stream, fault, exchange, raw, raw_body):
        kind = fault["kind"]
        if kind == "drop_before":
            raise _Closed
        if kind == "cut_upload":
            upstream = self._connect()
            upstream.socket.sendall(raw + raw_body[: len(raw_body) // 2])
            time.sleep(0.05)
            # RST, so that the server sees an abort and no orderly end.
            upstream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            upstream.socket.close()
            raise _Closed
        if kind == "stall":
            while not self._closing.is_set():
                ready, _, _ = select.select([stream.socket], [], [], 0.2)
                if ready and not stream.socket.recv(65536):
                    break
            raise _Closed
        if kind == "unavailable":
            reason = f'Service "api" is unavailable. Under pressure.'
            body = _error("SERVICE_UNAVAILABLE", reason, service="api", reason="Under pressure")
            self._say(stream, exchange, 503, body, fault.get("headers"))
        elif kind == "too_many":
            seconds = fault.get("seconds", 1)
            body = _error("REQUESTS_EXCEEDED", "Too many requests.", limit=50, reset="2020-01-01T00:00:00.000Z")
            self._say(stream, exchange, 429, body, {"Retry-After": str(seconds)})
        else:
            self._say(stream, exchange, fault["status"], fault.get("body", b""), fault.get("headers"))

    @staticmethod
    def _say(stream, exchange, status, body, headers=None):
        lines = {"Content-Type": "application/json; charset=utf-8", **(headers or {}), "Content-Length": len(body)}
        head = f"HTTP/1.1 {status} Fault\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        exchange.status = status
        stream.socket.sendall(head.encode("latin-1") + b"\r\n" + body)


def _error(code, message, **extensions):
    return json.dumps({"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}).encode()


def tls_context(folder):
    """(server context, path of its self-signed certificate for 127.0.0.1), made with openssl."""
    import os
    import ssl
    import subprocess

    key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", certificate,
        ],
        check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate
