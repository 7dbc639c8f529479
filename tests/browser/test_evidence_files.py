"""Files of evidence in a browser: shown where that is harmless, and nothing in them ever acts."""

from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Dialog, Download, expect

from recommendations.models import Evidence, StoredFile
from tests.browser.base import BrowserTestCase, Tab
from tests.browser.findings import findings
from tests.files import GIF, PNG, pdf, received

SCRIPT = b"<script>document.title = 'ran'; alert('ran')</script>"
POLYGLOT = b"GIF89a/*" + GIF[8:] + b"*/=1;document.title='ran';alert('ran')"
PDF = pdf("x").replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>")


class FileTests(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.dialogs: list[str] = []

    def stored(self, name: str, content: bytes) -> str:
        """The address of a file that was taken in."""
        item = self.make_evidence(name, file=received(name, content))
        return reverse("evidence-file", args=[item.pk, 1])

    def staff_tab(self) -> Tab:
        tab = self.tab(self.staff)
        tab.page.on("dialog", self.note)
        return tab

    def note(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.accept()

    def download(self, tab: Tab, path: str) -> Download:
        """Follow a link to a file that is saved and not shown."""
        tab.go("/help/ratings/")
        tab.page.evaluate(
            "path => document.querySelector('main').append("
            "Object.assign(document.createElement('a'), {href: path, textContent: 'The file'}))",
            path,
        )
        with tab.page.expect_download() as awaited:
            tab.link("The file").click()
        return awaited.value

    def assert_nothing_ran(self, tab: Tab) -> None:
        self.assertEqual(self.dialogs, [])
        self.assertNotEqual(tab.page.title(), "ran")

    def test_pictures_and_text_are_shown_as_they_are(self) -> None:
        words = b"Words, then " + SCRIPT + "<b>größer</b>".encode()
        tab = self.staff_tab()
        for name, content, width in (
            ("a.png", PNG + SCRIPT, 1),
            ("b.js", POLYGLOT, int.from_bytes(POLYGLOT[6:8], "little")),
        ):
            with self.subTest(name):
                tab.go(self.stored(name, content) + "?show=1")
                shown = tab.page.locator("img").evaluate("picture => picture.naturalWidth")
                self.assertEqual(shown, width)
                self.assert_nothing_ran(tab)
        tab.go(self.stored("page.html", words) + "?show=1")
        expect(tab.page.locator("pre")).to_have_text(words.decode())
        self.assert_nothing_ran(tab)

    def test_what_is_not_shown_is_saved_under_a_safe_name(self) -> None:
        tab = self.staff_tab()
        for name, content, query, saved in (
            ("paper.pdf", PDF, "?show=1", "paper.pdf"),
            ("run.html", b"Words, then " + SCRIPT, "", "run.html.txt"),
            ("../CON", POLYGLOT, "", "file-CON.gif"),
        ):
            with self.subTest(name=name):
                download = self.download(tab, self.stored(name, content) + query)
                self.assertEqual(download.suggested_filename, saved)
                self.assertEqual(download.path().read_bytes(), content)
                self.assert_nothing_ran(tab)

    def test_no_page_of_ours_takes_a_file_for_script_or_a_page(self) -> None:
        tab = self.staff_tab()
        for path in (
            self.stored("a.gif", POLYGLOT) + "?show=1",
            self.stored("a.txt", b"document.title = 'ran'; alert('ran')") + "?show=1",
        ):
            for kind in ("script", "iframe"):
                with self.subTest(path=path, kind=kind):
                    tab.go("/help/ratings/")
                    outcome = tab.page.evaluate(PLANT, [kind, path])
                    self.assertIn(outcome, ("error", "load") if kind == "iframe" else ("error",))
                    self.assert_nothing_ran(tab)
                    # The browser says what it refused, which is what this is about.
                    self.assertNotEqual(tab.watch.take(), [])

    def test_a_file_that_is_not_given_has_a_page_that_says_why(self) -> None:
        path = self.stored("a.pdf", pdf("waits"))
        StoredFile.objects.update(scan="waiting")
        tab = self.staff_tab()
        tab.go(path, 409)
        expect(tab.page.get_by_role("heading", level=1)).to_have_text("This file is not available")
        self.assertEqual(findings(tab.page), [])
        tab.link(f"Back to “{Evidence.objects.get()}”").click()
        expect(tab.page.get_by_role("heading", level=1)).to_have_text("a.pdf")

    @override_settings(PUBLIC_PAGES=False)
    def test_signed_out_it_leads_to_the_sign_in(self) -> None:
        tab = self.tab()
        tab.go(self.stored("a.txt", b"Words of people inside.") + "?show=1")
        expect(tab.button("Sign in")).to_be_visible()


PLANT = """
([kind, path]) => new Promise(done => {
    const planted = document.createElement(kind);
    planted.onload = () => done("load");
    planted.onerror = () => done("error");
    planted.src = path;
    document.body.append(planted);
})
"""
