"""Pages of reporting rounds: preview, sending, the round itself, extending, chasing, closing.

What a round asks, and what is refused of it, is tests/actions/test_rounds.py.
"""

import json
import re
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from recommendations.actions.recommendations import publish_recommendation
from recommendations.actions.rounds import close_round
from recommendations.models import (
    OutgoingMail,
    Recommendation,
    ReportingRound,
    Request,
    RoundReminder,
)
from tests.base import days_ago
from tests.rounds import sent_round
from tests.updates import begin_draft
from tests.views.pages import PageTestCase, words_of

ROUNDS = "/rounds/"
NEW = f"{ROUNDS}new/"


class NewTests(PageTestCase):
    def preview(self, query="scope=all"):
        """The hidden fields of the preview, by name."""
        html = self.get(f"{NEW}?{query}", self.manager).content.decode()
        return dict(re.findall(r'type="hidden" name="(key|shown)" value="([^"]+)"', html))

    def send(self, hidden, query="scope=all", **values):
        said = {"name": "Spring", "as_of": days_ago(0), "reply_by": days_ago(-9)}
        return self.post(f"{NEW}?{query}", self.manager, **{**said, **hidden, **values})

    def test_the_preview_says_whom_it_asks_and_what_it_leaves_out(self):
        self.make_recommendation("Of nobody", lead=None, lead_officer=None)
        self.make_submitted(self.make_recommendation("In already"))
        words = self.read(f"{NEW}?scope=all", self.manager)
        self.assert_words(words, "1 update would be requested", "1 is in already")
        self.assert_words(words, "Ministry A", "REP-1", "Not asked for", "No lead organisation")
        words = self.read(NEW, self.manager)  # where nothing is chosen all are asked
        self.assert_words(words, "All sources", "All lead organisations", "Preview round")

    def test_it_is_sent_as_previewed_and_once(self):
        other = self.make_recommendation("In meanwhile")
        hidden = self.preview()
        self.make_submitted(other)
        for wrong in (hidden, {**hidden, "shown": "x"}, {**hidden, "key": "x"}):
            with self.subTest(wrong):
                self.assertEqual(self.send(wrong).status_code, 409)
        self.assertFalse(ReportingRound.objects.exists())
        hidden = self.preview()
        for _time in range(2):
            answer = self.send(hidden)
            sent = ReportingRound.objects.get()
            self.assertRedirects(answer, sent.get_absolute_url())
        self.assertEqual(Request.objects.exclude(recommendation=other).count(), 1)
        self.assertEqual(OutgoingMail.objects.filter(to=self.staff).count(), 1)

    def test_wrong_input_is_told(self):
        hidden = self.preview()
        for wrong in ({"name": ""}, {"reply_by": ""}, {"as_of": "x"}, {"name": "a\nb"}):
            with self.subTest(wrong):
                self.assertEqual(self.send(hidden, **wrong).status_code, 400)
        self.assertEqual(self.get(f"{NEW}?scope=picked", self.manager).status_code, 400)

    def test_the_list_leads_here_with_what_was_picked_and_what_it_was_chosen_by_is_kept(self):
        query = "scope=picked&pick=REP-1"
        path = f"/recommendations/bulk/?change=request_updates&{query}"
        self.assertRedirects(self.get(path, self.manager), f"{NEW}?{query}")
        for chosen, kept in ((query, ""), ("scope=all&source=report", "source=report")):
            self.assertEqual(self.send(self.preview(chosen), chosen).status_code, 302)
            self.assertEqual(ReportingRound.objects.latest("pk").query, kept)


class ReadersTests(PageTestCase):
    def test_who_sees_which_rounds_and_is_offered_what(self):
        url = sent_round([self.recommendation], self.manager).get_absolute_url()
        buttons = ("Close round", "Send reminder", "Extend")
        for person in (self.staff, self.viewer, self.auditor, self.manager, self.administrator):
            with self.subTest(person=person.username):
                self.assert_words(self.read(ROUNDS, person), "Spring", "0 of 1 received")
                words = self.read(url, person)
                self.assert_words(words, "0 of 1 updates received", "Ministry A")
                may_log = person in (self.staff, self.manager)
                for page in (url, f"{url}requests/"):
                    self.assertIs("Log an update" in self.read(page, person), may_log)
                if person == self.manager:
                    self.assert_words(words, *buttons)
                else:
                    self.assert_no_words(words, *buttons)
        self.assert_no_words(self.read(ROUNDS, self.other_staff), "Spring")
        # Home has a line for managers.
        self.assert_words(self.read("/", self.manager), "Spring", "0 of 1 updates received")
        self.assert_no_words(self.read("/", self.viewer), "Spring")

    def test_what_a_round_asks_is_one_row_of_my_work_and_counts_once(self):
        sent_round([self.recommendation], self.manager, reply_by=days_ago(-10))
        page = self.get("/my-work/", self.staff)
        self.assertContains(page, "Requested in “Spring”", count=1)
        self.assert_words(words_of(page), "1 recommendation needs your action")
        fresh = self.make_recommendation("Not due for months", at=timezone.now())
        self.assert_no_words(self.read("/my-work/", self.staff), fresh.reference + " Not due")
        sent_round([fresh], self.manager, name="Second", as_of=days_ago(0))
        words = self.read("/my-work/", self.staff)
        self.assert_words(words, "2 recommendations need your action", "Requested in “Second”")
        self.make_submitted(self.recommendation)
        begin_draft(recommendation=fresh, by=self.staff)
        page = self.get("/my-work/", self.staff)
        self.assertNotContains(page, "Requested in “Spring”")
        self.assertContains(page, "Continue draft", count=1)

    def test_the_page_of_what_is_asked_says_by_whom_and_until_when_but_not_to_the_public(self):
        publish_recommendation(recommendation=self.recommendation, by=self.manager)
        sent = sent_round([self.recommendation], self.manager)
        page, told = "/recommendations/REP-1/", "Update requested by Manager in Spring, reply by"
        for person in (self.staff, self.viewer, self.auditor):
            self.assert_words(self.read(page, person), told)
        with self.settings(PUBLIC_PAGES=True):
            for outsider in (None, self.stranger):
                self.assert_no_words(self.read(page, outsider), "requested", "Spring")
        close_round(round=sent, shown_in=0, by=self.manager)
        self.assert_no_words(self.read(page, self.staff), told)

    def test_the_page_says_which_day_applies_where_the_next_update_is_due_on_another(self) -> None:
        sent = sent_round([self.recommendation], self.manager)
        for days, told in (
            (5, "The request applies, since its day is earlier. By the reporting frequency"),
            (-5, "The reporting frequency applies, since its day is earlier"),
            (0, ""),
        ):
            due = sent.reply_by + timedelta(days=days)
            Recommendation.objects.filter(pk=self.recommendation.pk).update(next_due_on=due)
            cache.clear()
            words = self.read("/recommendations/REP-1/", self.staff)
            with self.subTest(days=days):
                self.assertIn(told or "reply by", words)
                self.assertEqual("its day is earlier" in words, bool(told))


class RunningTests(PageTestCase):
    def setUp(self):
        super().setUp()
        at = timezone.now() - timedelta(days=30)
        days = {"as_of": days_ago(40), "reply_by": days_ago(5), "at": at}
        self.round = sent_round([self.recommendation], self.manager, **days)
        self.url = self.round.get_absolute_url()

    def test_it_says_who_is_late_and_marks_a_late_reply(self):
        words = self.read(self.url, self.manager)
        self.assert_words(
            words, "0 of 1 updates received", "1 is late", "1 late by 5 days", "Never"
        )
        self.make_submitted(self.recommendation)
        words = self.read(self.url, self.manager)
        self.assert_words(words, "1 update was late", "Complete", "1 late")
        self.assert_words(self.read(f"{self.url}requests/", self.viewer), "5 days late")
        self.assert_words(self.read(f"{self.url}requests/?state=late", self.viewer), "No request")

    def test_an_unknown_state_or_organisation_is_told_and_finds_nothing(self):
        for query, told in (
            ("state=zzz", "“zzz” is not a state of a request."),
            ("organisation=999999", "“999999” is not an organisation."),
            ("organisation=x", "“x” is not an organisation."),
        ):
            with self.subTest(query):
                words = self.read(f"{self.url}requests/?{query}", self.viewer, status=400)
                self.assert_words(words, "one of the filters is invalid", told)
                self.assert_no_words(words, "REP-1", "0 requests")
                self.read(f"{self.url}requests/export/?{query}", self.viewer, status=400)

    def test_a_reminder_is_sent_once_a_day(self):
        self.assertRedirects(self.post(f"{self.url}remind/", self.manager), self.url)
        self.post(f"{self.url}remind/", self.manager, organisation=self.ministry.pk)
        self.assertEqual(RoundReminder.objects.count(), 1)

    def test_an_extension_needs_a_later_day_and_a_reason(self):
        extend = f"{self.url}extend/{self.ministry.pk}/"
        shown = self.round.reply_by.isoformat()
        said = {"new_day": days_ago(-9).isoformat(), "reason": "A new officer.", "shown": shown}
        for wrong, status in (
            ({"reason": ""}, 400),
            ({"new_day": "x"}, 400),
            ({"new_day": shown}, 400),
            ({"shown": "2001-01-01"}, 409),
            ({"shown": "2001-13-99"}, 409),
        ):
            with self.subTest(wrong):
                answer = self.post(extend, self.manager, **{**said, **wrong})
                self.assertEqual(answer.status_code, status)
        self.assertRedirects(self.post(extend, self.manager, **said), self.url)
        words = self.read(self.url, self.staff)
        self.assert_words(words, "1 has an extension", "A new officer.", "Extended to")
        nowhere = f"{self.url}extend/{self.agency.pk}/"
        self.assertEqual(self.get(nowhere, self.manager).status_code, 404)

    def test_closing_says_what_it_means_and_keeps_what_was_found(self):
        close = f"{self.url}close/"
        words = self.read(close, self.manager)
        self.assert_words(words, "1 request would close without an update", "with 0 of 1")
        for shown, status in (("1", 409), ("x", 400), ("0", 302), ("0", 409)):
            self.assertEqual(self.post(close, self.manager, shown_in=shown).status_code, status)
        self.make_submitted(self.recommendation)
        words = self.read(self.url, self.manager)
        self.assert_words(words, "1 stayed without an update", "Closed")
        self.assert_no_words(words, "Send reminder")

    def test_files_have_each_request_and_say_what_is_waited_for(self):
        def file(path):
            return b"".join(self.get(path, self.viewer).streaming_content).decode("utf-8-sig")

        requests = f"{self.url}requests/export/?format=csv"
        head, row = file(requests).splitlines()
        said = dict(zip(head.split(","), row.split(","), strict=True))
        self.assertEqual((said["reference"], said["state_code"]), ("REP-1", "late"))
        self.assertEqual((said["days_late"], said["replied_on"]), ("5", ""))
        for query in ("state=approved", f"organisation={self.agency.pk}"):
            self.assertEqual(len(file(f"{requests}&{query}").splitlines()), 1)
        for waits in (True, False):
            [row] = json.loads(file("/recommendations/export/?format=json"))
            expected = (self.round.name, self.round.reply_by.isoformat()) if waits else (None, None)
            self.assertEqual((row["requested_in_round"], row["round_reply_by"]), expected)
            if waits:
                self.make_submitted(self.recommendation)
