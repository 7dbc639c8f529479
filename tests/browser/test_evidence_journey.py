"""The journey of evidence: files brought, checked, contradicted and answered, by three people."""

import re
from typing import Any

from playwright.sync_api import expect

from recommendations.choices import UpdateState
from recommendations.models import EvidenceLink, StoredFile
from tests.base import days_ago
from tests.browser.base import SeldomTwoWays, Tab
from tests.browser.test_update_journeys import DECIDER, FOCUSED, REFERENCE, JourneyTestCase
from tests.files import pdf

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

    def row(self, tab: Tab) -> Any:
        """The recommendation in the overview."""
        tab.go("/")
        heading = tab.page.get_by_role("heading", level=3, name=re.compile(f"^{REFERENCE}"))
        return tab.page.get_by_role("listitem").filter(has=heading).last

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
        expect(tab.page.get_by_text("Ready to approve as “Implemented”")).to_be_visible()
        tab.button("Approve").click()
        expect(tab.page.get_by_text(f"Update on {REFERENCE} approved.")).to_be_visible()

    def assured(self, tab: Tab, words: str) -> None:
        expect(self.row(tab)).to_contain_text(words)
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
        tab.page.get_by_text("Add supporting or contradicting evidence").click()
        self.choose(tab, NOTE)
        tab.page.get_by_role("radio", name="Contradicts").check()
        tab.button("Add to this update").click()
        expect(self.item(tab, NOTE)).to_contain_text("Not answered")

    def contradicted(self, tab: Tab) -> None:
        since = f"{days_ago(0):%-d %b %Y}"
        expect(self.row(tab)).to_contain_text("Contradicted (unanswered)")
        expect(self.row(tab)).to_contain_text(f"1 contradicting Unanswered since {since}")
        self.open_recommendation(tab)
        expect(tab.page.get_by_text("but contradicted").first).to_be_visible()
        expect(tab.page.get_by_role("main")).to_contain_text("Unanswered since")

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
        expect(self.row(tab)).to_contain_text("1 contradicting 1 answered")
        expect(self.row(tab)).not_to_contain_text("Contradicted")


class AddingTests(EvidenceJourneyTestCase):
    """One file, in the ways there are."""

    def test_by_keyboard_alone(self):
        tab = self.tab(self.staff)
        keyboard = tab.page.keyboard
        # From the first listener on choosers are caught; one that opens before that is lost.
        tab.page.on("filechooser", lambda _chooser: None)
        tab.go(f"/recommendations/{REFERENCE}/updates/new/")
        box = tab.page.get_by_label("Files", exact=True)
        self.tab_until(tab, lambda: box.evaluate("e => e === document.activeElement"))
        with tab.page.expect_file_chooser() as chooser:
            keyboard.press("Space")
        chooser.value.set_files([file_of("one.pdf"), file_of("two.pdf")])
        expect(self.ticket(tab, "two")).to_be_checked()
        self.tab_until(tab, lambda: self.is_focused(tab, "two.pdf"))
        keyboard.press("Space")
        self.tab_until(tab, lambda: self.is_focused(tab, "Add to this update"))
        keyboard.press("Enter")
        expect(tab.link("one")).to_be_visible()
        expect(tab.page.get_by_text("Draft saved and evidence added.")).to_be_visible()
        self.assertEqual(self.added(), ["one"])

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

    def tab_until(self, tab: Tab, is_there: Any) -> None:
        for _press in range(60):
            tab.page.keyboard.press("Tab")
            if is_there():
                return
        self.fail("Tab does not lead there.")

    @staticmethod
    def is_focused(tab: Tab, words: str) -> bool:
        return words in tab.page.evaluate(FOCUSED)

    def test_without_script_several_and_none_is_lost(self):
        tab = self.tab(self.staff, has_script=False)
        self.begin(tab)
        tab.page.get_by_label("As of").fill("")
        self.choose(tab, "one", "two")
        tab.button("Save draft").click()
        expect(tab.page.get_by_role("alert")).to_be_visible()
        expect(self.ticket(tab, "one")).to_be_checked()
        self.ticket(tab, "two").uncheck()
        tab.page.get_by_label("As of").fill(str(days_ago(0)))
        tab.button("Save draft").click()
        expect(tab.link("one")).to_be_visible()
        self.assertEqual(self.added(), ["one"])

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
