"""Sources and recommendations: numbering, wording, publishing, archiving, a second source."""

from django.contrib.auth.models import Group
from django.urls import reverse

from recommendations.actions import recommendations as actions
from recommendations.choices import Role
from recommendations.models import Addressee, Area, Organisation, Recommendation, Source, User
from tests.admin.base import AdminTestCase, Window, address, read_form, said
from tests.base import make_person
from tests.views.pages import shown_fields

BULK = "/admin/recommendations/recommendation/bulk/"
NEW = {
    "title": "Ask for more",
    "summary": "It asks for more.",
    "modality": "must",
    "nature": "time_bound",
    "interval_months": "6",
}


class RecommendationTests(AdminTestCase):
    def add(self, **values: object) -> Recommendation:
        data = self.window.open(Recommendation)
        response = self.window.send(
            Recommendation, None, data, **{**NEW, "source": self.source.pk, **values}
        )
        self.assert_saved(response)
        found: Recommendation = Recommendation.objects.latest("pk")
        return found

    def test_a_new_one_gets_the_next_reference_and_its_days(self) -> None:
        added = self.add()
        self.assertEqual(added.reference, "REP-2")
        self.assertIsNotNone(added.opened_on)
        self.assertIsNotNone(added.next_due_on)
        self.assertEqual(self.verbs(), [("create", "recommendation")])

    def test_the_next_one_begins_with_what_is_mostly_alike(self) -> None:
        data = self.window.open(Recommendation)
        given = {**NEW, "source": self.source.pk, "lead": self.ministry.pk, "_addanother": "1"}
        response = self.window.send(Recommendation, None, data, **given)
        form = read_form(self.window.client.get(response["Location"]), "recommendation_form")
        kept = {name: form[name] for name in ("source", "lead", "modality", "nature", "title")}
        self.assertEqual(
            kept,
            {
                "source": str(self.source.pk),
                "lead": str(self.ministry.pk),
                "modality": "must",
                "nature": "time_bound",
                "title": "",
            },
        )

    def test_without_a_summary_the_title_stands_for_it(self) -> None:
        self.assertEqual(self.add(summary="").summary, "Ask for more")
        data = self.window.open(Recommendation, self.recommendation.pk)
        response = self.window.send(Recommendation, self.recommendation.pk, data, summary="")
        self.assertEqual(response.status_code, 200)
        self.recommendation.refresh_from_db()
        self.assertNotEqual(self.recommendation.summary, "")

    def test_a_refused_form_uses_up_no_number(self) -> None:
        data = self.window.open(Recommendation)
        response = self.window.send(
            Recommendation, None, data, **{**NEW, "source": self.source.pk, "title": ""}
        )
        self.assertEqual(response.status_code, 200)
        self.source.refresh_from_db()
        self.assertEqual(self.source.last_number, 1)

    def test_archive_the_newest_recommendation_and_add_one(self) -> None:
        newest = self.add()
        actions.archive(recommendation=newest, by=self.manager, reason="duplicate")
        newest.refresh_from_db()
        self.assertEqual(newest.archive_reason, "duplicate")
        self.assertEqual(self.add(title="And one more").reference, "REP-3")
        self.assert_whole()

    def test_wording_needs_a_reason_once_public(self) -> None:
        pk = self.recommendation.pk
        data = self.window.open(Recommendation, pk)
        self.assert_saved(self.window.send(Recommendation, pk, data, quoted_text="First."))
        self.recommendation.refresh_from_db()
        self.assertIsNone(self.recommendation.wording_amended_at)
        self.assertEqual(self.recommendation.quoted_sha256, actions.wording_digest("First."))
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        data = self.window.open(Recommendation, pk)
        response = self.window.send(Recommendation, pk, data, quoted_text="Second.")
        self.assertContains(
            response, "The wording is or was published. Give the reason for the amendment."
        )
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.quoted_text, "First.")
        response = self.window.send(
            Recommendation, pk, data, quoted_text="Second.", wording_reason="A misprint."
        )
        self.assert_saved(response)
        self.recommendation.refresh_from_db()
        self.assertIsNotNone(self.recommendation.wording_amended_at)
        self.assertEqual(self.recommendation.quoted_sha256, actions.wording_digest("Second."))

    def test_archiving_goes_by_the_role_not_by_being_a_superuser(self) -> None:
        root = Window(make_person("root", is_staff=True, is_superuser=True))
        root.act(Recommendation, "archive", self.recommendation)
        refused = root.client.post(f"{BULK}?change=archive&scope=all&value=closed")
        self.assertEqual(refused.status_code, 403)
        self.recommendation.refresh_from_db()
        self.assertIsNone(self.recommendation.archived_at)

    def test_publishing_is_left_to_the_page_that_shows_everything(self) -> None:
        pk = self.recommendation.pk
        page = self.window.client.get(address(Recommendation, "change", pk))
        self.assertContains(page, "View on site")
        self.window.act(Recommendation, "publish", self.recommendation)
        root = Window(make_person("root", is_staff=True, is_superuser=True))
        refused = root.client.post(reverse("recommendation-publish", args=["REP-1"]))
        self.assertEqual(refused.status_code, 403)
        self.recommendation.refresh_from_db()
        self.assertIsNone(self.recommendation.published_at)

    def test_status_and_dates_are_not_typed_in(self) -> None:
        pk = self.recommendation.pk
        data = self.window.open(Recommendation, pk)
        sent = {"target_date": "2030-01-01", "reference": "X-1", "source": "", "number": "9"}
        self.assert_saved(self.window.send(Recommendation, pk, data, **sent))
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.reference, "REP-1")
        self.assertIsNone(self.recommendation.target_date)
        self.assertEqual(self.events(), [])

    def test_the_days_that_follow_from_the_interval_move_with_it(self) -> None:
        pk = self.recommendation.pk
        before = Recommendation.objects.get(pk=pk).next_due_on
        data = self.window.open(Recommendation, pk)
        self.assert_saved(self.window.send(Recommendation, pk, data, interval_months="12"))
        self.assertNotEqual(Recommendation.objects.get(pk=pk).next_due_on, before)

    def test_a_prefix_is_fixed_once_a_reference_was_given(self) -> None:
        data = self.window.open(Source, self.source.pk)
        self.assertNotIn("reference_prefix", data)
        self.assert_saved(
            self.window.send(Source, self.source.pk, data, reference_prefix="NEW", publisher="P")
        )
        self.source.refresh_from_db()
        self.assertEqual((self.source.reference_prefix, self.source.publisher), ("REP", "P"))

    def test_a_prefix_that_makes_no_reference_is_refused(self) -> None:
        data = self.window.open(Source)
        sent = {"title": "T", "short_title": "T", "slug": "t", "reference_prefix": "_x"}
        response = self.window.send(Source, None, data, **sent)
        self.assertContains(response, "Begin with a letter or a digit.")


class SecondSourceTests(AdminTestCase):
    """An administrator, who is no superuser, sets up a second source without touching code."""

    def test_second_source_with_recommendations_people_and_addressees(self) -> None:
        keeper = make_person("keeper", Role.ADMINISTRATOR, is_staff=True)
        self.window = Window(keeper)
        body = self.add_organisation()
        officer = self.add_person(body)
        place = self.add_place()
        source = self.add_source()
        first = self.add_recommendation(source, body, officer, place)
        self.assertEqual(first.reference, "SEC-1")
        self.assertEqual(str(first.addressees.get()), "Ruritania")
        second = self.add_recommendation(source, body, officer, None)
        self.assertEqual(second.reference, "SEC-2")
        self.assertEqual(Addressee.objects.get(recommendation=second).organisation, body)
        for added in (first, second):
            page = reverse("recommendation-publish", args=[added.reference])
            shown = shown_fields(self.window.client.get(page))
            response = self.window.client.post(page, shown, follow=True)
            self.assertIn(f"{added.reference} is published.", said(response))
        self.assertEqual({event.actor for event in self.events()}, {keeper})
        self.assert_whole()

        # The officer can begin at once.
        officer.refresh_from_db()
        update = self.make_submitted(first, by=officer)
        self.assertEqual(update.author, officer)
        # The first source went its own way.
        self.assertEqual(self.make_recommendation("One more").reference, "REP-2")

    def add_organisation(self) -> Organisation:
        data = self.window.open(Organisation)
        sent = {"name": "Office of Roads", "slug": "roads", "kind": "government"}
        self.assert_saved(self.window.send(Organisation, None, data, **sent))
        return Organisation.objects.get(slug="roads")

    def add_person(self, body: Organisation) -> User:
        data = self.window.open(User)
        sent = {
            "username": "officer",
            "organisation": body.pk,
            "groups": [Group.objects.get(name=Role.STAFF).pk],
        }
        self.assert_saved(self.window.send(User, None, data, **sent))
        officer = User.objects.get(username="officer")
        self.assertEqual(officer.organisation, body)
        return officer

    def add_place(self) -> Area:
        data = self.window.open(Area)
        sent = {"name": "Ruritania", "code": "RUR", "kind": "country"}
        self.assert_saved(self.window.send(Area, None, data, **sent))
        return Area.objects.get(code="RUR")

    def add_source(self) -> Source:
        data = self.window.open(Source)
        sent = {
            "title": "A second report",
            "short_title": "Second report",
            "slug": "second",
            "reference_prefix": "SEC",
            "published_on": "2023-04-05",
            "date_precision": "day",
        }
        self.assert_saved(self.window.send(Source, None, data, **sent))
        return Source.objects.get(slug="second")

    def add_recommendation(
        self, source: Source, body: Organisation, officer: User, place: Area | None
    ) -> Recommendation:
        data = self.window.open(Recommendation)
        whom = {"addressees-0-area": place.pk} if place else {"addressees-0-organisation": body.pk}
        sent = {
            **NEW,
            "source": source.pk,
            "lead": body.pk,
            "lead_officer": officer.pk,
            "contributors": [self.ministry.pk],
            **whom,
        }
        response = self.window.send(Recommendation, None, data, **sent)
        self.assert_saved(response)
        found: Recommendation = Recommendation.objects.latest("pk")
        return found

    def test_an_addressee_is_one_of_both(self) -> None:
        place = self.make_area("RUR", name="Ruritania", kind="country")
        data = self.window.open(Recommendation)
        sent = {
            **NEW,
            "source": self.source.pk,
            "addressees-0-area": place.pk,
            "addressees-0-organisation": self.agency.pk,
        }
        response = self.window.send(Recommendation, None, data, **sent)
        self.assertContains(response, "Choose an area or an organisation, not both.")
        self.assertEqual(read_form(response, "recommendation_form")["title"], NEW["title"])
        self.assertEqual(self.events(), [])
