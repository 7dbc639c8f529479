"""The form of a recommendation: its first date, its rows, and what stands beside its fields."""

import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions import dates
from recommendations.actions import recommendations as actions
from recommendations.choices import Role
from recommendations.models import (
    Action,
    Addressee,
    Area,
    Evidence,
    EvidenceLink,
    Indicator,
    IndicatorLink,
    Part,
    Recommendation,
    RecommendationRelation,
    StatusUpdate,
    TargetDateChange,
    User,
)
from tests import kept
from tests.admin.base import AdminTestCase, Window, address
from tests.admin.tries import keeper
from tests.base import days_ago
from tests.rows import past_the_guards
from tests.views.pages import client_of

MOST = 60
"""Statements of the form at most."""


class RecommendationFormTestCase(AdminTestCase):
    def page(self, window: Window | None = None) -> Any:
        pk = self.recommendation.pk
        answer = (window or self.window).client.get(address(Recommendation, "change", pk))
        self.assertEqual(answer.status_code, 200)
        return answer

    def send(self, window: Window | None = None, **changed: Any) -> Any:
        window, pk = window or self.window, self.recommendation.pk
        data = window.open(Recommendation, pk)
        self.first_event += len(self.events())
        return window.send(Recommendation, pk, data, **changed)

    def target(self) -> Any:
        self.recommendation.refresh_from_db()
        return self.recommendation.target_date


class FirstDateTests(RecommendationFormTestCase):
    DAY, WHY = days_ago(-300), "As in the plan."

    def test_it_is_set_with_its_reason_by_the_action_of_dates(self) -> None:
        self.assert_saved(self.send(new_date=self.DAY.isoformat(), reason=self.WHY))
        self.assertEqual(self.target(), self.DAY)
        self.assertEqual([verb for verb, _of in self.verbs()], ["set_date", "move_date"])
        [row] = TargetDateChange.objects.all()
        self.assertEqual(
            (row.number, row.reason, row.decided_by), (0, self.WHY, self.administrator)
        )
        self.assert_whole()

    def test_with_other_changes_both_are_written_or_neither(self) -> None:
        sent = {"title": "Do it better", "new_date": self.DAY.isoformat()}
        refused = self.send(**sent)
        self.assertContains(refused, "Enter the reason.")
        self.assertEqual((self.target(), self.events()), (None, []))
        self.assertEqual(self.recommendation.title, "Do the thing")
        self.assert_saved(self.send(**sent, reason=self.WHY))
        self.assertEqual(self.target(), self.DAY)
        self.assertEqual(self.recommendation.title, "Do it better")

    def test_a_reason_without_a_date_is_not_lost(self) -> None:
        self.assertContains(
            self.send(reason=self.WHY), "Enter the target date, or clear its reason."
        )
        self.assertEqual(self.events(), [])

    def test_a_new_recommendation_begins_with_it(self) -> None:
        data = self.window.open(Recommendation)
        sent = {
            "source": self.source.pk,
            "title": "Ask for more",
            "summary": "It asks for more.",
            "modality": "must",
            "nature": "time_bound",
            "new_date": self.DAY.isoformat(),
            "reason": self.WHY,
        }
        self.assert_saved(self.window.send(Recommendation, None, data, **sent))
        made = Recommendation.objects.latest("pk")
        self.assertEqual(made.target_date, self.DAY)
        self.assertEqual(self.verbs()[0], ("create", "recommendation"))

    def test_once_there_is_one_it_is_no_longer_asked_for_nor_taken(self) -> None:
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=self.DAY, reason=self.WHY
        )
        self.assertNotContains(self.page(), 'name="new_date"')
        later = {"new_date": days_ago(-400).isoformat(), "reason": "Later."}
        self.assertContains(self.send(**later), "already has a target date")
        self.assertEqual((self.target(), self.events()), (self.DAY, []))

    def test_two_who_set_it_at_once(self) -> None:
        mine = self.window.open(Recommendation, self.recommendation.pk)
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=self.DAY, reason=self.WHY
        )
        sent = {"new_date": days_ago(-400).isoformat(), "reason": "Mine."}
        answer = self.window.send(Recommendation, self.recommendation.pk, mine, **sent)
        self.assertContains(answer, "already has a target date")
        self.assertContains(answer, "Mine.")
        self.assertEqual(self.target(), self.DAY)


class SurroundingsTests(RecommendationFormTestCase):
    def test_updates_and_dates_are_shown_and_lead_to_their_pages(self) -> None:
        update = self.make_approved(self.recommendation)
        day = days_ago(-10)
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=day, reason="Plan."
        )
        page = self.page()
        self.assertContains(page, f'href="/updates/{update.pk}/"')
        self.assertContains(page, "In progress")
        self.assertContains(page, "Plan.")
        self.assertContains(page, 'href="/recommendations/REP-1/dates/"')

    def test_nothing_there_is_told(self) -> None:
        page = self.page()
        self.assertContains(page, "No status updates yet.")
        self.assertContains(page, "No target date is set.")
        self.assertContains(page, "No report yet")

    def test_buttons_are_for_who_may(self) -> None:
        waiting = self.make_submitted(self.recommendation)
        page = self.page()
        self.assertContains(page, 'href="/recommendations/REP-1/"')
        self.assertNotContains(page, "Log an update")
        self.assertNotContains(page, "Review update")
        manager = Window(keeper(Role.MANAGER))
        page = self.page(manager)
        self.assertContains(page, 'href="/recommendations/REP-1/updates/new/"')
        self.assertContains(page, f'href="/review/{waiting.pk}/"')
        self.assertNotContains(page, 'name="new_date"')

    def test_drafts_are_for_readers_of_drafts(self) -> None:
        self.make_submitted(self.recommendation, by=self.manager)
        User.objects.filter(pk=self.auditor.pk).update(is_staff=True)
        self.assertContains(self.page(Window(self.auditor)), "Awaiting review")

    def test_who_changed_it_last_is_told(self) -> None:
        actions.revise_recommendation(
            recommendation=self.recommendation,
            by=self.manager,
            expected_version=self.recommendation.version,
            values={"title": "Do it well"},
        )
        self.assertContains(self.page(), "Changed by Manager on")

    def test_sections_fold_without_script_and_open_where_something_is_wrong(self) -> None:
        text = self.page().content.decode()
        self.assertNotRegex(text, r'<details class="fold"\s+open')
        self.assertGreaterEqual(text.count("<details"), 9)
        refused = self.send(**{"parts-0-label": "a"}).content.decode()
        [parts] = re.findall(r'<details class="fold"([^>]*)>\s*<summary><span[^>]*>Parts', refused)
        self.assertIn("open", parts)


class CostTests(RecommendationFormTestCase):
    def add_rows(self, count: int) -> None:
        """So many of each kind of rows in all."""
        about, by, now = self.recommendation, self.administrator, timezone.now()
        evidence, there = self.make_evidence(f"Paper {count}"), Part.objects.count()
        for n in range(there, count):
            area = Area.objects.create(code=f"P{n}", name=f"Place {n}", kind="country")
            Addressee.objects.create(recommendation=about, area=area)
            other = self.make_recommendation(f"Other {n}")
            made = Indicator.objects.create(
                code=f"I{n}", title="Use", definition="D", unit="u", measure=1, direction="increase"
            )
            IndicatorLink.objects.create(recommendation=about, indicator=made, relation="context")
            Part.objects.create(recommendation=about, label=f"p{n}", text="So.", position=n)
            Action.objects.create(recommendation=about, title=f"Act {n}", slug=f"act-{n}")
            RecommendationRelation.objects.create(
                recommendation=about, other=other, kind="depends_on", added_at=now, added_by=by
            )
            EvidenceLink.objects.create(
                recommendation=about, evidence=evidence, stance="need", added_at=now, added_by=by
            ) if n == there else None
        with past_the_guards():
            StatusUpdate.objects.bulk_create(
                StatusUpdate(
                    recommendation=about,
                    as_of=days_ago(n),
                    author=self.staff,
                    last_editor=self.staff,
                    created_at=now,
                    implementation_status="in_progress",
                    confidence="green",
                    what_happened="So.",
                )
                for n in range(there, count)
            )
        kept.renew()

    def test_as_many_statements_for_four_rows_of_each_kind_as_for_forty(self) -> None:
        asked = []
        for count in (4, 40):
            self.add_rows(count)
            self.page()
            with CaptureQueriesContext(connection) as captured:
                page = self.page()
            self.assertContains(page, f"Place {count - 1}")
            asked.append(len(captured))
            longest = max(captured.captured_queries, key=lambda query: len(query["sql"]))["sql"]
            self.assertLess(len(longest), 4_000, longest)
        self.assertEqual(asked[0], asked[1])
        self.assertLessEqual(asked[0], MOST)


class KeptFormTests(RecommendationFormTestCase):
    """Opened again while nothing was recorded, the form is as it was drawn before."""

    OF_READER = 2
    """Statements that tell the session, the reader and how far the record is."""

    def read(self, window: Window | None = None) -> tuple[str, int]:
        """The page without its tokens, and the statements that it took."""
        with CaptureQueriesContext(connection) as asked:
            page = self.page(window).content.decode()
        return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", page), len(asked)

    def test_it_is_read_once_until_something_is_recorded(self) -> None:
        first, statements = self.read()
        self.assertGreater(statements, self.OF_READER)
        self.assertEqual(self.read(), (first, self.OF_READER))
        self.assert_saved(self.send(title="Do it better"))
        self.read()  # With what was said of saving, which is not kept.
        after, statements = self.read()
        self.assertIn("Do it better", after)
        self.assertNotIn("was changed successfully", after)
        self.assertEqual(self.read(), (after, self.OF_READER))

    def test_each_reader_has_one_and_each_browser_its_token(self) -> None:
        mine, _statements = self.read()
        others, statements = self.read(Window(keeper(Role.ADMINISTRATOR)))
        self.assertNotEqual(others, mine)
        self.assertGreater(statements, self.OF_READER)
        strict = client_of(self.administrator, enforce_csrf_checks=True)
        window = Window(self.administrator)
        window.client = strict
        self.page()
        self.assert_saved(self.send(window, title="Do it best"))

    def test_so_is_a_list_of_what_is_recorded(self) -> None:
        self.make_evidence("A paper")
        path = address(Evidence, "changelist")
        self.assertContains(self.window.client.get(path), "A paper")
        with self.assertNumQueries(self.OF_READER):
            self.assertContains(self.window.client.get(path), "A paper")
        self.make_evidence("Another")
        self.assertContains(self.window.client.get(path), "Another")
