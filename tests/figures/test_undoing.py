"""Undoing an import: current values are those from before, and earlier days stay as they were."""

import json
import re
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations.actions import indicators
from recommendations.actions.base import ActionRefused, NotAllowed, NotAsSeen, StaleWrite
from recommendations.actions.oversight import verification
from recommendations.choices import Movement
from recommendations.models import (
    Area,
    AuditEvent,
    ImportRun,
    Indicator,
    Observation,
    UndoRequest,
)
from recommendations.queries.indicators.detail import areas_with_values, shown_undo, undo_counts
from recommendations.queries.indicators.gap import (
    AreaIndex,
    GapQuery,
    find_gap,
    measured_in_several,
)
from recommendations.queries.indicators.status import headline_points
from tests.base import link_evidence
from tests.depth import times
from tests.figures.base import FiguresTestCase
from tests.figures.files import long_csv
from tests.figures.test_confirmations import ConfirmationTestCase
from tests.undoing import undo_import
from tests.views.pages import shown_fields

FIRST = long_csv("NAM,2019,1", "KEN,2019,2")
SECOND = long_csv("NAM,2019,5", "KEN,2019,2", "KEN,2020,3")
WHY = "The office withdrew the file."


class UndoTests(FiguresTestCase):
    def undo(self, run: ImportRun, by: Any = None, **more: Any) -> ImportRun:
        return undo_import(run=run, by=by or self.manager, **{"reason": WHY, **more})

    def test_one_event_names_the_file_the_reason_and_the_counts(self) -> None:
        self.run_of(FIRST)
        run = self.run_of(SECOND)
        self.observe("4", "2020")
        events = AuditEvent.objects.count()
        self.undo(run)
        # With the request, and with the decision on it.
        self.assertEqual(AuditEvent.objects.count(), events + 3)
        event = AuditEvent.objects.latest("sequence")
        told = {
            name: after for name, (_before, after) in json.loads(event.payload)["changes"].items()
        }
        self.assertEqual((event.verb, event.reason.text), ("undo_import", WHY))
        self.assertEqual((event.object_id, told["import"]), (run.file_sha256[:16], run.pk))
        counts = [told[name] for name in ("values", "restored", "absent", "kept")]
        self.assertEqual(counts, [2, 1, 0, 1])
        # People in tests are written past the actions; nothing else may differ.
        faults = [str(fault) for fault in verification.verify().faults]
        self.assertFalse([fault for fault in faults if "import" in fault or "observ" in fault])

    def test_once_by_who_may_and_with_a_reason(self) -> None:
        run = self.run_of(FIRST)
        with self.assertRaisesMessage(ValidationError, "Enter the reason."):
            self.undo(run, reason="  ")
        for person in (self.viewer, self.staff, self.other_staff, self.auditor):
            with self.subTest(person), self.assertRaises(NotAllowed):
                self.undo(run, person)
        self.undo(run, self.administrator)
        events = AuditEvent.objects.count()
        with self.assertRaisesMessage(ActionRefused, "undid this import on"):
            self.undo(run, self.other_manager)
        self.assertEqual(AuditEvent.objects.count(), events)

    def test_it_is_refused_where_the_page_showed_something_else(self) -> None:
        run = self.run_of(FIRST)
        seen = shown_undo(run, undo_counts(run), 0)
        self.run_of(SECOND)
        with self.assertRaises(NotAsSeen):
            self.undo(run, seen=seen)
        self.undo(run, seen=shown_undo(run, undo_counts(run), 0))

    def test_imported_again_it_is_new_with_the_next_number(self) -> None:
        run = self.run_of(FIRST)
        self.undo(run)
        plan = self.plan(FIRST)
        self.assertEqual((plan.new, plan.revised, plan.unchanged, plan.gone), (2, 0, 0, 0))
        self.run_of(FIRST)
        self.assertEqual(self.held(), {("NAM", "2019"): Decimal(1), ("KEN", "2019"): Decimal(2)})
        latest = Observation.objects.latest_revisions()
        self.assertEqual(set(latest.values_list("revision", flat=True)), {2})

    def test_the_vintage_of_what_was_undone_keeps_no_older_file_out(self) -> None:
        self.run_of(FIRST, source="An office", vintage=date(2020, 1, 1))
        self.undo(self.run_of(SECOND, source="An office", vintage=date(2024, 1, 1)))
        plan = self.plan(SECOND, source="An office", vintage=date(2022, 1, 1))
        self.assertEqual((plan.new, plan.revised, plan.kept_newer), (1, 1, 0))

    def test_a_person_records_on_what_was_withdrawn(self) -> None:
        self.undo(self.run_of(FIRST))
        with self.assertRaises(StaleWrite):
            self.observe("9", expected_revision=1)
        made = self.observe("9", expected_revision=0)
        self.assertEqual((made.revision, self.held()[("KEN", "2019")]), (2, Decimal(9)))

    def test_what_is_derived_follows(self) -> None:
        Area.objects.filter(pk=self.kenya.pk).update(kind="all")
        Indicator.objects.update(direction="increase")
        self.run_of(long_csv("KEN,2018,1", "KEN,2019,2"))
        run = self.run_of(long_csv("KEN,2020,1"))
        self.assertEqual(Indicator.objects.get().movement, Movement.AGAINST)
        done = self.undo(run)
        self.assertEqual(Indicator.objects.get().movement, Movement.TOWARDS)
        self.assertEqual(len(headline_points(self.indicator.pk, run.at)), 3)
        self.assertEqual(len(headline_points(self.indicator.pk, done.undone_at)), 2)

    def test_nothing_that_counts_areas_counts_what_was_withdrawn(self) -> None:
        self.run_of(long_csv("NAM,2019,1"))
        run = self.run_of(long_csv("NAM,2019,2", "NAM,2020,2", "KEN,2021,3"))
        self.undo(run)
        [found] = areas_with_values(self.indicator)
        self.assertEqual(
            (found.code, found.figures, found.plain, found.last.year), ("NAM", 1, 1, 2019)
        )
        self.assertFalse(Indicator.objects.filter(measured_in_several()).exists())
        self.assertEqual(list(Area.objects.in_use()), [self.namibia])
        asked = (GapQuery(), GapQuery(known=run.at))
        found = [find_gap(self.indicator.pk, AreaIndex(self.manager), of).gap for of in asked]
        periods = [[each.period.code for each in gap.moments] for gap in found]
        self.assertEqual(periods, [["2019"], ["2019", "2020", "2021"]])
        # Imported again the third revision of one figure is still one figure.
        self.run_of(long_csv("NAM,2019,2"))
        [found] = areas_with_values(self.indicator)
        self.assertEqual(found.figures, 1)


KEYS = [(area, year) for area in ("NAM", "KEN") for year in ("2019", "2020")]
FILES = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 3), min_size=1, max_size=3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("import"), FILES),
        st.tuples(st.just("observe"), st.tuples(st.sampled_from(KEYS), st.integers(0, 3))),
        st.tuples(st.just("undo"), st.integers(0, 9)),
    ),
    min_size=3,
    max_size=9,
)


class RandomUndoTests(FiguresTestCase, HypothesisTestCase):
    """Beside a stack a figure, each with the number of its import, from which undone ones fall."""

    @settings(max_examples=times(8, 500))
    @given(steps=STEPS)
    def test_what_is_current_and_what_was(self, steps: Any) -> None:
        stacks: dict[tuple[str, str], list[tuple[int, Decimal]]] = defaultdict(list)
        undone: set[int] = set()
        seen: list[tuple[datetime, dict[Any, Any]]] = []
        self.assertEqual(self.held(), {})
        for step, what in steps:
            if step == "import":
                self._import(what, stacks, undone)
            elif step == "observe":
                (place, year), value = what
                self.observe(value, year, area=self.namibia if place == "NAM" else self.kenya)
                stacks[place, year].append((0, Decimal(value)))
            elif runs := list(ImportRun.objects.filter(undone_at=None)):
                run = runs[what % len(runs)]
                undo_import(run=run, by=self.manager, reason=WHY)
                undone.add(run.pk)
            self.assertEqual(self.held(), current(stacks, undone))
            if last := AuditEvent.objects.order_by("sequence").last():
                seen.append((last.at, self.held()))
        for at, held in seen:
            self.assertEqual(self.held(at), held)
        self.assertEqual(Observation.objects.count(), sum(len(stack) for stack in stacks.values()))

    def _import(self, what: Any, stacks: Any, undone: set[int]) -> None:
        now = current(stacks, undone)
        changing = {key: value for key, value in what.items() if now.get(key) != value}
        rows = [f"{place},{year},{value}" for (place, year), value in what.items()]
        plan = self.run_import(long_csv(*rows), accept_doubts=True)
        self.assertEqual(plan.new + plan.revised, len(changing))
        if changing:
            run = ImportRun.objects.latest("pk")
            for key, value in changing.items():
                stacks[key].append((run.pk, Decimal(value)))


def current(stacks: Any, undone: set[int]) -> dict[tuple[str, str], Decimal]:
    """The top of each stack without what was undone."""
    left = {
        key: [value for run, value in stack if run not in undone] for key, stack in stacks.items()
    }
    return {key: values[-1] for key, values in left.items() if values}


class UndoPageTests(ConfirmationTestCase):
    def page(self, run: ImportRun) -> str:
        return reverse("import-undo", args=["USE", run.pk])

    def test_it_names_what_changes_and_what_rests_on_it(self) -> None:
        self.run_of(FIRST)
        run = self.run_of(SECOND)
        value = Observation.objects.get(import_run=run, period="2020")
        indicators.confirm_value(observation=value, by=self.manager)
        self.assert_words(
            self.read(self.page(run), self.manager),
            "1 value was new in this import: no value is left.",
            "1 value was revised by this import: the value before is current again.",
            "1 value of this import was confirmed.",
            "Request to undo",
        )

    def test_undone_it_is_told_on_the_pages_of_the_import(self) -> None:
        run = self.run_of(FIRST)
        detail = reverse("import-detail", args=["USE", run.pk])
        asked = {"move": "ask", "reason": WHY}
        self.assertRedirects(self.post(self.page(run), self.manager, **asked), detail)
        self.assert_words(self.read(detail, self.manager), "Undoing requested")
        opened = self.get(self.page(run), self.administrator)
        self.assertContains(opened, "Undo import of 2 values")
        sent = {
            **shown_fields(opened),
            "request": str(UndoRequest.objects.get().pk),
            "move": "approve",
        }
        self.assertRedirects(self.post(self.page(run), self.administrator, **sent), detail)
        for page in (detail, self.indicator.get_absolute_url(), self.page(run)):
            with self.subTest(page):
                self.assert_words(self.read(page, self.manager), "Undone by", WHY)
        for again, told in ((asked, "undid this import on"), (sent, "already decided: approved")):
            answer = self.post(self.page(run), self.manager, **again)
            self.assertContains(answer, told, status_code=409)
        value = reverse("value-confirm", args=[run.observations.first().pk])
        self.assert_words(self.read(value, self.manager), "Undone by")
        self.assertEqual(self.post(value, self.manager).status_code, 409)

    def test_pages_charts_and_files_are_as_before(self) -> None:
        self.run_of(long_csv("NAM,2018,1", "NAM,2019,2", "KEN,2018,3", "KEN,2019,4"))
        code = self.indicator.code
        reference = self.recommendation.reference
        paths = (
            *(f"{reverse('figure-export', args=[code])}?format={of}" for of in ("csv", "json")),
            f"{reverse('indicator-export')}?format=json",
            reverse("indicator-detail", args=[code]),
            reverse("indicator-chart", args=[code]),
            reverse("indicator-chart-data", args=[code]),
            f"{reverse('gap')}?indicator={code}",
            reverse("area-detail", args=["NAM"]),
            reverse("indicator-list"),
            reverse("recommendation-indicators", args=[reference]),
        )
        others = (
            *(reverse(name) for name in ("overview", "recommendation-list", "area-list")),
            reverse("recommendation-detail", args=[reference]),
            f"{reverse('recommendation-export')}?format=csv",
        )

        def read() -> list[str]:
            return [body_of(self.get(path, self.manager)) for path in (*paths, *others)]

        before, known = read(), {str(each) for each in verification.verify().faults}
        run = self.run_of(
            long_csv("NAM,2019,9", "KEN,2019,1", "NAM,2020,5", "KEN,2020,6"), accept_doubts=True
        )
        for path, one, other in zip(paths, before, read(), strict=False):
            self.assertNotEqual(one, other, path)
        between = AuditEvent.objects.count()
        undo_import(run=run, by=self.manager, reason=WHY)
        for path, one, other in zip((*paths, *others), before, read(), strict=True):
            if path == reverse("indicator-detail", args=[code]):
                # Folded below each value and at the end it has the record, which is longer.
                self.assertIn(f"by {self.manager}: {WHY}", other)
                one, other = without_folded(one), without_folded(other)
            self.assertEqual(one, other, path)
        self.assertEqual(AuditEvent.objects.count(), between + 3)
        self.assertEqual({str(each) for each in verification.verify().faults} - known, set())

    def test_refused_without_a_reason_a_permission_or_what_was_shown(self) -> None:
        run = self.run_of(FIRST)
        asked = {"move": "ask", "reason": WHY}
        for person, sent, status in (
            (self.staff, asked, 403),
            (self.viewer, asked, 403),
            (self.manager, {"move": "ask"}, 400),
            (self.manager, asked, 302),
            (self.other_manager, asked, 409),
        ):
            with self.subTest(person=person, status=status):
                self.assertEqual(self.post(self.page(run), person, **sent).status_code, status)
        shown = shown_fields(self.get(self.page(run), self.other_manager))
        decide = {"request": str(UndoRequest.objects.get().pk), "move": "approve"}
        for person, sent, status in (
            (self.staff, {**shown, **decide}, 403),
            (self.manager, {**shown, **decide}, 403),
            (self.other_manager, decide, 409),
            (self.other_manager, {**decide, "move": "reject"}, 400),
            (self.other_manager, {**decide, "move": "withdraw"}, 403),
            (self.other_manager, {**shown, **decide, "request": "0"}, 404),
        ):
            with self.subTest(person=person, status=status):
                self.assertEqual(self.post(self.page(run), person, **sent).status_code, status)
        other = reverse("import-undo", args=["NONE", run.pk])
        self.assertEqual(self.get(other, self.manager).status_code, 404)
        self.assertIsNone(ImportRun.objects.get().undone_at)

    def test_evidence_of_a_withdrawn_value_is_named_and_says_so(self) -> None:
        run = self.run_of(FIRST)
        value = run.observations.earliest("pk")
        item = self.make_evidence(title="The survey")
        link_evidence(to=value, by=self.manager, stance="supports", evidence=item)
        self.assert_words(self.read(self.page(run), self.manager), "The survey", "Supports")
        undo_import(run=run, by=self.manager, reason=WHY)
        told = self.read(item.get_absolute_url(), self.manager)
        self.assert_words(told, "USE 2019 (withdrawn)")
        page = reverse("figure-evidence", args=[value.pk])
        text = self.read(page, self.manager)
        self.assert_words(text, "Undone by")
        self.assert_no_words(text, "Add to this value")
        other = self.make_evidence(title="Another")
        with self.assertRaisesMessage(ActionRefused, "This value was withdrawn"):
            link_evidence(to=value, by=self.manager, stance="supports", evidence=other)


VOLATILE = "|".join(
    (
        r'name="csrfmiddlewaretoken" value="[^"]+"',
        r"Printed on [^<]+",
        r"[0-9]{4}(?:-[0-9]{2}){2}/[0-9]+-[0-9a-f]{12}/",
    )
)


def without_folded(page: str) -> str:
    return re.sub(r"<details class=\"fold.*?</details>", "", page, flags=re.DOTALL)


def body_of(answer: Any) -> str:
    """What an answer holds, without tokens, the time, and the record number of a citation."""
    if getattr(answer, "streaming", False):
        return b"".join(answer.streaming_content).decode()
    return re.sub(VOLATILE, "", answer.content.decode())
