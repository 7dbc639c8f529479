"""Pictures of the main pages, taken from a demonstration that is made for them.

    python -m tests.browser.screenshots FOLDER     every page, both widths, both schemes
    python -m tests.browser.screenshots --readme   the pictures in README.md, where they stand

The site runs as `make demo` runs it, on a free port and a database that is thrown away.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import find, launch
from tests.processes import until

ROOT = Path(__file__).resolve().parents[2]
README_PICTURES = ROOT / ".readme"
PHONE, DESK = 375, 1280
SCHEMES = ("light", "dark")

PICTURES = {
    "overview": ("/", "manager"),
    "overview-public": ("/", ""),
    "list": ("/recommendations/", "manager"),
    "recommendation": ("/recommendations/DSR-1/", "manager"),
    "recommendation-public": ("/recommendations/DSR-2/", ""),
    "publish": ("/recommendations/DSR-2/publish/", "manager"),
    "dates": ("/recommendations/DSR-2/dates/", "manager"),
    "responses": ("/recommendations/DSR-1/responses/", "manager"),
    "import": ("/recommendations/import/", "manager"),
    "my-work": ("/my-work/", "other_staff"),
    "update": ("/recommendations/DSR-2/updates/new/", "staff"),
    "review": ("/review/", "manager"),
    "evidence": ("/evidence/", "manager"),
    "indicator": ("/indicators/DSR-PERS/", "manager"),
    "gap": ("/gap/", "manager"),
    "log": ("/audit/?reference=DSR-4", "manager"),
    "sign-in": ("/accounts/login/", ""),
}
"""Pages by the names of their pictures, each with who sees it; nobody is signed in without."""

IN_README = ("overview", "recommendation")


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


def take(browser: Browser, site: str, name: str, width: int, scheme: str, to: Path) -> None:
    """Sign in, open the page, and keep it from top to bottom."""
    path, username = PICTURES[name]
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = context.new_page()
    if username:
        page.goto(f"/accounts/login/?next={path}")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill("demo")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"**{path}")
    else:
        page.goto(path)
    page.screenshot(path=to, full_page=True)
    context.close()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Take pictures of the demonstration.")
    parser.add_argument("folder", nargs="?", type=Path, help="where every page goes")
    parser.add_argument("--readme", action="store_true", help="only the pictures of README.md")
    chosen = parser.parse_args(arguments)
    if not chosen.readme and chosen.folder is None:
        parser.error("name a folder, or --readme")
    executable = find()
    if executable is None:
        print("chromium is not installed (on Debian: apt install chromium)", file=sys.stderr)
        return 1
    folder = README_PICTURES if chosen.readme else chosen.folder
    folder.mkdir(parents=True, exist_ok=True)
    names, widths = (IN_README, [DESK]) if chosen.readme else (PICTURES, [PHONE, DESK])
    with demonstration() as site, sync_playwright() as playwright:
        browser = launch(playwright, executable)
        for scheme in SCHEMES:
            for name in names:
                for width in widths:
                    size = "" if chosen.readme else f"-{width}"
                    take(browser, site, name, width, scheme, folder / f"{name}-{scheme}{size}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
