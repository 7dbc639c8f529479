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
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import find, launch

ROOT = Path(__file__).resolve().parents[2]
README_PICTURES = ROOT / ".readme"

PHONE, DESK = 375, 1280
SCHEMES = ("light", "dark")
PATIENCE = 60
"""Seconds that the site may take to answer for the first time."""


@dataclass(frozen=True)
class Picture:
    """One page as one person sees it; nobody is signed in without a name."""

    name: str
    path: str
    username: str = ""


PICTURES = (
    Picture("overview", "/", "manager"),
    Picture("overview-public", "/"),
    Picture("list", "/recommendations/", "manager"),
    Picture("recommendation", "/recommendations/DSR-1/", "manager"),
    Picture("recommendation-public", "/recommendations/DSR-2/"),
    Picture("never-reported", "/recommendations/DSR-4/", "viewer"),
    Picture("publish", "/recommendations/DSR-2/publish/", "manager"),
    Picture("archive", "/recommendations/DSR-2/archive/", "manager"),
    Picture("dates", "/recommendations/DSR-2/dates/", "manager"),
    Picture("date-changes", "/sources/digital-silk-road/dates/", "manager"),
    Picture("responses", "/recommendations/DSR-1/responses/", "manager"),
    Picture("areas", "/areas/", "manager"),
    Picture("comments", "/recommendations/DSR-1/comments/", "manager"),
    Picture("import", "/recommendations/import/", "manager"),
    Picture("my-work", "/my-work/", "other_staff"),
    Picture("my-work-of-staff", "/my-work/", "staff"),
    Picture("update", "/recommendations/DSR-2/updates/new/", "staff"),
    Picture("review", "/review/", "manager"),
    Picture("evidence", "/evidence/", "manager"),
    Picture("indicators", "/indicators/", "manager"),
    Picture("indicator", "/indicators/DSR-PERS/", "manager"),
    Picture("gap", "/gap/", "manager"),
    Picture("gap-public", "/gap/?level=sub_region&from_year=2018"),
    Picture("figure", "/indicators/DSR-PERS/figures/new/", "manager"),
    Picture("ratings", "/help/ratings/"),
    Picture("log", "/audit/?reference=DSR-4", "manager"),
    Picture("sign-in", "/accounts/login/"),
)

IN_README = ("overview", "recommendation")


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of a site with fresh demonstration data."""
    with tempfile.TemporaryDirectory(prefix="tracker-pictures-") as folder:
        environment = {
            **os.environ,
            "DEBUG": "on",
            "PUBLIC_PAGES": "on",
            "ALLOWED_HOSTS": "",
            "SECURE_SSL_REDIRECT": "off",
            "DATABASE_URL": f"sqlite:///{folder}/pictures.sqlite3",
        }
        manage = [sys.executable, str(ROOT / "manage.py")]
        for command in (["migrate", "--skip-checks", "--verbosity", "0"], ["seed_demo"]):
            subprocess.run([*manage, *command], env=environment, check=True, cwd=ROOT)
        address = f"127.0.0.1:{_free_port()}"
        server = subprocess.Popen(
            [*manage, "runserver", "--noreload", address],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"http://{address}/healthz")
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own address
            return
        except URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def take(browser: Browser, site: str, picture: Picture, width: int, scheme: str, to: Path) -> None:
    """Sign in, open the page, and keep it from top to bottom."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = context.new_page()
    if picture.username:
        page.goto(f"/accounts/login/?next={picture.path}")
        page.get_by_label("Username").fill(picture.username)
        page.get_by_label("Password").fill("demo")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"**{picture.path}")
    else:
        page.goto(picture.path)
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
    with demonstration() as site, sync_playwright() as playwright:
        browser = launch(playwright, executable)
        for scheme in SCHEMES:
            for picture in PICTURES:
                if chosen.readme:
                    if picture.name in IN_README:
                        name = f"{picture.name}-{scheme}.png"
                        take(browser, site, picture, DESK, scheme, folder / name)
                    continue
                for width in (PHONE, DESK):
                    name = f"{picture.name}-{scheme}-{width}.png"
                    take(browser, site, picture, width, scheme, folder / name)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
