"""A stand-in for Sotkanet, PxWeb and Kela on loopback: captured answers byte for byte, and every fault.

`/rest/1.1/...` is Sotkanet, `/PxWeb/api/v1/fi/...` and `/api/v2/...` are PxWeb, `/kela/...` holds Kela's
files; `/fault/<name>/<rest>` breaks the answer that `<rest>` would give. `fault` breaks every call of figures
while it is set, the calls before it (titles, regions, metadata) still answering. `calls` lists what was
asked, `times` counts each path, so that tests see retries.
"""

from __future__ import annotations

import email.utils
import gzip
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import answers, answers_v2, broken

LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Kirjaudu</title></head><body>Kirjaudu</body></html>"
FAULTS = (
    "hang",
    "drip",
    "drip-headers",
    "cut-with-length",
    "cut-without-length",
    "cut-gzip",
    "reset",
    "429-seconds",
    "429-date",
    "429-long",
    "503-then-200",
    "503",
    "500",
    "404",
    "400",
    "login",
    "empty",
    "empty-list",
    "object",
    "wrong-fields",
    "null",
    "text-number",
    "nan",
    "infinity",
    "latin-1",
    "loop",
    "to-file",
    "to-other-host",
    "to-same-host",
    "endless",
    "bomb",
    "gzip",
    "duplicates",
    "unknown-region",
    "deep",
)


class StandIn:
    """The running server; use as a context manager.

    `raw` is a folder of captured answers (../shared/data/raw) that is then replayed before the built-in ones.
    """

    def __init__(self, raw: Path | None = None, cells: int = 100_000) -> None:
        self.raw, self.cells = raw, cells
        self.fault = ""
        self.calls: list[str] = []
        self.agents: set[str] = set()
        self.times: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.stop = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def sotkanet(self, fault: str = "") -> str:
        return f"{self.address}{'/fault/' + fault if fault else ''}/rest/1.1"

    def pxweb(self, fault: str = "") -> str:
        return f"{self.address}{'/fault/' + fault if fault else ''}/PxWeb/api/v1/fi"

    def pxweb2(self, fault: str = "") -> str:
        return f"{self.address}{'/fault/' + fault if fault else ''}/api/v2"

    def kela(self, fault: str = "") -> str:
        return f"{self.address}{'/fault/' + fault if fault else ''}/kela"

    def answer(self, path: str, query: dict[str, list[str]], sent: bytes) -> tuple[int, bytes]:
        """Give status and body of a healthy service."""
        parts = [part for part in path.split("/") if part]
        if parts[:2] == ["rest", "1.1"]:
            return self._sotkanet(parts[2:], query)
        if parts[:3] == ["PxWeb", "api", "v1"]:
            return self._pxweb(parts[-1], query, sent)
        if parts[:2] == ["api", "v2"]:
            return answers_v2.answer(parts[2:], query, sent, self.cells)
        if parts[:1] == ["kela"]:
            return self._kela(parts[-1])
        return 404, b'{"error":"not found"}'

    def _captured(self, name: str) -> bytes | None:
        file = None if self.raw is None else self.raw / name
        return file.read_bytes() if file is not None and file.is_file() else None

    def _kela(self, name: str) -> tuple[int, bytes]:
        body = self._captured(f"../fi/kela_{name}") or answers_v2.KELA.get(name)
        return (404, b"404: Not Found") if body is None else (200, body)

    def _sotkanet(self, parts: list[str], query: dict[str, list[str]]) -> tuple[int, bytes]:
        if parts == ["regions"]:
            body = self._captured("omsorgsradar_sotkanet_regions_fixture.json")
            return 200, body or answers.as_bytes(answers.sotkanet_regions())
        if parts == ["indicators"]:
            packed = self._captured("sotkanet_2016_SotkaIndicators.json.gz")
            listed = [answers.sotkanet_indicator(number) for number in answers.TITLES]
            return 200, gzip.decompress(packed) if packed else answers.as_bytes(listed)
        if parts[:1] == ["indicators"]:
            found = answers.sotkanet_indicator(int(parts[1]))
            return (404, b"") if found is None else (200, answers.as_bytes(found))
        if parts == ["json"]:
            number = int(query["indicator"][0])
            body = self._captured(f"omsorgsradar_sotkanet_{number}_fixture.json")
            rows = answers.sotkanet_data(number, query["years"], query["genders"])
            return 200, body or answers.as_bytes(rows)
        if parts == ["csv"]:
            body = self._captured("sotkanet_2016_SotkaIndicatorData.csv")
            return (404, b"") if body is None else (200, body)
        return 404, b""

    def _pxweb(self, last: str, query: dict[str, list[str]], sent: bytes) -> tuple[int, bytes]:
        if "config" in query:
            limits = {
                "maxValues": 100,
                "maxCells": self.cells,
                "maxCalls": 10,
                "timeWindow": 10,
                "CORS": True,
            }
            return 200, answers.as_bytes(limits)
        if not last.endswith(".px"):
            body = self._captured("pxweb_px-folder-response.json")
            return 200, body or answers.as_bytes([{"id": "avainluvut.px", "type": "t", "text": "Avainluvut"}])
        if not sent:
            captured = {"kuntien_avainluvut_2017_aikasarja.px": "pxweb_px-table-aikasarja-response.json"}
            body = self._captured(captured[last]) if last in captured else None
            return 200, body or answers.as_bytes(answers.PX_TABLE)
        asked = json.loads(sent)
        selection = answers.px_select(asked["query"])
        if selection is None:
            return 400, b'{"error":"Parameter error"}'
        size = 1
        for _, values in selection:
            size *= len(values)
        if size > self.cells:
            return 403, b'{"error":"Too many values selected"}'
        form = answers.px_json if asked["response"]["format"] == "json" else answers.px_json_stat2
        return 200, answers.as_bytes(form(selection))


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _serve(self, sent: bytes) -> None:
            split = urlsplit(self.path)
            stand_in.calls.append(f"{self.command} {self.path}")
            stand_in.agents.add(self.headers.get("User-Agent", ""))
            stand_in.times[split.path] += 1
            fault, path = "", split.path
            if path.startswith("/fault/"):
                _, _, fault, path = path.split("/", 3)
            elif stand_in.fault and broken.holds_figures(path, sent):
                fault = stand_in.fault
            status, body = stand_in.answer(path, parse_qs(split.query, keep_blank_values=True), sent)
            try:
                if fault in broken.CONTENT:
                    self._plain(status, broken.content(fault, path, sent, body))
                else:
                    getattr(self, "_" + fault.replace("-", "_"), self._plain)(status, body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _plain(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            given = {
                "Content_Type": "application/json; charset=utf-8",
                "Content_Length": str(len(body)),
            } | headers
            for name, value in given.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def _open_end(self, **headers: str) -> None:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True

        def _first(self) -> bool:
            path = urlsplit(self.path).path
            stand_in.broken[path] += 1
            return stand_in.broken[path] == 1

        def _hang(self, status: int, body: bytes) -> None:
            stand_in.stop.wait(30)
            self.close_connection = True

        def _drip(self, status: int, body: bytes) -> None:
            self._open_end()
            for place in range(len(body)):
                if stand_in.stop.wait(0.05):
                    return
                self.wfile.write(body[place : place + 1])
                self.wfile.flush()

        def _drip_headers(self, status: int, body: bytes) -> None:
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for place in range(2000):
                if stand_in.stop.wait(0.05):
                    return
                self.wfile.write(f"X-{place}: 1\r\n".encode())
                self.wfile.flush()

        def _cut_with_length(self, status: int, body: bytes) -> None:
            self._open_end(Content_Length=str(len(body)))
            self.wfile.write(body[: len(body) // 2])

        def _cut_without_length(self, status: int, body: bytes) -> None:
            self._open_end()
            self.wfile.write(body[: len(body) // 2])

        def _cut_gzip(self, status: int, body: bytes) -> None:
            packed = gzip.compress(body)
            self._open_end(Content_Encoding="gzip")
            self.wfile.write(packed[: len(packed) // 2])

        def _reset(self, status: int, body: bytes) -> None:
            if self._first():
                self.close_connection = True
                return
            self._plain(status, body)

        def _429_seconds(self, status: int, body: bytes) -> None:
            self._then(429, status, body, Retry_After="1")

        def _429_date(self, status: int, body: bytes) -> None:
            self._then(429, status, body, Retry_After=email.utils.formatdate(time.time() + 1.2, usegmt=True))

        def _429_long(self, status: int, body: bytes) -> None:
            self._plain(429, b"{}", Retry_After="3600")

        def _503_then_200(self, status: int, body: bytes) -> None:
            self._then(503, status, body)

        def _then(self, first: int, status: int, body: bytes, **headers: str) -> None:
            if self._first():
                self._plain(first, b'{"error":"429 - Too many requests in too short timeframe."}', **headers)
            else:
                self._plain(status, body)

        def _503(self, status: int, body: bytes) -> None:
            self._plain(503, b"{}")

        def _500(self, status: int, body: bytes) -> None:
            self._plain(500, b"{}")

        def _404(self, status: int, body: bytes) -> None:
            self._plain(404, b"{}")

        def _400(self, status: int, body: bytes) -> None:
            self._plain(400, b'{"error":"Parameter error"}')

        def _login(self, status: int, body: bytes) -> None:
            self._plain(200, LOGIN_PAGE, Content_Type="text/html")

        def _empty(self, status: int, body: bytes) -> None:
            self._plain(200, b"")

        def _latin_1(self, status: int, body: bytes) -> None:
            self._plain(200, '{"title":"Työttömät"}'.encode("latin-1"))

        def _deep(self, status: int, body: bytes) -> None:
            self._plain(200, b"[" * 200_000)

        def _loop(self, status: int, body: bytes) -> None:
            self._plain(302, b"", Location=self.path)

        def _to_file(self, status: int, body: bytes) -> None:
            self._plain(302, b"", Location="file:///etc/hostname")

        def _to_other_host(self, status: int, body: bytes) -> None:
            self._plain(302, b"", Location="https://example.invalid/rest/1.1/regions")

        def _to_same_host(self, status: int, body: bytes) -> None:
            self._plain(307, b"", Location=self.path.replace("/fault/to-same-host", ""))

        def _endless(self, status: int, body: bytes) -> None:
            self._open_end()
            while not stand_in.stop.is_set():
                self.wfile.write(b" " * 65536)

        def _bomb(self, status: int, body: bytes) -> None:
            packed = gzip.compress(b" " * 80_000_000, 9)
            self._plain(200, packed, Content_Encoding="gzip")

        def _gzip(self, status: int, body: bytes) -> None:
            self._plain(status, gzip.compress(body), Content_Encoding="gzip")

    return Handler
