"""A web server that is no calendar server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page:
    """Sends on, or shows a page."""

    def __init__(self) -> None:
        self.target = ""
        self.contents: list[str | None] = []
        """The Authorization header of each request."""
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_PROPFIND(self) -> None:
                page.contents.append(self.headers.get("Authorization"))
                self.send_response(302 if page.target else 404)
                if page.target:
                    self.send_header("Location", page.target)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@contextmanager
def serving_page() -> Iterator[Page]:
    page = Page()
    try:
        yield page
    finally:
        page.server.shutdown()
        page.server.server_close()
