"""A small HTTP client for the Directus API: keep-alive, JSON, and patience where the server asks for it."""

import http.client
import json
import threading
import time
import urllib.parse
import uuid

TOKEN = "admintoken"


class ApiError(Exception):
    """An answer that is no success: `status`, `code` of the first error, `body` as text."""

    def __init__(self, method, path, status, body):
        self.status, self.body = status, body
        self.code = None
        try:
            self.code = json.loads(body)["errors"][0]["extensions"]["code"]
        except (ValueError, KeyError, IndexError, TypeError):
            pass
        super().__init__(f"{method} {path} -> {status}: {body[:600]}")


class Api:
    """One connection per thread. `get`, `post`, … answer the `data` member; `call` answers status and raw body.

    503 "Under pressure" is retried (the server sends it before it looks at the request), and so is a connection that
    the server closed while it was idle. Anything else that fails raises.
    """

    def __init__(self, url, token=TOKEN, *, timeout=120.0):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.url, self.token, self.timeout = url.rstrip("/"), token, timeout
        self._local = threading.local()

    # ---- raw ----

    def _connection(self):
        """The thread's connection; a new one when it was idle for longer than the server keeps it (5 s)."""
        connection = getattr(self._local, "connection", None)
        if connection is None or time.monotonic() - self._local.used > 3.0:
            self.close()
            connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
            connection.connect()
            self._local.connection = connection
        self._local.used = time.monotonic()
        return connection

    def close(self):
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def exchange(self, method, path, body=None, headers=None):
        """One request, no retries: (status, headers, body)."""
        connection = self._connection()
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        self._local.used = time.monotonic()
        if response.will_close:
            self.close()
        return response.status, response.headers, content

    def call(self, method, path, body=None, *, headers=None, content_type="application/json"):
        """A request with the token, waiting out pressure: (status, body bytes)."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            sent["Content-Type"] = content_type
        sent.update(headers or {})
        deadline = time.monotonic() + 60.0
        while True:
            status, _, content = self.exchange(method, path, body, sent)
            if status == 503 and b"Under pressure" in content and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            return status, content

    # ---- JSON ----

    def _data(self, method, path, body=None, **options):
        status, content = self.call(method, path, body, **options)
        if status >= 300:
            raise ApiError(method, path, status, content.decode("utf-8", "replace"))
        if not content:
            return None
        document = json.loads(content)
        return document["data"] if isinstance(document, dict) and "data" in document else document

    def get(self, path, **query):
        return self._data("GET", path + (("&" if "?" in path else "?") + query_string(query) if query else ""))

    def post(self, path, body=None):
        return self._data("POST", path, body)

    def patch(self, path, body):
        return self._data("PATCH", path, body)

    def delete(self, path, body=None):
        return self._data("DELETE", path, body)

    def search(self, path, **query):
        """GET's answer through SEARCH: never cached, no limit on the query's length."""
        return self._data("SEARCH", path, {"query": query})

    def upload(self, path, content, *, name="file.json", mime="application/json", fields=None, method="POST"):
        """multipart/form-data: text fields first, then one file part."""
        boundary = uuid.uuid4().hex
        parts = b""
        for key, value in (fields or {}).items():
            parts += f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        parts += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {mime}\r\n\r\n"
        ).encode()
        parts += content + f"\r\n--{boundary}--\r\n".encode()
        return self._data(method, path, parts, content_type=f"multipart/form-data; boundary={boundary}")

    # ---- what tests ask most ----

    def count(self, path):
        """The number of records behind an endpoint, by the server's own count."""
        rows = self.search(path, aggregate={"count": "*"})
        return int(rows[0]["count"])

    def clear_cache(self):
        self._data("POST", "/utils/cache/clear?system")

    def newest_activity(self):
        rows = self.search("/activity", fields=["id"], sort=["-id"], limit=1)
        return rows[0]["id"] if rows else 0


def query_string(query):
    """fields=[…] joined by commas, filters and deep queries as JSON, as Directus reads them."""
    pairs = []
    for key, value in query.items():
        if isinstance(value, (list, tuple)):
            value = ",".join(str(item) for item in value)
        elif isinstance(value, (dict, bool)):
            value = json.dumps(value)
        pairs.append((key, value))
    return urllib.parse.urlencode(pairs)
