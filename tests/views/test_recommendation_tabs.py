"""The tabs of a recommendation: what each shows, to whom, and how far."""

from django.test import override_settings

from recommendations.actions import recommendations, responses
from recommendations.actions.updates import decisions
from recommendations.models import Addressee
from tests.base import days_ago, link_evidence
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"
TABS = ("", "evidence/", "responses/", "actions/", "indicators/", "history/")
INSIDE_ONLY = ("actions/", "history/")


class TabsTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(
            cls.recommendation,
            confidence="amber",
            issue="The session ends soon.",
            response_action="Ask for more time.",
            response_owner="The whip",
            asked_for="A longer session.",
            internal_note="A secret worry.",
        )
        cls.addressee = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )

    def publish(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)


class CardTests(TabsTestCase):
    def test_it_stands_on_every_tab_with_links_to_the_others(self) -> None:
        for tab in TABS:
            with self.subTest(tab=tab):
                response = self.get(PAGE + tab, self.viewer)
                text = self.read(PAGE + tab, self.viewer)
                self.assert_words(
                    text,
                    "REP-1 Do the thing Summary: Do the thing, in our words.",
                    "Delivery is at risk: The session ends soon.",
                    "Decision or support needed: A longer session.",
                    "Accepted by 0 of 1 No response yet from 1",
                    "Evidence 0 support Responses 0 of 1 Actions 0 of 0 completed",
                )
                self.assertContains(response, f'<a href="{PAGE}{tab}" aria-current="page">')
                for other in TABS:
                    self.assertContains(response, f'href="{PAGE}{other}"')

    def test_addresses_that_led_to_sections_lead_to_their_tabs(self) -> None:
        response = self.get(PAGE, self.viewer)
        for anchor, tab in (
            ("steps", "actions/"),
            ("timeline", "history/"),
            ("claims", "evidence/"),
        ):
            self.assertContains(response, f'<a href="{PAGE}{tab}" id="{anchor}">')

    def test_the_one_thing_to_do_next_goes_by_the_reader(self) -> None:
        def primary(person: object) -> str:
            found = self.get(PAGE, person).context["primary"]
            return found.label if found else ""

        self.assertEqual(primary(self.staff), "Log an update")
        self.assertEqual(primary(self.viewer), "")
        self.make_submitted(self.recommendation, by=self.staff)
        self.assertEqual(primary(self.manager), "Review update")
        self.assert_words(self.read(PAGE, self.manager), "awaiting your review.")
        self.assert_words(self.read(PAGE, self.viewer), "awaiting review.")


class AttentionTests(TabsTestCase):
    def test_each_item_names_its_cause_and_holds_what_helps(self) -> None:
        item = self.make_evidence("A count", visibility="public")
        link_evidence(to=self.update, by=self.manager, stance="undermines", evidence=item)
        action = responses.add_action(
            recommendation=self.recommendation,
            by=self.staff,
            values={"title": "Write it", "state": "not_started", "due_on": days_ago(3)},
        )
        response = self.get(PAGE, self.other_manager)
        self.assert_words(
            self.read(PAGE, self.other_manager),
            "“A count” contradicts the current status. Add evidence Answer contradiction",
            f"“Write it” was due on {days_ago(3):%-d %B %Y}. Update action",
        )
        self.assertContains(response, f'href="/updates/{self.update.pk}/#evidence"')
        self.assertContains(response, f'href="/updates/{self.update.pk}/#answer"')
        self.assertContains(
            self.get(f"/updates/{self.update.pk}/", self.other_manager), 'id="answer"'
        )
        self.assertContains(response, f'href="{action.get_absolute_url()}"')
        self.assert_no_words(self.read(PAGE, self.viewer), "Answer contradiction", "Update action")
        self.assert_no_words(self.read(PAGE, self.staff), "Answer contradiction")  # its author


class ListTests(TabsTestCase):
    def test_the_status_shows_a_few_earlier_updates_and_the_history_all(self) -> None:
        for n in range(1, 6):
            self.make_approved(self.recommendation, as_of=days_ago(n), what_happened=f"Step {n}.")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "Show all 6", "Step 1.", "Step 3.", "History 6 updates")
        self.assert_no_words(text, "Step 4.", "Timeline")

    def test_a_long_list_says_how_many_there_are_and_shows_them_when_asked(self) -> None:
        for n in range(12):
            item = self.make_evidence(f"Item {n:02}", visibility="public")
            link_evidence(to=self.update, by=self.manager, stance="supports", evidence=item)
        text = self.read(f"{PAGE}evidence/", self.viewer)
        self.assert_words(text, "Item 09", "Show all 12")
        self.assert_no_words(text, "Item 10")
        self.assert_words(self.read(f"{PAGE}evidence/", self.viewer, all=""), "Item 11")

    def test_what_contradicts_and_is_unanswered_comes_first(self) -> None:
        for title, stance in (("A law", "supports"), ("Z count", "undermines")):
            item = self.make_evidence(title, visibility="public")
            link_evidence(to=self.update, by=self.manager, stance=stance, evidence=item)
        text = self.read(f"{PAGE}evidence/", self.viewer).split("Evidence on the current update")[1]
        self.assertLess(text.index("Z count"), text.index("A law"))


@override_settings(PUBLIC_PAGES=True)
class PublicTests(TabsTestCase):
    def test_the_public_reads_its_tabs_and_no_internal_word(self) -> None:
        self.publish()
        for tab in (*TABS, "print/"):
            with self.subTest(tab=tab):
                if tab in INSIDE_ONLY:
                    self.assertEqual(self.get(PAGE + tab).status_code, 302)
                    continue
                text = self.read(PAGE + tab)
                self.assert_no_words(
                    text, "session", "secret", "Ministry", "Staff", "Actions", "History", "whip"
                )

    def test_of_what_is_archived_it_reads_one_page_alone(self) -> None:
        self.publish()
        recommendations.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate"
        )
        self.assert_words(self.read(PAGE), "Archived on")
        for tab in ("evidence/", "responses/", "indicators/", "print/"):
            self.read(PAGE + tab, status=404)

    def test_what_waits_is_not_told(self) -> None:
        self.publish()
        update = self.make_submitted(self.recommendation, implementation_status="not_started")
        self.assert_no_words(self.read(PAGE), "Not started", "awaiting")
        decisions.approve_update(update=update, by=self.manager)
        self.assert_words(self.read(PAGE), "Status: Not started")


class WholeTests(TabsTestCase):
    def test_the_printed_page_holds_every_section(self) -> None:
        self.assert_words(
            self.read(f"{PAGE}print/", self.viewer),
            *("Current update", "Key facts", "Status by addressee", "Rationale and context"),
            *("Responses", "Actions do not change the status.", "Indicators", "Timeline"),
            "Target dates",
        )
