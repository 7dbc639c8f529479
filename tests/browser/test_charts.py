"""Charts in a browser: values one by one by keyboard, files, and pages that stay short."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.base import DemonstrationTestCase

GAP = "/gap/"


class ChartTests(DemonstrationTestCase):
    def test_each_value_is_read_by_keyboard_and_the_chart_is_saved_as_png(self):
        tab = self.tab()
        tab.go(GAP)
        box = tab.page.locator("[data-chart]").first
        slider, told = box.get_by_role("slider", name="Value"), box.locator("output")
        slider.focus()
        for key, words in (
            ("Home", "Interquartile range, 2014: 35.58"),
            ("ArrowRight", "Interquartile range, 2015: 35.1"),
        ):
            tab.page.keyboard.press(key)
            expect(told).to_have_text(words)
            expect(slider).to_have_attribute("aria-valuetext", words)
        expect(box.locator("svg.chart-wide .is-chosen")).to_have_count(1)
        with tab.page.expect_download() as saved:
            tab.page.get_by_role("button", name="PNG").first.click()
        self.assertEqual(saved.value.suggested_filename, "gap-trend-DEMO-NET.png")
        content = Path(saved.value.path()).read_bytes()
        self.assertEqual(content[:8], b"\x89PNG\r\n\x1a\n")
        self.assertGreater(int.from_bytes(content[16:20]), 2 * 680)
