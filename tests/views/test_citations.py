"""A status is cited by a sentence and an address, which shows it as it was for good."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.test import override_settings
from django.utils import timezone

from recommendations.actions import dates, recommendations
from recommendations.actions.evidence import items
from recommendations.actions.updates import decisions
from recommendations.models import AuditEvent, ChainHead, Recommendation, User
from recommendations.queries.dates import day_text
from tests.base import LONG_AGO, link_evidence
from tests.depth import times
from tests.edits import edit, redact
from tests.histories.history import clock_at
from tests.updates import submit
from tests.views.pages import PageTestCase, counting

PAGE = "/recommendations/REP-1/"
FIELD = re.compile(r"<textarea[^>]*>([^<]+?)\nhttp://testserver(/[^<]+)</textarea>")
NAME = "Maria Müller"
NOT_ONE = "No citation has this address."


@override_settings(PUBLIC_PAGES=True)
class CitationTestCase(PageTestCase):
    def cite(self, person: User | None, page: str = PAGE) -> tuple[str, str]:
        """Sentence and path, as the page offers them."""
        found = FIELD.search(self.get(page, person).content.decode())
        assert found is not None
        return found[1], found[2]

    def publish(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)

    def redact(self, words: str) -> None:
        redact(words, self.administrator)

    def found(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def archive(self) -> None:
        about: dict[str, Any] = {"recommendation": self.found(), "by": self.manager}
        recommendations.archive(reason="duplicate", **about)

    def revise(self, **values: Any) -> None:
        found = self.found()
        values = {"wording_reason": f"Reason {found.version}.", **values}
        edit(found, self.manager, **values)

    def set_date(self) -> None:
        later = timezone.localdate() + timedelta(days=9)
        about: dict[str, Any] = {"recommendation": self.recommendation, "by": self.manager}
        dates.set_first(new_date=later, reason="Due.", **about)

    def approve(self, update: Any) -> None:
        decisions.approve_update(update=update, by=self.other_manager)

    def correct(self, update: Any, words: str) -> None:
        begun = decisions.correct(update=update, by=self.manager)
        values = {"what_happened": words}
        given: dict[str, Any] = {"by": self.manager, "expected_version": begun.version}
        self.approve(submit(update=begun, values=values, **given))

    @property
    def head(self) -> int:
        return ChainHead.objects.get().last_sequence

    def address(self, day: object = None, number: object = None) -> str:
        """As it is given out for an entry that there is; else with a hash that somebody made up."""
        day = day or timezone.localdate().isoformat()
        number = self.head if number is None else number
        event = AuditEvent.objects.filter(sequence=number).first() if type(number) is int else None
        return f"{PAGE}cited/{day}/{number}-{event.hash[:12] if event else '0' * 12}/"


class WarningTests(CitationTestCase):
    def test_it_shows_what_contradicted_the_status_to_who_may_read_it(self) -> None:
        self.publish()
        update = self.make_approved(self.recommendation)
        item = self.make_evidence("Against", visibility="internal")
        link = link_evidence(to=update, by=self.other_manager, evidence=item, stance="undermines")
        told = f"Contradicted by unanswered evidence since {day_text(timezone.localdate())}."
        for reader in (self.viewer, None):
            self.assertNotIn(told, self.cite(reader)[0])
        sentence, path = self.cite(self.manager)
        self.assertIn(told, sentence)
        items.answer(link=link, by=self.other_manager, text="It is old.")
        words = "Contradicted (unanswered)"
        newer = "Newer information exists. Current status: As of"
        self.assert_words(self.read(path, self.auditor), words, newer)
        for reader in (self.viewer, None):
            self.assert_no_words(self.read(path, reader), words)
        _sentence, path = self.cite(self.manager)
        self.assert_no_words(self.read(path, self.auditor), words)


class SentenceTests(CitationTestCase):
    def test_it_states_the_day_of_the_status_of_its_approval_and_of_the_rating(self):
        self.publish()
        today = timezone.localdate()
        ago, now = today - timedelta(days=9), day_text(today)
        day, title = day_text(ago), f"REP-1 “{self.recommendation.title}”."
        self.assertEqual(self.cite(None)[0], f"{title} No report yet on {now}.")
        self.set_date()
        closed = {
            "implementation_status": "not_implemented",
            "confidence": "not_rated",
            "closing_reason": "No use.",
        }
        cases: tuple[tuple[dict[str, Any], str, str], ...] = (
            ({}, "in progress", f" Confidence rated on track on {day}."),
            ({"confidence": "not_rated"}, "in progress", " Confidence not rated."),
            (
                {"confidence": "red", "asked_for": "Money."},
                "in progress",
                f" Confidence rated off track on {day}.",
            ),
            (closed, "closed as not implemented", ""),
        )
        for values, status, rating in cases:
            self.make_approved(self.recommendation, as_of=ago, **values)
            stated = f"As of {day} {status} (approved {now}).{rating} Current on {now}."
            self.assertEqual(self.cite(None)[0], f"{title} {stated}")

    def test_its_address_has_the_day_and_the_newest_entry_and_everybody_may_copy_it(self):
        self.publish()
        self.revise(title="Build <b> & more")
        self.make_approved(self.recommendation)
        sentence, path = self.cite(None)
        self.assertEqual(path, self.address())
        self.assertIn("Build &lt;b&gt; &amp; more", sentence)
        self.assertContains(self.get(path), sentence)
        for page, person in ((path, None), (PAGE, None), (PAGE, self.viewer)):
            self.assertContains(self.get(page, person), "cite.js")


class PastTests(CitationTestCase):
    def test_it_stays_and_says_what_is_newer(self):
        self.make_approved(self.recommendation, what_happened="The first meeting.")
        sentence, path = self.cite(self.manager)
        text = self.read(path, self.manager)
        self.assert_words(text, "This is still the current status.", "The first meeting.")
        self.make_approved(
            self.recommendation, implementation_status="not_started", what_happened="None at all."
        )
        self.revise(title="Another title")
        self.set_date()
        for person in (self.manager, self.viewer):
            self.assert_words(
                self.read(path, person),
                sentence,
                "The first meeting.",
                "Newer information exists.",
                f"Current status: As of {day_text(timezone.localdate())} not started",
                "The target date was changed since.",
                "No target date",
                but_not=["None at all.", "Another title"],
            )

    def test_a_retraction_is_told_to_all_without_its_reason(self):
        self.publish()
        first = self.make_approved(self.recommendation, public_text="We met.")
        sentence, path = self.cite(None)
        retraction = decisions.retract(update=first, by=self.manager, reason="Wrong.")
        told = f"Retracted on {day_text(timezone.localdate())}."
        self.assert_no_words(self.read(path, self.manager), told)
        self.approve(retraction)
        self.assert_words(self.read(path, self.manager), "“No report yet”")
        for person in (self.manager, None):
            self.assertIn(f"{told} Newer information exists.", self.cite(person, path)[0])
            self.assert_no_words(self.read(path, person), "Wrong.")
        self.assert_words(self.read(path), "We met.", "Newer information exists.", sentence)

    def test_a_correction_is_told_and_its_words_are_not_those_that_were_cited(self):
        first = self.make_approved(self.recommendation, what_happened="We meet.")
        _sentence, path = self.cite(self.manager)
        self.correct(first, "We met.")
        text = self.read(path, self.manager)
        self.assert_words(text, "We meet.", "Corrected on ")
        self.assert_no_words(text, "We met.")


class RedactionTests(CitationTestCase):
    def test_a_redaction_is_named_where_its_words_stood_to_who_may_read_them(self):
        self.publish()
        _sentence, before = self.cite(None)
        self.make_approved(
            self.recommendation,
            what_happened=f"{NAME} wrote.",
            public_text=f"{NAME} agreed.",
            internal_note=f"Ask {NAME}.",
        )
        self.revise(title=f"Ask {NAME}")
        _sentence, path = self.cite(None)
        self.make_approved(self.recommendation, what_happened="Another.", public_text="Later.")
        self.revise(title="Ask them")
        self.redact(NAME)
        today = day_text(timezone.localdate())
        told = f"words were redacted on {today}."
        text = self.read(path)
        self.assert_words(text, "Redacted since", f"Title: {told}", "[redacted on ", " agreed.")
        # Title and public words; inside what happened; in the office the note.
        for person, number in ((None, 2), (self.viewer, 3), (self.manager, 4)):
            with self.subTest(person=person):
                self.assertEqual(self.read(path, person).count(told), number)
                self.assertNotContains(self.get(path, person), NAME)
        for other in (before, self.cite(None)[1]):
            self.assert_no_words(self.read(other), "Redacted since")


class ReaderTests(CitationTestCase):
    def test_the_public_reads_what_was_public_then_and_is(self):
        self.make_approved(
            self.recommendation, what_happened="Inside.", internal_note="Note.", public_text="Out."
        )
        hidden = self.address()
        self.read(hidden, status=404)
        self.publish()
        _sentence, path = self.cite(None)
        self.read(hidden, status=404)
        text = self.read(path)
        self.assert_words(text, "Out.", "readers need no account")
        self.assert_no_words(text, "Inside.", "Note.", "Written by", self.staff.first_name)
        self.assert_words(self.read(path, self.viewer), "Inside.", "Written by")
        self.assert_no_words(self.read(path, self.viewer), "Note.")
        self.assert_words(self.read(path, self.manager), "Note.")
        self.assert_words(self.read(hidden, self.manager), "readers need an account")
        about: dict[str, Any] = {"recommendation": self.found(), "by": self.manager}
        recommendations.unpublish_recommendation(reason="Early.", **about)
        self.read(path, status=404)
        self.read(path, self.viewer)
        self.publish()
        self.read(path)

    def test_of_what_is_archived_the_public_reads_no_status(self):
        self.publish()
        self.make_approved(self.recommendation, public_text="Out.")
        _sentence, path = self.cite(None)
        self.archive()
        text = self.read(path, status=410)
        self.assert_words(text, "Its status is no longer published.")
        self.assert_no_words(text, "Out.", "progress")
        self.assert_words(self.read(path, self.viewer), "Archived on", "In progress")
        self.read(self.address(), status=410)
        self.assertIsNone(FIELD.search(self.get(PAGE).content.decode()))


class NonsenseTests(CitationTestCase):
    def test_days_that_are_none_are_explained(self):
        self.make_approved(self.recommendation)
        later = timezone.localdate() + timedelta(days=1)
        cases = (
            (self.address(later), "is in the future"),
            (self.address("2026-02-30"), "contains no date"),
            (self.address("2026-W01-1"), "contains no date"),
            (self.address("\u0662\u0660\u0662\u0666-01-01"), "contains no date"),
            (self.address("yesterday"), "contains no date"),
        )
        for path, words in cases:
            with self.subTest(path):
                self.assert_words(self.read(path, self.manager, status=404), words, "Show REP-1")

    def test_an_entry_is_of_every_day_on_which_it_was_the_newest(self):
        first, then = self.head, LONG_AGO + timedelta(days=9)
        with clock_at(then):
            self.make_approved(self.recommendation, as_of=then.date())
        for days in (0, 1, 9):
            day = timezone.localdate(LONG_AGO) + timedelta(days=days)
            with self.subTest(day):
                text = self.read(self.address(day, first), self.manager)
                self.assert_words(text, "No report yet", f"Current on {day_text(day)}")
        for path in (self.address(then.date() + timedelta(days=1), first), self.address(number=1)):
            self.assert_words(self.read(path, self.manager, status=404), NOT_ONE)
        text = self.read(self.address(number=self.head), self.manager)
        self.assert_words(text, "In progress", "This is still the current status.")

    def test_every_number_that_leads_nowhere_is_answered_alike(self):
        """Neither the end of the record nor the moment of an event is found by trying numbers."""
        before = self.head
        self.publish()
        numbers = (self.head + 2, 10**9, "9" * 18, "9" * 40, 0, -1, "01", "1.0", "\u0661")
        most = times(2, 4)
        for reader, also in ((None, [before]), (self.viewer, []), (self.manager, [])):
            for day in (timezone.localdate(), "2023-12-31", date(2024, 1, 2), "0001-01-01")[:most]:
                paths = [self.address(day, n) for n in (*numbers, *also)]
                # A number that was the newest of the day, with a hash that was made up or none.
                paths += [
                    f"{PAGE}cited/{day}/{self.head}{end}/" for end in ("-" + "0" * 12, "-", "")
                ]
                told = [self.refusal(path, reader) for path in paths]
                with self.subTest(reader=str(reader), day=str(day)):
                    [text] = {text for text, _statements in told}
                    self.assertIn(NOT_ONE, text)
                    self.assertIn("Show REP-1", text)

    def test_nor_what_was_recorded_later(self):
        self.publish()
        early = self.head
        later = self.make_recommendation(at=None)
        recommendations.publish_recommendation(recommendation=later, by=self.manager)
        self.archive()
        for reader in (self.manager, None):
            paths = [self.address(number=n) for n in (early, 1, self.head + 5)]
            told = [self.refusal(path.replace("REP-1", "REP-2"), reader) for path in paths]
            self.assertEqual(len({text for text, _statements in told}), 1)
        # An address that was given out says why its page is gone.
        self.assertIn("archived", self.refusal(self.address(number=early), None, 410)[0])
        # With a hash that was made up, numbers take the same reading wherever they lead.
        numbers, today = (1, self.head, self.head + 2, 10**9), timezone.localdate()
        paths = [f"{PAGE}cited/{today}/{number}-{'0' * 12}/" for number in numbers]
        self.assertEqual(len({self.refusal(path, None) for path in paths}), 1)

    def refusal(self, path: str, reader: User | None, status: int = 404) -> tuple[str, int]:
        """What a reader is told, and how often it was asked for.

        Without the address itself, and the minute at which it would be printed.
        """
        client = self.client_for(reader)
        with counting() as captured:
            response = client.get(path)
        self.assertEqual(response.status_code, status, path)
        html = re.sub(r'value="\w{64}"|Printed on [^<]+? from', "", response.content.decode())
        return html.replace(quote(path), ""), len(captured)


class CostTests(CitationTestCase):
    def test_the_same_few_statements_for_one_update_and_for_many(self):
        self.publish()
        self.make_approved(self.recommendation)
        paths = [self.cite(None)[1]]
        for _number in range(times(4, 8)):
            self.make_approved(self.recommendation)
        paths.append(self.cite(None)[1])
        for person, most in ((None, 33), (self.manager, 34)):
            for path in paths:
                self.assertLessEqual(self.asked(path, person), most)
