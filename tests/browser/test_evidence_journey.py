"""Evidence in a browser: brought, checked, contradicted and answered; nothing in a file acts."""

from typing import Any

from django.urls import reverse
from playwright.sync_api import Dialog, Download, expect

from recommendations.choices import UpdateState
from recommendations.models import EvidenceLink, StoredFile
from tests.base import days_ago
from tests.browser.base import BrowserTestCase, SeldomTwoWays, Tab
from tests.browser.test_update_journeys import DECIDER, REFERENCE, JourneyTestCase
from tests.files import GIF, PNG, pdf, received

REPORT, LINK = "Report of the first certificates", "Register of certificates"
NOTE = "Note that a laboratory is closed"


def file_of(name: str, content: bytes | None = None) -> Any:
    """A file as it is chosen in a browser."""
    return {"name": name, "mimeType": "application/pdf", "buffer": content or pdf(name)}


class EvidenceJourneyTestCase(JourneyTestCase):
    def choose(self, tab: Tab, *names: str) -> None:
        files = [file_of(f"{name}.pdf") for name in names]
        tab.page.get_by_label("Files", exact=True).set_input_files(files)

    def ticket(self, tab: Tab, name: str) -> Any:
        return tab.page.get_by_role("checkbox", name=f"Add: {name}.pdf")

    def begin(self, tab: Tab) -> None:
        tab.go(f"/recommendations/{REFERENCE}/updates/new/")
        tab.page.get_by_role("radio", name="Implemented", exact=True).check()
        tab.page.get_by_label("Progress since the last update").fill("Certificates are given out.")

    def added(self) -> list[str]:
        """Titles of what stands under the update."""
        links = EvidenceLink.objects.filter(update=self.update())
        return sorted(link.evidence.title for link in links.select_related("evidence"))

    def item(self, tab: Tab, title: str) -> Any:
        return tab.page.get_by_role("listitem").filter(has=tab.link(title))


class EvidenceJourneyTests(SeldomTwoWays, EvidenceJourneyTestCase):
    def travel(self, *, width: int, has_script: bool) -> None:
        tabs = [
            self.tab(person, width=width, has_script=has_script)
            for person in (self.staff, self.manager, self.other_manager)
        ]
        staff, manager, other = tabs
        self.staff_submits_with_a_file_and_a_link(staff, has_script=has_script)
        self.the_queue_names_what_is_missing(manager)
        self.manager_checks_in_the_queue_and_approves(manager)
        self.assured(staff, "Evidence verified")
        self.other_manager_checks_on_the_page_of_the_item(other)
        self.assured(staff, "Independently verified")
        self.other_manager_sets_a_note_against_it(other)
        self.contradicted(staff)
        self.the_author_may_not_answer(staff)
        self.manager_answers(manager)
        self.answered(staff)

    def staff_submits_with_a_file_and_a_link(self, tab: Tab, *, has_script: bool) -> None:
        self.begin(tab)
        tab.page.locator("[name=completed_on]").fill(str(days_ago(1)))
        self.choose(tab, REPORT)
        if has_script:
            expect(self.ticket(tab, REPORT)).to_be_checked()
        tab.button("Add to this update").click()
        expect(tab.link(REPORT)).to_be_visible()
        tab.page.get_by_text("New evidence").click()
        tab.page.get_by_text("Add a link or citation").click()
        tab.page.get_by_label("Title", exact=True).fill(LINK)
        tab.page.get_by_label("Address").fill("https://example.org/register")
        tab.button(f"Submit to {DECIDER}").click()
        expect(tab.page.get_by_text("verified supporting evidence")).to_be_visible()
        self.assertEqual(self.update().state, UpdateState.DRAFT)
        tab.button("Submit anyway").click()
        expect(tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()
        update = self.update()
        self.assertEqual(update.state, UpdateState.SUBMITTED)
        self.assertEqual(self.added(), [LINK, REPORT])
        self.assertEqual(StoredFile.objects.get().size, len(pdf(f"{REPORT}.pdf")))

    def the_queue_names_what_is_missing(self, tab: Tab) -> None:
        tab.go("/review/")
        expect(tab.page.get_by_role("main")).to_contain_text("Required before approval")
        expect(tab.page.get_by_role("main")).to_contain_text("Not verified")
        expect(self.item(tab, REPORT)).to_contain_text("PDF document")

    def manager_checks_in_the_queue_and_approves(self, tab: Tab) -> None:
        self.item(tab, REPORT).get_by_role("button", name="Mark as verified").click()
        expect(tab.page.get_by_text(f"Marked as verified: {REPORT}")).to_be_visible()
        expect(tab.button("Approve")).to_be_enabled()
        tab.button("Approve").click()
        expect(tab.page.get_by_text(f"Update on {REFERENCE} approved.")).to_be_visible()

    def assured(self, tab: Tab, words: str) -> None:
        self.open_recommendation(tab)
        expect(tab.page.get_by_text(words).first).to_be_visible()

    def other_manager_checks_on_the_page_of_the_item(self, tab: Tab) -> None:
        tab.go(f"/recommendations/{REFERENCE}/evidence/")
        tab.link(REPORT).click()
        expect(tab.page.get_by_text(StoredFile.objects.get().sha256)).to_be_visible()
        tab.page.get_by_label("Reliability").select_option("Usually reliable")
        tab.button("Mark as verified").click()
        expect(tab.button("Withdraw my verification")).to_be_visible()

    def other_manager_sets_a_note_against_it(self, tab: Tab) -> None:
        tab.go(self.update().get_absolute_url())
        tab.page.get_by_text("Add contradicting evidence").click()
        self.choose(tab, NOTE)
        tab.page.get_by_role("radio", name="Contradicts").check()
        tab.button("Add to this update").click()
        expect(self.item(tab, NOTE)).to_contain_text("Not answered")

    def contradicted(self, tab: Tab) -> None:
        expect(self.row(tab)).to_contain_text("Contradicted (unanswered)")
        self.open_recommendation(tab)
        expect(tab.page.get_by_text("but contradicted").first).to_be_visible()
        expect(tab.page.get_by_role("main")).to_contain_text("Contradicted (unanswered)")

    def the_author_may_not_answer(self, tab: Tab) -> None:
        tab.go(self.update().get_absolute_url())
        self.assertEqual(tab.page.get_by_text("Answer contradiction").count(), 0)

    def manager_answers(self, tab: Tab) -> None:
        tab.go(self.update().get_absolute_url())
        tab.page.get_by_text("Answer contradiction").click()
        tab.page.get_by_label("Your answer").fill("It opened again.")
        tab.button("Record answer").click()
        expect(tab.page.get_by_role("main")).to_contain_text("It opened again.")

    def answered(self, tab: Tab) -> None:
        expect(self.row(tab)).not_to_contain_text("Contradicted")


class AddingTests(EvidenceJourneyTestCase):
    """One file, in the ways there are."""

    def test_chosen_before_the_script_has_come(self):
        tab = self.tab(self.staff)
        held: list[Any] = []
        tab.page.route("**/upload*.js", lambda route: held.append(route))
        page = f"{tab.address}/recommendations/{REFERENCE}/updates/new/"
        with tab.page.expect_request("**/upload*.js"):
            tab.page.goto(page, wait_until="commit")
        self.choose(tab, "early")
        held[0].continue_()
        expect(self.ticket(tab, "early")).to_be_checked()

    def test_a_file_that_is_dropped_comes_in_and_the_draft_saves_without_it(self):
        tab = self.tab(self.staff)
        self.begin(tab)
        tab.page.locator(".uploads").evaluate("""zone => {
            const held = new DataTransfer();
            held.items.add(new File(["%PDF-1.4 dropped"], "dropped.pdf"));
            const options = { dataTransfer: held, bubbles: true, cancelable: true };
            zone.dispatchEvent(new DragEvent("dragover", options));
            zone.dispatchEvent(new DragEvent("drop", options));
        }""")
        expect(self.ticket(tab, "dropped")).to_be_checked()
        expect(tab.page.locator(".uploads [role=status]")).to_have_text("dropped.pdf: Uploaded.")
        with tab.page.expect_request("**/autosave/") as saving:
            tab.page.get_by_label("Remaining work").fill("Something.")
        expect(tab.page.locator("#saved")).to_contain_text("Draft saved at")
        sent = saving.value.post_data or ""
        self.assertIn("what_happened", sent)
        self.assertNotIn("evidence-uploads", sent)
        self.assertNotIn("evidence-tickets", sent)

    def test_what_becomes_of_files_on_their_way_is_told(self):
        """Too large to be sent, a connection that breaks, and a form that waits for a file."""
        tab, receiving = self.tab(self.staff), "**/evidence/files/receive/"
        self.begin(tab)
        limit = "(zone, most) => { zone.dataset.mostBytes = most; }"
        zone = tab.page.locator(".uploads")
        most = zone.get_attribute("data-most-bytes")
        zone.evaluate(limit, 5)
        self.choose(tab, "large")
        told = tab.page.get_by_role("list", name="Uploaded files")
        expect(told).to_contain_text("large.pdf Larger than")
        zone.evaluate(limit, most)
        tab.page.route(receiving, lambda route: route.abort())
        self.choose(tab, "broken")
        expect(tab.button("Try again")).to_be_visible()
        tab.settle()
        tab.page.unroute(receiving)
        tab.button("Try again").click()
        expect(self.ticket(tab, "broken")).to_be_checked()
        held: list[Any] = []
        tab.page.route(receiving, lambda route: held.append(route))
        self.choose(tab, "permit")
        expect(tab.page.get_by_role("progressbar", name="permit.pdf")).to_be_visible()
        tab.button("Save draft").click()
        expect(tab.page.locator(".uploads [role=status]")).to_contain_text(
            "Uploading files. The form is sent when the upload is complete."
        )
        held.pop().continue_()
        expect(tab.link("permit")).to_be_visible()
        self.assertEqual(self.added(), ["broken", "permit"])

    def test_words_find_an_item_as_they_are_typed(self):
        self.make_evidence("Law on certificates")
        self.make_evidence("Something else")
        tab = self.tab(self.staff)
        self.begin(tab)
        tab.page.get_by_text("Select recorded evidence").click()
        tab.page.get_by_label("Words of the title, publisher or citation").press_sequentially(
            "certificates"
        )
        expect(tab.page.locator("#evidence-found")).not_to_contain_text("nearest")
        tab.page.get_by_label("Evidence already recorded").select_option(
            "Law on certificates (Document)"
        )
        tab.button("Add to this update").click()
        expect(tab.link("Law on certificates")).to_be_visible()


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


PLANT = """
([kind, path]) => new Promise(done => {
    const planted = document.createElement(kind);
    planted.onload = () => done("load");
    planted.onerror = () => done("error");
    planted.src = path;
    document.body.append(planted);
})
"""
