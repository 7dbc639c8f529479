"""The check list of the set-up, who can approve, and the warning where nobody can."""

from django.test import TestCase

from recommendations.actions import people
from recommendations.models import Recommendation, Source, User
from recommendations.queries.setup import missing_for, role_holders
from tests.base import World
from tests.histories.history import clock_at
from tests.views.pages import PageTestCase, client_of

PAGE = "/set-up/"


class EmptyTests(World, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.make_world()

    def lines(self, person: User) -> list[str]:
        return [line.text for line in missing_for(person, role_holders())]

    def test_a_source_without_recommendations(self):
        self.assertEqual(self.lines(self.administrator), ["Report has no recommendations"])
        page = client_of(self.administrator).get(PAGE)
        self.assertContains(page, 'href="/set-up/recommendations/?source=report"')

    def test_roles_that_are_not_assigned(self):
        Source.objects.all().delete()
        User.objects.filter(username__in=["other_manager", "staff"]).update(is_active=False)
        self.assertIn("Only one manager", self.lines(self.administrator)[1])
        User.objects.filter(username__in=["manager", "other_staff"]).update(is_active=False)
        self.assertEqual(
            self.lines(self.administrator)[1:],
            ["No manager: no one can approve updates", "No policy staff"],
        )
        people.invite(by=self.administrator, email="a@example.org", role="Manager")
        actions = [each.action for each in missing_for(self.administrator, role_holders())[1:]]
        self.assertEqual(actions, ["Open invitations", "Invite people"])

    def test_an_invitation_that_expired(self):
        made = people.invite(by=self.administrator, email="a@example.org", role="Viewer")
        self.assertEqual(len(self.lines(self.administrator)), 1)
        with clock_at(made.expires_at):
            self.assertIn("1 invitation has expired", self.lines(self.administrator))


class RecommendationTests(PageTestCase):
    def lines(self) -> dict[str, str]:
        """Texts and the links beside them."""
        return {line.text: line.url for line in missing_for(self.administrator, role_holders())}

    def set(self, **values: object) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(**values)

    def test_what_it_lacks_leads_to_where_it_is_done(self):
        self.set(lead=None, lead_officer=self.viewer, opened_on=None, next_due_on=None)
        words = self.read("/recommendations/REP-1/", self.viewer)
        self.assert_words(words, "No target date Its day of opening is not known", "due Not known")
        lines = self.lines()
        bulk = "/recommendations/bulk/?scope=picked&change={}&pick=REP-1"
        for text, url in (
            ("1 recommendation without a lead organisation", bulk.format("lead")),
            ("1 recommendation without an active lead officer", bulk.format("lead_officer")),
            ("1 recommendation without an active reviewer", bulk.format("reviewer")),
            ("1 recommendation without a first target date", "/recommendations/REP-1/dates/"),
            (
                "1 open recommendation without a known day of opening",
                "/recommendations/?age=unknown",
            ),
            ("1 recommendation not published", bulk.format("publish")),
        ):
            with self.subTest(text):
                self.assertEqual(lines.pop(text), url)
                self.assertEqual(self.get(url, self.administrator).status_code, 200)
        self.assertEqual(lines, {})

    def test_it_asks_as_much_for_many_as_for_one(self):
        counts = []
        for number in (0, 30):
            for each in range(number):
                self.make_recommendation(f"Title {each}")
            counts.append(self.asked(PAGE, self.administrator))
        self.assertEqual(counts[0], counts[1])
        text = self.read(PAGE, self.administrator)
        self.assert_words(text, "31 recommendations without an active reviewer", "26 more")
        self.assertLessEqual(counts[1], 32)


class ApproversTests(PageTestCase):
    ITEM = "/recommendations/REP-1/"
    page = f"{ITEM}approvers/"

    def test_where_nobody_can_approve_pages_say_so(self):
        item = self.get(self.ITEM, self.viewer)
        self.assertContains(item, f'href="{self.page}"')
        self.assertNotContains(item, "No one can approve")
        for person in (self.manager, self.other_manager):
            people.deactivate(person=person, by=self.administrator)
        for person in (self.staff, self.viewer):
            self.assert_words(self.read(self.ITEM, person), "No one can approve updates")
        told = "1 recommendation that no one can approve"
        self.assert_words(self.read(PAGE, self.administrator), told)
        text = self.read(self.page, self.staff)
        self.assert_words(text, "No one at present", "there is no active manager")
