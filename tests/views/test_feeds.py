"""Atom feeds: approved updates as the public may read them, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import feedparser
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import recommendations as actions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.models import ChainHead, Recommendation, Source, StatusUpdate, User
from recommendations.queries.dates import beginning_of
from recommendations.queries.updates.published import NEWEST, public_updates
from tests import factories
from tests.base import agreed, days_ago, link_evidence
from tests.edits import edit, redact
from tests.updates import submit
from tests.views.pages import PageTestCase, words_of

ALL = "/feeds/updates.atom"
SOURCE = "/sources/report/updates.atom"
ONE = "/recommendations/REP-1/updates.atom"
EVERY = (ALL, SOURCE, ONE)


@override_settings(PUBLIC_PAGES=True)
class FeedTestCase(PageTestCase):
    def publish(self, recommendation: Recommendation | None = None) -> None:
        found = recommendation or self.recommendation
        actions.publish_recommendation(recommendation=found, by=self.manager)

    def feed(self, path: str = ALL, person: User | None = None) -> Any:
        response = self.get(path, person)
        self.assertEqual(response.status_code, 200, path)
        self.assertEqual(response["Content-Type"], "application/atom+xml; charset=utf-8")
        found = feedparser.parse(response.content)
        self.assertFalse(found.bozo, found.get("bozo_exception"))
        self.assertEqual(found.version, "atom10")
        return found

    def titles(self, path: str = ALL) -> list[str]:
        return [entry.title for entry in self.feed(path).entries]

    def assert_leads_to(self, entry: Any, words: str) -> None:
        self.assertContains(self.get(entry.link.removeprefix("http://testserver")), words)

    def retract(self, update: StatusUpdate) -> StatusUpdate:
        asked = decisions.retract(update=update, by=self.staff, reason="Secret reason.")
        return decisions.approve_update(update=asked, by=self.manager)

    def correct(self, update: StatusUpdate, **values: Any) -> StatusUpdate:
        draft = decisions.correct(update=update, by=self.staff, values=values)
        sent = submit(update=draft, by=self.staff, expected_version=draft.version)
        return decisions.approve_update(update=sent, by=self.manager)


class EntryTests(FeedTestCase):
    def test_an_entry_states_what_the_page_that_it_leads_to_states(self) -> None:
        self.publish()
        update = self.make_approved(
            self.recommendation,
            as_of=days_ago(3),
            public_text="Work began & <goes> on.\n\nMore follows.",
            what_happened="Internal words.",
        )
        for path in EVERY:
            [entry] = self.feed(path).entries
            self.assertEqual(entry.title, f"REP-1 {self.recommendation.title}: In progress")
            labels = ["In progress", "On track (no target date)"]
            self.assertEqual([tag.term for tag in entry.tags], labels)
            self.assertEqual(entry.published, entry.updated)
            self.assertEqual(entry.updated[:19], f"{update.decided_at:%Y-%m-%dT%H:%M:%S}")
            self.assertIn("<p>Work began &amp; &lt;goes&gt; on.</p>", entry.summary)
            self.assertIn(" in progress (approved ", entry.summary)
            self.assertNotIn("Internal words.", self.get(path).content.decode())
        page = self.get(entry.link.removeprefix("http://testserver"))
        self.assertContains(page, "Work began &amp; &lt;goes&gt; on.")
        self.assert_words(words_of(page), "This is still the current status.")

    def test_what_was_never_current_in_public_is_none(self) -> None:
        """Nor what is not approved, and what one addressee reports; nor a retraction of these."""
        long_ago, hour_ago = (timezone.now() - timedelta(hours=hours) for hours in (99, 1))
        never = self.make_approved(self.recommendation, public_text="Never public.", at=long_ago)
        self.make_approved(self.recommendation, public_text="Public later.", at=hour_ago)
        self.publish()
        self.retract(never)
        self.make_submitted(self.recommendation, public_text="Waits.")
        self.make_approved(self.recommendation, as_of=days_ago(9), public_text="Came late.")
        addressee = actions.add_addressee(
            by=self.manager,
            values={"recommendation": self.recommendation, "organisation": self.agency},
        )
        self.make_approved(self.recommendation, addressee=addressee, public_text="Their own.")
        [first] = self.feed().entries
        self.assertIn("Public later.", first.summary)
        self.assertLess(first.published, first.updated)
        Source.objects.update(is_demonstration=True)
        self.make_approved(self.recommendation)
        [second] = self.feed().entries  # The first is of before publication, and not current.
        self.assertNotEqual(first.id, second.id)
        self.assert_leads_to(first, "Public later.")
        self.assertEqual(second.summary.count(" in progress (approved "), 1)
        self.assertTrue(second.title.startswith("Demonstration: REP-1 "))

    def test_a_public_wording_that_changed_is_one_with_its_reason(self) -> None:
        self.publish()
        self.recommendation.refresh_from_db()
        edit(
            self.recommendation,
            self.manager,
            title="Do it well",
            wording_reason="The source says well.",
        )
        for path in EVERY:
            [entry] = self.feed(path).entries
            self.assertEqual(entry.title, "REP-1 Do it well: wording changed")
            self.assertIn("The source says well.", entry.summary)
        self.assert_leads_to(entry, "Do the thing")

    def test_an_entry_is_updated_when_its_words_change_and_at_no_other_time(self) -> None:
        self.publish()
        update = self.make_approved(self.recommendation, public_text="The first.")
        paper = self.make_evidence("A paper", visibility="public")
        count = self.make_evidence("A count", visibility="public")
        note = self.make_evidence("A note", visibility="internal")
        told = self.told(update)
        self.assertEqual(told[1], update.decided_at)

        def is_moved() -> bool:
            """The words change with the time, or neither does."""
            nonlocal told
            before, told = told, self.told(update)
            self.assertEqual(before[0] != told[0], before[1] != told[1], told)
            return before != told

        by = self.other_manager
        link_evidence(to=update, by=by, stance="supports", evidence=paper)
        link_evidence(to=update, by=by, stance="undermines", evidence=note)
        self.assertFalse(is_moved())
        link = link_evidence(to=update, by=by, stance="undermines", evidence=count)
        self.assertFalse(is_moved())
        agreed(link)
        self.assertTrue(is_moved())
        evidence_items.answer(link=link, by=self.manager, text="It counts others.")
        self.assertTrue(is_moved())
        self.recommendation.refresh_from_db()
        wording = {"title": "Do it well", "wording_reason": "The source says well."}
        for values, is_told in (({"external_id": "7.1"}, False), (wording, True)):
            edit(self.recommendation, self.manager, **values)
            self.recommendation.refresh_from_db()
            self.assertIs(is_moved(), is_told)

        self.make_approved(
            self.recommendation, public_text="The second.", confirm_contradictions=True
        )
        self.assertTrue(is_moved())
        wrong = StatusUpdate.objects.latest("pk")
        self.assertEqual(told[1], wrong.decided_at)
        self.retract(wrong)
        self.assertTrue(is_moved())

    def test_a_flag_that_the_calendar_raises_updates_the_entry_on_its_day(self) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(target_date=days_ago(9))
        self.recommendation.refresh_from_db()
        before = [timezone.now() - timedelta(days=days) for days in (30, 20)]
        actions.publish_recommendation(
            recommendation=self.recommendation, by=self.manager, at=before[0]
        )
        update = self.make_approved(self.recommendation, as_of=days_ago(20), at=before[1])
        self.assertIn("Overdue", self.told(update)[0])
        self.assertEqual(self.told(update)[1], beginning_of(days_ago(8)))

    def told(self, update: StatusUpdate) -> tuple[str, datetime]:
        """The words of its entry, and since when it has these."""
        entries = public_updates(ChainHead.objects.get().last_hash)
        [entry] = [each for each in entries if each.key == str(update.key)]
        return " ".join((entry.title, *entry.statements)), entry.updated_at

    def test_the_newest_of_many_come_first(self) -> None:
        factories.fill(type(self), NEWEST + 1)
        feed = self.feed()
        self.assertEqual(len(feed.entries), NEWEST)
        times = [entry.published_parsed for entry in feed.entries]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertEqual(len({entry.id for entry in feed.entries}), NEWEST)


class ReplacedTests(FeedTestCase):
    def test_a_correction_takes_the_place_of_what_it_corrects_and_says_so(self) -> None:
        self.publish()
        wrong = self.make_approved(self.recommendation, public_text="A slpi.")
        self.correct(wrong, public_text="A slip.")
        [entry] = self.feed().entries
        self.assertIn("This update corrects an earlier one.", entry.summary)
        self.assertIn("A slip.", entry.summary)

    def test_a_retracted_update_is_none_and_the_retraction_says_no_reason(self) -> None:
        self.publish()
        self.make_approved(self.recommendation, as_of=days_ago(9), public_text="Before.")
        wrong = self.make_approved(self.recommendation, public_text="Wrong.")
        [kept] = [entry.id for entry in self.feed().entries if "Before." in entry.summary]
        self.retract(wrong)
        retraction, before = self.feed().entries
        self.assertEqual(before.id, kept)
        self.assertTrue(retraction.title.endswith(": update retracted"))
        self.assertNotIn("tags", retraction)
        text = self.get(ALL).content.decode()
        for word in ("Wrong.", "Secret reason."):
            self.assertNotIn(word, text)
        self.assert_leads_to(retraction, "Before.")


class SeenAtOnceTests(FeedTestCase):
    def test_unpublishing_and_archiving(self) -> None:
        ends: Any = (
            (actions.unpublish_recommendation, {"reason": "Too early."}, 404),
            (actions.archive, {"reason": "duplicate", "note": "Twice."}, 410),
        )
        for end, values, status in ends:
            found = self.make_recommendation()
            self.publish(found)
            self.make_approved(found, public_text="Here.")
            path = f"/recommendations/{found.reference}/updates.atom"
            tags = {each: self.get(each)["ETag"] for each in (ALL, SOURCE)}
            self.assertEqual(len(self.titles(ALL)), 1)
            end(recommendation=found, by=self.manager, **values)
            self.assertEqual(self.titles(ALL), [])
            self.assertEqual(self.get(path).status_code, status)
            self.assertEqual(self.get(SOURCE).status_code, 404)
            answer = self.client_for(None).get(ALL, headers={"If-None-Match": tags[ALL]})
            self.assertEqual(answer.status_code, 200)

    def test_redaction(self) -> None:
        self.publish()
        name = "Maria Müller"
        self.make_approved(self.recommendation, public_text=f"{name} agreed.")
        self.assertContains(self.get(ALL), name)
        redact(name, self.administrator)
        self.assertNotContains(self.get(ALL), name)


class AnswerTests(FeedTestCase):
    def test_it_is_the_same_for_everybody_and_says_so_to_who_holds_it(self) -> None:
        self.publish()
        self.make_approved(self.recommendation)
        hidden = self.make_recommendation("Stay inside")
        self.make_approved(hidden, public_text="Not for the public.")
        for path in EVERY:
            response = self.get(path)
            self.assertNotIn("Last-Modified", response)
            self.assertEqual(response["Cache-Control"], "no-cache")
            for person in (None, self.manager, self.stranger):
                self.assertEqual(self.get(path, person).content, response.content)
            held = self.client_for(None).get(path, headers={"If-None-Match": response["ETag"]})
            self.assertEqual((held.status_code, held.content), (304, b""))
            feed = self.feed(path).feed
            self.assertEqual(feed.id, f"http://testserver{path}")
            self.assertEqual(self.feed(f"{path}?a=b").feed.id, feed.id)
            self.assertEqual(self.get(feed.link).status_code, 200)
            self.assertEqual(feed.language, settings.LANGUAGE_CODE)
        unknown = f"/recommendations/{hidden.reference}/updates.atom"
        for path in (unknown, "/recommendations/REP-99/updates.atom", "/sources/x/updates.atom"):
            self.assertEqual(self.get(path, self.manager).status_code, 404, path)
        with override_settings(PUBLIC_PAGES=False):
            for path in EVERY:
                self.assertEqual(self.get(path, self.manager).status_code, 404)
            for path in ("/", "/sources/report/", "/recommendations/REP-1/"):
                self.assertNotContains(self.get(path, self.manager), "atom")


class LinkTests(FeedTestCase):
    def test_pages_lead_to_their_feed(self) -> None:
        hidden = self.get("/recommendations/REP-1/", self.manager)
        self.assertNotContains(hidden, "application/atom+xml")
        self.publish()
        for person in (None, self.manager):
            self.assert_leads("/recommendations/REP-1/", ONE, person)
        self.assert_leads("/sources/report/", SOURCE)
        self.assert_leads("/", SOURCE)  # there is one source, whose page Home is
        other = Source.objects.create(
            slug="other", title="Other", short_title="Other", reference_prefix="OTH"
        )
        self.publish(self.make_recommendation(source=other))
        for person in (None, self.manager):
            self.assert_leads("/", ALL, person)

    def assert_leads(self, page: str, feed: str, person: User | None = None) -> None:
        html = self.get(page, person).content.decode()
        head, _middle, body = html.partition("</head>")
        self.assertIn(f'<link rel="alternate" type="application/atom+xml" href="{feed}"', head)
        self.assertIn(f'<a href="{feed}"', body.partition("<footer")[2])
