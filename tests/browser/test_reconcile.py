"""What a reconciliation client's page does with this site from another origin: frame a preview, load answers as scripts."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CLIENT = """<!doctype html>
<title>A table somewhere else</title>
<output></output>
<iframe src="{site}/reconcile/preview?id=paper%2F2306.08543" width="430" height="260"></iframe>
<script>function told(manifest) {{ document.querySelector("output").textContent = manifest.versions.join(); }}</script>
<script src="{site}/reconcile?callback=told"></script>
"""


@contextmanager
def elsewhere(html: str) -> Iterator[str]:
    """Another site, of one page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_preview_is_framed_and_an_answer_loaded_as_a_script_by_another_site(browser: Browser, address: str) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    with elsewhere(CLIENT.format(site=address)) as client:
        page.goto(client)
        expect(page.locator("output")).to_have_text("0.2")
        preview = page.frame_locator("iframe")
        expect(preview.get_by_role("heading")).to_have_text("MiniLLM: On-Policy Distillation of Large Language Models")
        expect(preview.locator("body")).to_have_css("margin", "0px")  # the stylesheet is allowed there too
        with page.expect_popup() as opened:
            preview.get_by_role("link").click()
        expect(opened.value).to_have_url(f"{address}/paper/2306.08543")
        opened.value.close()
    page.close()
    assert [text for text in complaints if "favicon" not in text] == []
