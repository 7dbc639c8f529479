"""On paper: nothing is cut off, and address, day and page stand on each page."""

import io

import pikepdf

from recommendations.models import User
from tests.browser.base import DESK, DemonstrationTestCase
from tests.browser.test_accessibility import too_wide

PAGES = (
    *("/", "/sources/digital-silk-road/", "/recommendations/", "/recommendations/DSR-1/"),
    *("/recommendations/DSR-1/print/", "/recommendations/DSR-1/responses/", "/review/"),
    *("/evidence/", "/indicators/DEMO-NET/", "/gap/", "/areas/"),
)
PAPER = 690
"""Pixels between the margins of a page of A4."""

CUT_OFF = """
() => [...document.querySelectorAll("main *")]
    .filter(e => ["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowY))
    .filter(e => e.scrollHeight > e.clientHeight + 1 && e.clientHeight > 1)
    .map(e => e.outerHTML.slice(0, 120))
"""
FOOT = "() => getComputedStyle(document.querySelector('.foot')).display"


class PrintTests(DemonstrationTestCase):
    def test_every_page_is_whole_with_address_and_day_below(self):
        tab = self.tab(person=User.objects.get(username="manager"), width=DESK)
        tab.page.emulate_media(media="print")
        for path in PAGES:
            with self.subTest(path=path):
                tab.go(path)
                tab.page.set_viewport_size({"width": PAPER, "height": 900})
                self.assertEqual(too_wide(tab), [])
                self.assertEqual(tab.page.evaluate(CUT_OFF), [])
                self.assertEqual(tab.page.evaluate(FOOT), "table-footer-group")
                printed = tab.page.locator(".foot .print-only").inner_text()
                self.assertIn("Printed on", printed)
                self.assertIn(path, printed)
                with pikepdf.open(io.BytesIO(tab.page.pdf(prefer_css_page_size=True))) as pdf:
                    self.assertLess(len(pdf.pages), 12)
