"""A hub on this machine: it speaks the HTTP of the real one (list, resolve, redirect, range, 401, 404), or errs."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

API = re.compile(r"/api/models/(?P<name>[^/]+(?:/[^/]+)?)")
RESOLVE = re.compile(r"/(?P<name>[^/]+(?:/[^/]+)?)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")
LARGE = 10_000  # bytes from which a file is served from another host, as the hub does


@dataclass
class Hub:
    """What the stand-in serves, how it misbehaves, and what it was asked."""

    models: dict[str, dict[str, bytes]] = field(default_factory=dict)
    token: dict[str, str] = field(default_factory=dict)  # private models
    gated: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)  # a file's size as the listing tells it
    cut: int = 0  # large files that break off in the middle before one comes whole
    dead_after_cut: bool = False  # what comes after a cut is status 503
    broken: str = ""  # what the listing says instead of JSON
    status: int = 0  # what every listing is answered with
    files_status: int = 0  # and every file
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)  # method, path, token, range
    port: int = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def commit(self, name: str) -> str:
        files = self.models[name]
        return hashlib.sha1(b"".join(file.encode() + files[file] for file in sorted(files))).hexdigest()

    def paths(self, method: str) -> list[str]:
        """The last parts of what was asked for by this method."""
        return [path.rpartition("/")[2] for asked, path, _, _ in self.asked if asked == method]


class Handler(BaseHTTPRequestHandler):
    """Answers as the hub does; `hub` is set by `serving`."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        self.hub.asked.append((self.command, path, token, self.headers.get("range", "")))
        if path.startswith("/storage/"):
            self.send_file(self.stored(path.rpartition("/")[2]), large=True)
        elif found := RESOLVE.fullmatch(path):
            if self.hub.files_status:
                self.answer(self.hub.files_status)
            elif self.may_read(found["name"], token, listing=False):
                self.resolve(found["name"], found["revision"], found["file"])
        elif found := API.match(path):
            if self.may_read(found["name"], token, listing=True):
                self.list_(found["name"])
        else:
            self.answer(404)

    def may_read(self, name: str, token: str, listing: bool) -> bool:
        """Whether this model is there and open; else the refusal is sent."""
        needed = self.hub.token.get(name)
        if self.hub.status and listing:
            self.answer(self.hub.status)
        elif name not in self.hub.models or (needed and token != needed):
            self.answer(404 if token else 401, {"X-Error-Code": "RepoNotFound"})
        elif name in self.hub.gated and not listing:  # a gated model's listing is open
            self.answer(403 if token else 401, {"X-Error-Code": "GatedRepo"})
        else:
            return True
        return False

    def list_(self, name: str) -> None:
        sizes = {file: self.hub.sizes.get(file, len(content)) for file, content in self.hub.models[name].items()}
        blobs = "blobs=true" in self.path.lower()
        siblings = [{"rfilename": file, **({"size": size} if blobs else {})} for file, size in sizes.items()]
        told = json.dumps({"id": name, "sha": self.hub.commit(name), "siblings": siblings})
        self.answer(200, {"Content-Type": "application/json"}, (self.hub.broken or told).encode())

    def resolve(self, name: str, revision: str, file: str) -> None:
        """A file: small ones at once, large ones by a redirect to another host that wants no token."""
        files, commit = self.hub.models[name], self.hub.commit(name)
        about = {"X-Repo-Commit": commit}
        if revision not in ("main", commit):
            self.answer(404, {"X-Error-Code": "RevisionNotFound"})
        elif file not in files:
            self.answer(404, {**about, "X-Error-Code": "EntryNotFound"})
        elif len(files[file]) >= LARGE:
            tag = hashlib.sha256(files[file]).hexdigest()
            linked = {"X-Linked-Size": str(len(files[file])), "X-Linked-ETag": f'"{tag}"'}
            self.answer(302, {**about, **linked, "Location": f"http://localhost:{self.hub.port}/storage/{tag}"})
        else:
            self.send_file(files[file], about)

    def stored(self, tag: str) -> bytes:
        contents = (content for files in self.hub.models.values() for content in files.values())
        return next(one for one in contents if hashlib.sha256(one).hexdigest() == tag)

    def send_file(self, content: bytes, headers: dict[str, str] | None = None, large: bool = False) -> None:
        """The file, or the range asked for; where a cut is due, half of it and a closed door."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        start = int(asked[1]) if asked else 0
        told = {**(headers or {}), "ETag": f'"{hashlib.sha1(content).hexdigest()}"', "Accept-Ranges": "bytes"}
        if start:
            told["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if large and self.command == "GET" and self.hub.cut:
            self.hub.cut -= 1
            self.answer(206 if start else 200, told, content[start:], sent=(len(content) - start) // 2)
        elif large and start and self.hub.dead_after_cut:
            self.answer(503)
        else:
            self.answer(206 if start else 200, told, content[start:])

    def answer(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b"", sent: int | None = None
    ) -> None:
        """Send it; with `sent`, only so many bytes of the body before the connection is closed."""
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:sent])
        if sent is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: `Hub.asked` has it all."""


@contextmanager
def serving() -> Iterator[Hub]:
    """A hub that answers on a free port until the block ends."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
