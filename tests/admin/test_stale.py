"""Two windows on one thing: the second is told who came first, and what stands there now."""

from typing import Any
from unittest.mock import patch

from django.contrib import admin

from recommendations.actions import recommendations as actions
from recommendations.models import (
    Addressee,
    AuditEvent,
    EvidenceLink,
    Indicator,
    Observation,
    Recommendation,
    User,
)
from tests.admin.base import AdminTestCase, Window, read_form, said
from tests.base import make_person


class TwoWindowsCase(AdminTestCase):
    """The administrator and a colleague, each with a window."""

    colleague: User

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.colleague = make_person("colleague", "Administrator", is_staff=True, is_superuser=True)

    def setUp(self) -> None:
        super().setUp()
        self.other = Window(self.colleague)
        self.pk = self.recommendation.pk

    def open_both(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.window.open(Recommendation, self.pk), self.other.open(Recommendation, self.pk)

    def send(self, window: Window, data: dict[str, Any], **changed: Any) -> Any:
        return window.send(Recommendation, self.pk, data, **changed)

    def stored(self) -> Recommendation:
        found: Recommendation = Recommendation.objects.get(pk=self.pk)
        return found


class StaleTests(TwoWindowsCase):
    def test_stale_form_is_refused_with_both_values(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, title="Their title", priority="high"))
        response = self.send(self.window, mine, title="My title")
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "Colleague changed this on ")
        self.assertContains(
            response, "Saved meanwhile: “Their title”. Your version, not saved yet: “My title”."
        )
        self.assertEqual(self.stored().title, "Their title")
        self.assertEqual(len(self.events()), 1)
        again = read_form(response, "recommendation_form")
        self.assert_saved(self.send(self.other, self.open_both()[1], lead=""))
        response = self.send(self.window, again, lead=self.agency.pk)
        self.assertContains(response, "Saved meanwhile: “(empty)”.")

    def test_a_refused_form_runs_once(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, title="Their title"))
        once = admin.ModelAdmin._changeform_view
        with patch.object(
            admin.ModelAdmin, "_changeform_view", autospec=True, side_effect=once
        ) as run:
            response = self.send(self.window, mine, title="My title")
        self.assertContains(response, "Their title")
        self.assertEqual(run.call_count, 1)

    def test_fields_that_one_left_alone_show_what_the_other_wrote(self) -> None:
        mine, theirs = self.open_both()
        their_changes = {
            "priority": "high",
            "lead": self.agency.pk,
            "contributors": [self.ministry.pk],
            "summary": "Their summary.",
            "interval_months": "3",
        }
        self.assert_saved(self.send(self.other, theirs, **their_changes))
        response = self.send(self.window, mine, title="My title")
        self.assertContains(
            response, "Changed meanwhile from “Not set” to “High”. The new version is shown here."
        )
        self.assertContains(
            response,
            "Changed meanwhile from “Ministry A” to “Agency B”. The new version is shown here.",
        )
        again = read_form(response, "recommendation_form")
        self.assertEqual(again["title"], "My title")
        self.assertEqual(again["summary"], "Their summary.")
        self.assert_saved(self.send(self.window, again))
        stored = self.stored()
        self.assertEqual((stored.title, stored.priority), ("My title", "high"))
        self.assertEqual((stored.lead, stored.interval_months), (self.agency, 3))
        self.assertEqual(list(stored.contributors.all()), [self.ministry])
        self.assert_whole()

    def test_a_third_change_while_one_looks_is_refused_again(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, title="Their title"))
        again = read_form(self.send(self.window, mine, title="My title"), "recommendation_form")
        third = self.other.open(Recommendation, self.pk)
        self.assert_saved(self.send(self.other, third, title="Their second title"))
        self.assertContains(self.send(self.window, again), "Saved meanwhile: “Their second title”")

    def test_an_action_in_between_counts_as_well(self) -> None:
        mine = self.window.open(Recommendation, self.pk)
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        response = self.send(self.window, mine, quoted_text="Other words")
        self.assertContains(response, "Manager changed this on ")
        again = read_form(response, "recommendation_form")
        # It is public by now, so the wording needs a reason.
        self.assertContains(
            self.send(self.window, again),
            "The wording is or was published. Give a reason; readers will see it.",
        )

    def test_all_that_is_wrong_with_a_published_wording_is_told_at_once(self) -> None:
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        mine = self.window.open(Recommendation, self.pk)
        response = self.send(self.window, mine, title="")
        self.assertContains(response, "Enter the value.")
        self.assertContains(response, "The wording is or was published.")

    def test_a_change_that_left_no_event_is_seen_by_the_version(self) -> None:
        mine = self.window.open(Recommendation, self.pk)
        Recommendation.objects.filter(pk=self.pk).update(title="By SQL", version=2)
        response = self.send(self.window, mine, title="My title")
        self.assertContains(
            response, "This record was changed after you opened it. Your changes were not saved."
        )
        self.assertContains(response, "Saved meanwhile: “By SQL”")

    def test_nobody_is_bothered_when_both_wrote_the_same(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, title="The same title"))
        self.assert_saved(self.send(self.window, mine, title="The same title"))
        self.assertEqual(len(self.events()), 1)

    def test_two_edits_in_the_same_instant_are_told_apart(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, title="Their title"))
        Recommendation.objects.filter(pk=self.pk).update(updated_at=None)
        self.assertEqual(self.send(self.window, mine, title="My title").status_code, 200)


class RevisionTests(TwoWindowsCase):
    """A figure that is recorded again is a revision, and nobody makes one unawares."""

    def record(self, window: Window, data: dict[str, Any], value: str, row: int = 0) -> Any:
        figure = {"area": self.area.pk, "period": "2018", "value": value}
        sent = {f"observations-{row}-{name}": each for name, each in figure.items()}
        return window.send(Indicator, self.indicator.pk, data, **sent)

    def setUp(self) -> None:
        super().setUp()
        self.area, self.indicator = self.make_area(), self.make_indicator()
        self.first_event = AuditEvent.objects.count()

    def test_the_same_figure_from_two_windows_is_told_and_not_recorded_twice(self) -> None:
        mine, theirs = (
            window.open(Indicator, self.indicator.pk) for window in (self.window, self.other)
        )
        self.assert_saved(self.record(self.other, theirs, "7"))
        for value in ("7", "8"):
            response = self.record(self.window, mine, value)
            self.assertContains(response, "Colleague recorded this on ")
            self.assertContains(response, "value “7”")
        self.assertEqual(self.indicator.observations.get().value, 7)
        again = read_form(response, "indicator_form")
        self.assertEqual(again["observations-0-value"], "8")
        self.assert_saved(self.window.send(Indicator, self.indicator.pk, again))
        figures = self.indicator.observations.order_by("revision")
        self.assertEqual([figure.value for figure in figures], [7, 8])
        self.assertEqual(self.verbs(), [("observe", "observation")] * 2)

    def test_nor_twice_in_one_form(self) -> None:
        data = self.window.open(Indicator, self.indicator.pk)
        row = {"area": self.area.pk, "period": "2018", "value": "8", "obs_status": "A"}
        second = {f"observations-1-{name}": value for name, value in row.items()}
        response = self.record(self.window, {**data, **second, "observations-TOTAL_FORMS": 2}, "7")
        self.assertContains(response, "Administrator recorded this on ")
        self.assertFalse(self.indicator.observations.exists())

    def test_the_form_of_a_figure_alone_shows_what_stands_before_it_adds_to_it(self) -> None:
        data = self.window.open(Observation)
        sent = {"indicator": self.indicator.pk, "area": self.area.pk, "period": "2018"}
        self.assert_saved(self.window.send(Observation, None, data, **sent, value="7"))
        response = self.window.send(Observation, None, data, **sent, value="8")
        self.assertContains(response, "value “7”")
        again = read_form(response, "observation_form")
        self.assert_saved(self.window.send(Observation, None, again))
        self.assertEqual(self.indicator.observations.count(), 2)

    def test_a_figure_that_disagrees_with_its_terms_is_recorded_and_told(self) -> None:
        Indicator.objects.filter(pk=self.indicator.pk).update(measure="2", unit="%")
        data = self.window.open(Observation)
        sent = {"indicator": self.indicator.pk, "area": self.area.pk, "period": "2018"}
        terms = {"value": "7", "numerator": "1", "denominator": "2"}
        answer = self.window.send(Observation, None, data, **sent, **terms)
        told = said(self.window.client.get(answer["Location"]))
        self.assertIn("Values disagree: All areas, 2018", told)


class StaleRowTests(TwoWindowsCase):
    """The same for rows under a thing, which have no version of their own."""

    link: EvidenceLink
    addressee: Addressee

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        evidence = cls.make_evidence()
        cls.link = EvidenceLink.objects.create(
            evidence=evidence,
            recommendation=cls.recommendation,
            stance="need",
            why="Because.",
            added_at=cls.recommendation.opened_on.strftime("%Y-%m-%dT00:00:00Z"),
            added_by=cls.staff,
        )
        cls.addressee = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )

    def test_stale_row_is_refused_with_both_values(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, **{"evidence_links-0-why": "Theirs."}))
        response = self.send(self.window, mine, **{"evidence_links-0-why": "Mine."})
        self.assertContains(response, "Colleague changed this on ")
        self.assertContains(
            response, "Saved meanwhile: “Theirs.”. Your version, not saved yet: “Mine.”."
        )
        self.link.refresh_from_db()
        self.assertEqual(self.link.why, "Theirs.")
        again = read_form(response, "recommendation_form")
        self.assert_saved(self.send(self.window, again))
        self.link.refresh_from_db()
        self.assertEqual(self.link.why, "Mine.")

    def test_a_row_that_one_left_alone_keeps_what_the_other_wrote(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, **{"evidence_links-0-why": "Theirs."}))
        self.assert_saved(self.send(self.window, mine, title="My title"))
        self.link.refresh_from_db()
        self.assertEqual((self.link.why, self.stored().title), ("Theirs.", "My title"))

    def test_a_row_that_was_taken_out_meanwhile_is_told(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, **{"evidence_links-0-DELETE": "on"}))
        response = self.send(self.window, mine, **{"evidence_links-0-why": "Mine."})
        self.assertContains(response, "Colleague removed this row on ")
        again = read_form(response, "recommendation_form")
        self.assert_saved(self.send(self.window, again, **{"evidence_links-0-DELETE": "on"}))
        self.link.refresh_from_db()
        self.assertEqual((self.link.why, self.link.removed_by), ("Because.", self.colleague))
        self.assertEqual(self.verbs(), [("detach", "evidencelink")])

    def test_taking_out_a_row_that_changed_meanwhile_is_refused_once(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, **{"evidence_links-0-why": "Theirs."}))
        response = self.send(self.window, mine, **{"evidence_links-0-DELETE": "on"})
        self.assertContains(response, "Colleague changed this on ")
        again = read_form(response, "recommendation_form")
        self.assertEqual(again["evidence_links-0-DELETE"], "on")
        self.assert_saved(self.send(self.window, again))
        self.link.refresh_from_db()
        self.assertIsNotNone(self.link.removed_at)

    def test_rows_added_meanwhile_do_not_mix_up_the_others(self) -> None:
        mine, theirs = self.open_both()
        area = self.make_area("KEN", name="Kenya", kind="country")
        self.assert_saved(self.send(self.other, theirs, **{"addressees-1-area": area.pk}))
        response = self.send(self.window, mine, title="")
        rows = response.context["inline_admin_formsets"][0].formset
        self.assertEqual([row.pk for row in rows.get_queryset()], [self.addressee.pk])

    def test_a_row_taken_out_meanwhile_and_left_alone_does_not_stand_in_the_way(self) -> None:
        mine, theirs = self.open_both()
        self.assert_saved(self.send(self.other, theirs, **{"addressees-0-DELETE": "on"}))
        self.assert_saved(self.send(self.window, mine, title="My title"))
        self.assertEqual(self.stored().title, "My title")

    def test_what_a_row_is_about_cannot_be_changed(self) -> None:
        data = self.window.open(Recommendation, self.pk)
        response = self.send(self.window, data, **{"addressees-0-organisation": self.ministry.pk})
        self.assert_saved(response)
        self.addressee.refresh_from_db()
        self.assertEqual(self.addressee.organisation, self.agency)
        self.assertEqual(self.events(), [])
