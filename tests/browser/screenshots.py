"""The pictures in README.md, taken from a demonstration that is made for them.

    python -m tests.browser.screenshots

The site runs as `make demo` runs it, on a free port and a database that is thrown away.
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import find, launch
from tests.processes import until

ROOT = Path(__file__).resolve().parents[2]
PICTURES = {"overview": "/", "recommendation": "/recommendations/DSR-1/"}
"""Pages that a manager sees, by the names of their pictures."""


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of a site with fresh demonstration data."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="tracker-pictures-") as folder:
        environment = {
            **os.environ,
            "DEBUG": "on",
            "PUBLIC_PAGES": "on",
            "ALLOWED_HOSTS": "",
            "SECURE_SSL_REDIRECT": "off",
            "DATABASE_URL": f"sqlite:///{folder}/pictures.sqlite3",
            "EVIDENCE_ROOT": f"{folder}/files",
            "SECRET_KEY": "only for pictures",
        }
        command = [sys.executable, "manage.py", "demo", f"127.0.0.1:{port}"]
        server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            until(lambda: listens(port), "the demonstration")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def listens(port: int) -> bool:
    with closing(socket.socket()) as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def main() -> int:
    executable = find()
    if executable is None:
        print("chromium is not installed (on Debian: apt install chromium)", file=sys.stderr)
        return 1
    with demonstration() as site, sync_playwright() as playwright:
        browser = launch(playwright, executable)
        for scheme in ("light", "dark"):
            size = {"width": 1280, "height": 900}
            page = browser.new_page(base_url=site, viewport=size, color_scheme=scheme)
            page.goto("/accounts/login/")
            page.get_by_label("Username").fill("manager")
            page.get_by_label("Password").fill("demo")
            page.get_by_role("button", name="Sign in", exact=True).click()
            for name, path in PICTURES.items():
                page.goto(path)
                page.screenshot(path=ROOT / ".readme" / f"{name}-{scheme}.png", full_page=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
