"""Pages of a past day: what was so on one day, as it was known on another."""

import csv
import io
from datetime import date, timedelta
from typing import Any
from unittest import mock
from zipfile import ZipFile

from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import dates, structure
from recommendations.actions import recommendations as actions
from recommendations.actions.evidence import items
from recommendations.actions.imports.figures import FigureOptions
from recommendations.actions.updates import decisions
from recommendations.models import (
    Evidence,
    EvidenceLink,
    ImportRun,
    Recommendation,
    User,
)
from recommendations.queries.dates import day_text
from recommendations.queries.recommendations.past import listed
from tests import kept
from tests.base import LONG_AGO, link_evidence
from tests.briefings.documents import untypeset_briefings
from tests.depth import times
from tests.edits import edit, observe
from tests.figures.files import long_csv, upload
from tests.histories.history import clock_at
from tests.imports.run import import_figures
from tests.undoing import undo_import
from tests.views.pages import PageTestCase, main_of

LIST, SOURCE, DETAIL = "/recommendations/", "/sources/report/", "/recommendations/REP-1/"

ANOTHER_SOURCE = {
    "slug": "another",
    "title": "Another report",
    "short_title": "Another report",
    "reference_prefix": "ANO",
}


def on(day: int) -> Any:
    return LONG_AGO + timedelta(days=day)


def day_of(day: int) -> str:
    return timezone.localdate(on(day)).isoformat()


def days(as_of: int, known: int | None = None) -> str:
    return f"as_of={day_of(as_of)}&known={day_of(as_of if known is None else known)}"


@override_settings(PUBLIC_PAGES=True)
class LookingBackTestCase(PageTestCase):
    def report(self, day: int, **values: Any) -> Any:
        as_of = timezone.localdate(on(day))
        return self.make_approved(self.recommendation, **{"as_of": as_of} | values, at=on(day))

    def found(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def publish(self, day: int) -> None:
        actions.publish_recommendation(recommendation=self.found(), by=self.manager, at=on(day))

    def revise(self, day: int, **values: Any) -> None:
        found = self.found()
        given: dict[str, Any] = {"by": self.manager, "expected_version": found.version}
        if "title" in values:
            values["wording_reason"] = f"Reason {found.version}."
        actions.revise_recommendation(recommendation=found, values=values, at=on(day), **given)


class TwoDaysTests(LookingBackTestCase):
    def test_each_page_shows_the_status_of_the_day(self) -> None:
        self.report(10, implementation_status="not_started")
        self.report(20, implementation_status="in_progress")
        for page in ("/", SOURCE, LIST, DETAIL):
            with self.subTest(page):
                before = main_of(self.get(f"{page}?{days(15)}", self.viewer))
                after = main_of(self.get(f"{page}?{days(25)}", self.viewer))
                self.assertIn("Not started", before)
                self.assertIn("In progress", after)
                self.assertIn("as known on", before)

    def test_no_page_counts_days_which_a_reader_would_count_from_today(self) -> None:
        self.report(10)
        dates.set_first(
            recommendation=self.found(),
            by=self.manager,
            reason="Agreed.",
            new_date=timezone.localdate(on(20)),
            at=on(11),
        )
        for page in ("/", SOURCE, LIST, DETAIL):
            for day in (25, 400):
                with self.subTest(page, day=day):
                    words = self.read(f"{page}?{days(day)}", self.manager)
                    self.assertNotRegex(words, r"\b(in|by|for) \d+ days?\b|\bago\b")
                    self.assertIn("Overdue", words)

    def test_the_form_means_the_same_day_where_the_second_is_left_empty(self) -> None:
        self.report(10)
        day = timezone.localdate(on(15)).isoformat()
        for form, is_one_day in (({}, False), ({"known": "", "then": "1"}, True)):
            found = self.get(DETAIL, self.viewer, as_of=day, **form).context["days"]
            self.assertEqual(found.is_one_day, is_one_day)

    def test_home_of_a_day_with_one_source_is_the_page_of_that_source(self) -> None:
        self.report(10)
        before = self.read(f"/?{days(15)}", self.viewer)
        actions.add_source(by=self.administrator, values=ANOTHER_SOURCE, at=on(20))
        cache.clear()
        self.assertEqual(self.read(f"/?{days(15)}", self.viewer), before)
        self.assertIn("Another report", self.read(f"/?{days(25)}", self.viewer))
        words = self.read(f"/sources/another/?{days(15)}", self.viewer)
        self.assert_words(words, "Nothing you can see was on record on this day.")
        self.assert_no_words(words, "in 0 sources")

    def test_what_awaits_review_is_told_of_its_own_day_and_later_ones(self) -> None:
        self.report(10)
        later = {"as_of": date.fromisoformat(day_of(30)), "at": on(31)}
        self.make_submitted(self.recommendation, implementation_status="implemented", **later)
        for as_of, is_told in ((15, False), (30, True)):
            for page in (LIST, DETAIL):
                with self.subTest(page=page, as_of=as_of):
                    words = self.read(f"{page}?{days(as_of, 40)}", self.viewer)
                    (self.assert_words if is_told else self.assert_no_words)(
                        words, "awaiting review"
                    )

    def test_a_recommendation_has_the_wording_themes_and_parts_of_the_day(self) -> None:
        theme = structure.add_theme(by=self.manager, values={"name": "Health"}, at=on(5))
        self.revise(10, title="Named anew", quoted_text="Old quotation.", themes=[theme])
        part = {"recommendation": self.recommendation, "label": "a", "text": "Train nurses."}
        structure.add_part(by=self.manager, values=part, at=on(20))
        self.revise(30, title="Named again", quoted_text="New quotation.", themes=[])
        old, new, health, nurses = "Old quotation.", "New quotation.", "Health", "Train nurses."
        for day, told, untold in (
            (15, (old, health), (new, nurses)),
            (25, (old, health, nurses), (new,)),
            (35, (new, nurses), (old, health)),
        ):
            with self.subTest(day):
                text = self.read(f"{DETAIL}?{days(day)}", self.manager)
                self.assert_words(text, *told, but_not=untold)
                self.assert_no_words(text, "Log an update", "Add part", "Edit themes", "Sign off")

    def test_rows_lead_to_the_recommendation_of_that_day(self) -> None:
        self.report(10)
        page = self.get(f"{LIST}?{days(15, 20)}", self.viewer)
        self.assertContains(page, f"{DETAIL}?as_of={day_of(15)}&amp;known={day_of(20)}")
        detail = self.get(f"{DETAIL}?{days(15, 20)}", self.viewer)
        self.assertContains(detail, "as known on")
        self.assertContains(detail, f"{DETAIL}?as_of={day_of(15)}&amp;known={day_of(20)}")


class NarrowedTests(LookingBackTestCase):
    def test_the_list_is_narrowed_by_what_was_so(self) -> None:
        self.report(10, implementation_status="not_started", confidence="green")
        theme = structure.add_theme(by=self.manager, values={"name": "Health"}, at=on(11))
        self.revise(20, priority="high", themes=[theme], lead=self.agency)
        self.revise(30, priority="low", themes=[], title="Renamed")
        for day, query, n in (
            (15, "status=not_started", 1),
            (15, "status=none", 0),
            (15, "confidence=green&only=open", 1),
            (15, "confidence=red", 0),
            (15, "text=renamed", 0),
            (35, "text=renamed", 1),
            (15, "text=rep-1", 1),
            (15, "source=report&sort=date", 1),
            (15, "flag=rating_out_of_date", 0),
            (400, "flag=rating_out_of_date", 1),
            (15, f"theme={theme.pk}", 0),
            (25, f"theme={theme.pk}&nature=time_bound", 1),
            (35, f"theme={theme.pk}", 0),
            (15, "priority=high", 0),
            (25, "priority=high", 1),
            (15, f"lead={self.agency.pk}", 0),
            (25, f"lead={self.agency.pk}", 1),
        ):
            with self.subTest(query, day=day):
                page = self.get(f"{LIST}?{days(day)}&{query}", self.viewer)
                self.assertContains(page, f"{n} recommendation")

    def test_the_file_says_of_which_days_it_is_in_every_format(self) -> None:
        self.report(10, implementation_status="not_started")
        self.report(20)
        text = self.file(f"{LIST}export/?{days(15, 18)}&format=csv", self.viewer)
        [row] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
        self.assertEqual(
            [row["status_on"], row["known_on"], row["reference"], row["implementation_status"]],
            [day_of(15), day_of(18), "REP-1", "not_started"],
        )
        self.assertEqual(row["texts_and_dates_on"], day_of(18))
        answer = self.get(f"{LIST}export/?{days(15)}&format=xlsx", self.viewer)
        name = f"recommendations-on-{day_of(15)}-known-on-{day_of(15)}"
        self.assertIn(name, answer["Content-Disposition"])

    def file(self, path: str, person: User | None) -> str:
        response: Any = self.get(path, person)
        return b"".join(response.streaming_content).decode()


class PublicTests(LookingBackTestCase):
    def test_only_what_was_published_then_and_still_is(self) -> None:
        self.report(10)
        self.publish(20)
        for day, n in ((15, 0), (25, 1)):
            with self.subTest(day):
                self.assertContains(self.get(f"{LIST}?{days(day)}"), f"{n} recommendation")
        self.read(f"{DETAIL}?{days(15)}", status=404)
        self.get(f"{DETAIL}?{days(25)}")
        found = self.found()
        actions.unpublish_recommendation(
            recommendation=found, by=self.manager, reason="An error.", at=on(30)
        )
        self.assertNotContains(self.get(f"{LIST}?{days(25)}"), found.title)
        self.read(f"{DETAIL}?{days(25)}", status=404)
        self.assertContains(self.get(f"{LIST}?{days(25)}", self.viewer), found.title)

    def test_a_status_from_before_publication_is_on_no_page_and_in_no_file(self) -> None:
        """A look back with today for “As known on”, to a day that publication came after."""
        self.report(10, implementation_status="not_started", public_text="Early words.")
        self.report(20, public_text="Later words.")
        self.publish(30)
        never, since = days(15, 40), days(25, 40)
        formats = [f"{LIST}export/?format={code}&" for code in ("csv", "json", "xlsx")]
        briefings = [f"{page}briefing/?" for page in (SOURCE, LIST)]
        for page in (*formats, *briefings, "/?", f"{SOURCE}?", f"{LIST}?"):
            with self.subTest(page), untypeset_briefings():
                self.assertNotIn("REP-1", self.told(page + never))
                self.assertIn("REP-1", self.told(page + since))
        for page in (f"{DETAIL}?", f"{DETAIL}briefing/?"):
            with self.subTest(page), untypeset_briefings():
                text = self.read(page + never, status=404)
                self.assert_words(text, "REP-1 has no published status of", "Show this day")
                self.assertIn("Later words", self.told(page + since))
                self.assertIn("Early words", self.told(page + never, self.viewer))

    def told(self, path: str, person: User | None = None) -> str:
        """All that an answer holds; of a workbook the texts of its cells."""
        response: Any = self.get(path, person)
        self.assertEqual(response.status_code, 200, path)
        content = response.getvalue()
        if "format=xlsx" in path:
            with ZipFile(io.BytesIO(content)) as book:
                content = b"".join(map(book.read, book.namelist()))
        return content.decode()

    def test_internal_words_are_on_no_past_page(self) -> None:
        self.report(10, what_happened="Said inside alone.", public_text="Said to all.")
        self.publish(11)
        for page in ("/", SOURCE, LIST, DETAIL):
            with self.subTest(page):
                shown = main_of(self.get(f"{page}?{days(15)}"))
                self.assert_no_words(shown, "Said inside alone", str(self.staff))


class NonsenseTests(LookingBackTestCase):
    def test_days_that_make_no_sense_are_explained(self) -> None:
        self.report(10)
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        indicator = self.make_indicator().get_absolute_url()
        for query, words in (
            (f"as_of={tomorrow}", "is in the future"),
            (f"as_of={day_of(15)}&known={tomorrow}", "is in the future"),
            (f"as_of={day_of(15)}&known={day_of(14)}", "cannot have been known"),
            ("as_of=never", "is not a date"),
            ("as_of=2026-02-30", "is not a date"),
            ("known=%00", "is not a date"),
            ("as_of=0001-01-01&known=0001-01-01", "The record begins on"),
            ("as_of=9999-12-31", "is in the future"),
        ):
            pages = ("/", SOURCE, LIST, DETAIL, f"{LIST}export/", "/gap/", indicator)
            for page in pages if "never" in query else (LIST,):
                with self.subTest(page=page, query=query):
                    text = self.read(f"{page}?{query}", self.viewer, status=400)
                    self.assert_words(text, "This day cannot be shown", words, "Show this day")
        self.read(f"{LIST}?{days(15)}&status=wrong", self.viewer, status=400)
        answer = self.get(f"{LIST}?as_of={day_of(15)}&known={tomorrow}", self.viewer)
        for day in (day_of(15), tomorrow):
            self.assertContains(answer, f'value="{day}"', status_code=400)


class StatementTests(LookingBackTestCase):
    def test_many_take_as_many_statements_as_one(self) -> None:
        """Outside, too, where it is asked of each whether its status was public."""
        self.report(10)
        self.report(20)
        self.publish(340)
        asked = [
            (f"{page}?{days(300, 350)}", person)
            for page in ("/", SOURCE, LIST)
            for person in (self.viewer, None)
        ]
        one = [self.asked(*each) for each in asked]
        with clock_at(on(341)):
            for number in range(times(4, 30)):
                found = self.make_recommendation(f"Number {number}", at=on(341))
                for day in (10, 20):
                    self.make_approved(found, as_of=timezone.localdate(on(day)), at=on(342))
                actions.publish_recommendation(recommendation=found, by=self.manager, at=on(343))
        kept.renew()
        self.assertEqual([self.asked(*each) for each in asked], one)


@mock.patch.multiple(listed, AT_ONCE=1, MOST_SECONDS=0)
class LargeSiteTests(LookingBackTestCase):
    """A look back that takes longer than one request may: it goes on where it stopped."""

    def setUp(self) -> None:
        super().setUp()
        cache.clear()
        with clock_at(on(5)):
            others = [self.make_recommendation(f"Number {each}", at=on(5)) for each in range(2)]
        for one in (self.recommendation, *others):
            actions.publish_recommendation(recommendation=one, by=self.manager, at=on(6))
        for day, one in enumerate((self.recommendation, *others), start=20):
            self.make_approved(one, as_of=timezone.localdate(on(day)), at=on(day))

    def test_the_page_tells_how_far_it_is_and_loads_itself_until_it_is_done(self) -> None:
        address = f"{LIST}?{days(10)}"
        for done in (1, 2):
            answer = self.get(address, self.viewer)
            self.assertEqual((answer.status_code, answer["Refresh"]), (503, "1"))
            for words in ("This page is being prepared", f"{done} of 3 recommendations"):
                self.assertContains(answer, words, status_code=503)
        text = self.read(address, self.viewer)
        self.assert_words(text, "Number 0", "Number 1")

    def test_after_an_event_only_what_it_touched_is_worked_out_again(self) -> None:
        """Outside, where what is public may change; those who read all are shown the same.

        With what the event before it touched, which may be of the same moment.
        """
        for person in (self.manager, None):
            self.prepare(person)
        self.report(30)
        with mock.patch.object(listed, "_batch", wraps=listed._batch) as asked:
            for person in (self.manager, None):
                self.prepare(person)
        again = [pk for call in asked.call_args_list for pk in call.args[0]]
        newest = Recommendation.objects.get(title="Number 1")
        self.assertEqual(again, [self.recommendation.pk, newest.pk])

    def prepare(self, person: User | None) -> None:
        """Load the page until it is done."""
        while self.get(f"{LIST}?{days(10)}", person).status_code == 503:
            pass


class ValuesTests(LookingBackTestCase):
    """Indicators: periods that were over on the first day, as recorded by the second."""

    def observe(self, day: int, period: str, value: str, area: Any = None) -> None:
        observe(self.indicator, area or self.area, period, value, self.manager, at=on(day))

    def setUp(self) -> None:
        super().setUp()
        self.indicator = self.make_indicator(is_published=True)
        self.area = self.make_area()

    def test_revisions_and_imports_count_from_their_day_until_they_were_undone(self) -> None:
        self.observe(10, "2023", "41")
        import_figures(
            upload=upload(long_csv(f"{self.area.code},2023,47", header="area,period,value")),
            indicator=self.indicator,
            by=self.manager,
            options=FigureOptions(codes_are="own"),
            at=on(20),
        )
        run = ImportRun.objects.get()
        undo_import(run=run, by=self.manager, reason="Withdrawn by the office.", at=on(30))
        self.observe(40, "2023", "52")
        page = self.indicator.get_absolute_url()
        for known, value in ((15, "41"), (25, "47"), (35, "41"), (45, "52")):
            with self.subTest(known):
                text = self.read(f"{page}?{days(12, known)}", self.viewer)
                self.assertIn(f"2023 All areas {value}", text)
        self.assertIn("no value was on record", self.read(f"{page}?{days(5)}", self.viewer))

    def test_a_period_that_was_not_over_is_left_out(self) -> None:
        self.observe(10, "2023", "41")
        self.observe(200, "2024-Q1", "44")
        page = self.indicator.get_absolute_url()
        self.assertNotIn("2024-Q1", self.read(f"{page}?{days(60, 250)}", self.viewer))
        self.assertIn("2024-Q1", self.read(f"{page}?{days(95, 250)}", self.viewer))

    def test_the_gap_is_that_of_the_day(self) -> None:
        near, far = (
            self.make_area(code, name=name, kind="country", iso3=code)
            for code, name in (("KEN", "Kenya"), ("PER", "Peru"))
        )
        for day, value, area in ((10, "20", near), (11, "80", far), (40, "30", near)):
            self.observe(day, "2023", value, area)
        before = self.read(f"/gap/?{days(20)}", self.viewer)
        after = self.read(f"/gap/?{days(20, 50)}", self.viewer)
        self.assert_words(before, "Kenya 20", "Peru 80", "as known on")
        self.assert_words(after, "Kenya 30", "Peru 80")
        data = self.get(f"/gap/ranking.csv?{days(20)}", self.viewer)
        self.assertIn("Kenya,20", b"".join(data.streaming_content).decode())

    def test_the_public_reads_no_indicator_of_before_it_was_published(self) -> None:
        hidden = self.make_indicator("HID")
        edit(hidden, self.administrator, at=on(20), is_published=True)
        self.assertEqual(self.get(f"{hidden.get_absolute_url()}?{days(15)}").status_code, 404)
        self.assertEqual(self.get(f"{hidden.get_absolute_url()}?{days(25)}").status_code, 200)


class EvidenceTests(LookingBackTestCase):
    def linked(self, day: int, update: Any, stance: str, **item: Any) -> Any:
        values = {"kind": "document", "citation": "Page 1", **item}
        evidence = items.record(by=self.staff, values=values, at=on(day))
        link_evidence(to=update, by=self.staff, stance=stance, evidence=evidence, at=on(day))
        return evidence

    def setUp(self) -> None:
        super().setUp()
        draft = self.make_submitted(self.recommendation, as_of=timezone.localdate(on(4)), at=on(5))
        self.linked(6, draft, "supports", title="A public report", visibility="public")
        self.hidden = self.linked(
            7, draft, "supports", title="An inside note", visibility="internal"
        )
        decisions.approve_update(update=draft, by=self.manager, at=on(8))
        self.publish(9)

    def make_internal(self, key: int) -> None:
        edit(Evidence.objects.get(pk=key), self.manager, at=on(30), visibility="internal")

    def test_what_was_recorded_after_the_day_and_counts_is_said(self) -> None:
        self.linked(30, self.found().current_update, "undermines", title="A count")
        told = [day_text(timezone.localdate(on(day))) for day in (6, 8, 30)]
        heading = f"Recorded after {told[0]}, and counted"
        approved = f"Update approved on {told[1]}."
        against = f"Contradicting evidence “A count”, added on {told[2]}."
        for as_of, known, words in (
            (6, 35, f"{heading} {approved} {against}"),
            (6, 20, f"{heading} {approved}"),
            (15, 35, f"and counted {against}"),
        ):
            with self.subTest(as_of=as_of, known=known):
                text = self.read(f"{DETAIL}?{days(as_of, known)}", self.manager)
                self.assert_words(text, words)
                self.assertEqual("A count" in text, known == 35)
        for day in (20, 35):
            self.assert_no_words(self.read(f"{DETAIL}?{days(day)}", self.manager), "and counted")

    def test_the_evidence_of_the_day_is_for_those_who_may_read_it(self) -> None:
        for person, is_inside in ((self.manager, True), (self.viewer, False), (None, False)):
            with self.subTest(person):
                text = self.read(f"{DETAIL}?{days(10)}", person)
                self.assert_words(text, "A public report")
                self.assertEqual("Evidence for this update 2" in text, is_inside)
                self.assertEqual("An inside note" in text, is_inside)
        self.report(20)
        self.assertNotIn("A public report", self.read(f"{DETAIL}?{days(25)}", self.manager))
        self.assertIn("A public report", self.read(f"{DETAIL}?{days(10, 25)}", self.manager))
        link = EvidenceLink.objects.exclude(evidence=self.hidden).get()
        self.make_internal(link.evidence_id)  # which it then was for nobody who asks today
        self.assertNotIn("A public report", self.read(f"{DETAIL}?{days(10)}"))

    def test_a_contradiction_that_is_internal_by_now_is_told_of_no_more(self) -> None:
        draft = self.make_submitted(
            self.recommendation, as_of=timezone.localdate(on(11)), at=on(12)
        )
        item = self.linked(13, draft, "undermines", title="A complaint", visibility="public")
        decisions.approve_update(
            update=draft, by=self.manager, confirm_contradictions=True, at=on(14)
        )
        page = f"{LIST}?{days(15)}"
        readers = (self.viewer, None)
        for person in readers:
            self.assertIn("Contradicted", self.rows(page, person))
        self.make_internal(item.pk)
        for person in readers:
            self.assertNotIn("Contradicted", self.rows(page, person))
        self.assertIn("Contradicted", self.rows(page, self.manager))

    def rows(self, page: str, person: User | None) -> str:
        """The table alone: the form has the word as a choice."""
        return main_of(self.get(page, person)).partition("<tbody>")[2]
