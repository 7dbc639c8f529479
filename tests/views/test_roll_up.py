"""From each headline number to its rows, an update, evidence and the audit log: three clicks."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from django.test import TestCase
from lxml.html import fromstring

from recommendations.models import User
from tests.loaded import write_demonstration
from tests.views.pages import client_of

PAGES = ("/", "/sources/universal-access-plan/", "/exceptions/", "/indicators/")

ROW = r'<tbody.*?<th.*?<a[^>]*href="([^"]+)"', r'class="line[ "].*?href="(/recommendations/[^"]+)"'
"""Where the first row of a page leads."""
EVIDENCE, ENTRIES = r'href="([^"]*/evidence/[^"]*)"', r'href="([^"]*/audit/\?object_type=[^"]*)"'
ASKED = r'href="([^"]*/requests/[^"]*)"'
"""What a round asks for: a request has neither evidence nor a status."""


def numbers_in(page: str) -> list[str]:
    """Where numbers lead that stand by themselves. 0 leads nowhere: there is nothing to show."""
    return [
        link.get("href", "")
        for link in fromstring(page).iter("a")
        if any(re.fullmatch(r"\s*[1-9][\d,.]*\s*", part) for part in link.itertext())
    ]


class RollUpTests(TestCase):
    def setUp(self) -> None:
        write_demonstration()
        self.client = client_of(User.objects.get(username="manager"))
        self.reached: set[str] = set()

    def test_each_headline_number_leads_to_evidence_and_to_the_log_in_three_clicks(self) -> None:
        walked: set[str] = set()
        for path in PAGES:
            for address in numbers_in(self.main(path)):
                if (kind := kind_of(address)) not in walked:
                    walked.add(kind)
                    with self.subTest(page=path, number=kind):
                        self.follow(address)
        self.assertGreater(len(walked), 6)
        self.assertGreater(len(self.reached), 4)

    def main(self, path: str) -> str:
        """The page that is reached, without its frame."""
        response = self.client.get(path, follow=True)
        self.assertEqual(response.status_code, 200, path)
        return response.content.decode().partition("<main")[2].partition("</main>")[0]

    def follow(self, address: str) -> None:
        if address.startswith("/indicators/"):
            reached = address
        else:
            page = self.main(address)
            found = next(filter(None, (re.search(row, page, re.DOTALL) for row in ROW)), None)
            assert found is not None, f"no row on {address}"
            reached = unescape(found[1])
        if reached in self.reached:
            return
        self.reached.add(reached)
        page = self.main(reached)
        for wanted in (ASKED,) if reached.startswith("/rounds/") else (EVIDENCE, ENTRIES):
            link = re.search(wanted, page)
            assert link is not None, f"{wanted} on {reached}"
            self.assertRegex(self.main(unescape(link[1])), "<tbody|<li")


def kind_of(address: str) -> str:
    """A list and what it is filtered by, whatever for and of whatever part of the site."""
    parts = urlsplit(address)
    names = {name for name, _value in parse_qsl(parts.query)} - {"lead", "source", "theme"}
    return " ".join([parts.path, *sorted(names)])
