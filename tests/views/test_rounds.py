"""Pages of reporting rounds: preview, sending, the round itself, extending, chasing, closing."""

import json
import re
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions.rounds.running import close_round
from recommendations.models import OutgoingMail, ReportingRound, Request, RoundReminder
from tests.base import days_ago
from tests.rounds import sent_round
from tests.updates import begin_draft
from tests.views.pages import PageTestCase, client_of, words_of

ROUNDS = "/rounds/"
NEW = f"{ROUNDS}new/"


class RoundPageCase(PageTestCase):
    def preview(self, query="scope=all"):
        """The hidden fields of the preview, by name."""
        html = self.get(f"{NEW}?{query}", self.manager).content.decode()
        return dict(re.findall(r'type="hidden" name="(key|shown)" value="([^"]+)"', html))

    def send(self, hidden, query="scope=all", person=None, **values):
        said = {
            "name": "Spring",
            "as_of": timezone.localdate().isoformat(),
            "reply_by": days_ago(-9).isoformat(),
        }
        return self.post(f"{NEW}?{query}", person or self.manager, **said, **hidden, **values)


class NewTests(RoundPageCase):
    def test_the_preview_says_whom_it_asks_and_what_it_leaves_out(self):
        self.make_recommendation("Of nobody", lead=None, lead_officer=None)
        self.make_submitted(self.make_recommendation("In already"))
        words = self.read(f"{NEW}?scope=all", self.manager)
        self.assert_words(words, "1 update would be requested", "1 is in already")
        self.assert_words(words, "Ministry A", "REP-1", "Not asked for", "No lead organisation")

    def test_where_nothing_is_chosen_all_are_asked_and_the_form_says_so(self):
        words = self.read(NEW, self.manager)
        self.assert_words(words, "All sources", "All lead organisations", "Preview round")

    def test_it_is_sent_as_previewed_and_once(self):
        hidden = self.preview()
        answer = self.send(hidden)
        self.assertRedirects(answer, self.latest())
        self.assertRedirects(self.send(hidden), self.latest())
        self.assertEqual(Request.objects.count(), 1)
        self.assertEqual(OutgoingMail.objects.filter(to=self.staff).count(), 1)

    def latest(self):
        return ReportingRound.objects.latest("pk").get_absolute_url()

    def test_a_preview_that_is_out_of_date_or_forged_is_shown_again(self):
        hidden = self.preview()
        self.make_submitted(self.recommendation)
        for sent in (hidden, {**hidden, "shown": "x"}, {**hidden, "key": "x"}, {}):
            with self.subTest(sent):
                self.assertEqual(self.send(sent).status_code, 409)
        self.assertFalse(ReportingRound.objects.exists())
        self.assertEqual(self.send(self.preview()).status_code, 302)

    def test_wrong_input_is_told(self):
        hidden = self.preview()
        for wrong in ({"name": ""}, {"reply_by": ""}, {"as_of": "x"}, {"name": "a\nb"}):
            with self.subTest(wrong):
                said = {"name": "Spring", "as_of": days_ago(0), "reply_by": days_ago(-9)}
                answer = self.post(f"{NEW}?scope=all", self.manager, **{**said, **hidden, **wrong})
                self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.get(f"{NEW}?scope=picked", self.manager).status_code, 400)

    def test_the_list_leads_here_with_what_was_picked(self):
        query = "change=request_updates&scope=picked&pick=REP-1"
        answer = self.get(f"/recommendations/bulk/?{query}", self.manager)
        self.assertRedirects(answer, f"{NEW}?scope=picked&pick=REP-1")
        self.assertEqual(self.send(self.preview("scope=picked&pick=REP-1")).status_code, 302)
        self.assertEqual(ReportingRound.objects.get().query, "")

    def test_what_it_was_chosen_by_is_kept(self):
        self.send(self.preview("scope=all&source=report"), "scope=all&source=report")
        self.assertEqual(ReportingRound.objects.get().query, "source=report")


class ReadersTests(RoundPageCase):
    def test_staff_see_the_rounds_that_ask_them_and_readers_all(self):
        url = sent_round([self.recommendation], self.manager).get_absolute_url()
        for person in (self.staff, self.viewer, self.auditor, self.manager, self.administrator):
            with self.subTest(person=person.username):
                self.assert_words(self.read(ROUNDS, person), "Spring", "0 of 1 in")
                self.assert_words(self.read(url, person), "0 of 1 updates are in", "Ministry A")
        self.assert_no_words(self.read(ROUNDS, self.other_staff), "Spring")
        for part in ("", "requests/", "requests/export/"):
            self.assertEqual(self.get(url + part, self.other_staff).status_code, 404)

    def test_only_managers_are_offered_and_allowed_to_run_it(self):
        round = sent_round([self.recommendation], self.manager)
        url = round.get_absolute_url()
        self.assert_words(self.read(url, self.manager), "Close round", "Send reminder", "Extend")
        for person in (self.staff, self.viewer, self.auditor, self.administrator):
            words = self.read(url, person)
            self.assert_no_words(words, "Close round", "Send reminder", "Extend")
            for part in ("close/", f"extend/{self.ministry.pk}/", "remind/"):
                with self.subTest(person=person.username, part=part):
                    self.assertEqual(self.post(url + part, person).status_code, 403)
            self.assertEqual(self.get(NEW, person).status_code, 403)

    def test_the_public_sees_nothing_of_it(self):
        url = sent_round([self.recommendation], self.manager).get_absolute_url()
        with self.settings(PUBLIC_PAGES=True):
            for address in (ROUNDS, NEW, url, f"{url}requests/", f"{url}requests/export/"):
                self.assert_turned_away(address)


class ElsewhereTests(RoundPageCase):
    def test_what_a_round_asks_is_one_row_of_my_work_and_counts_once(self):
        round = sent_round([self.recommendation], self.manager, reply_by=days_ago(-10))
        html = self.get("/my-work/", self.staff).content.decode()
        self.assertEqual(html.count("Requested in “Spring”"), 1)
        self.assertIn("1 item", words_of(self.get("/my-work/", self.staff)))
        fresh = self.make_recommendation("Not due for months", at=timezone.now())
        self.assert_no_words(self.read("/my-work/", self.staff), fresh.reference + " Not due")
        sent_round([fresh], self.manager, name="Second", as_of=days_ago(0))
        words = self.read("/my-work/", self.staff)
        self.assert_words(words, "2 items need your action", "Requested in “Second”")
        self.make_submitted(self.recommendation)
        self.assert_no_words(self.read("/my-work/", self.staff), "Requested in “Spring”")
        close_round(round=round, shown_in=1, by=self.manager)

    def test_a_draft_of_what_is_requested_is_in_the_same_row(self):
        fresh = self.make_recommendation("Not due for months", at=timezone.now())
        sent_round([fresh], self.manager, as_of=days_ago(0))
        begin_draft(recommendation=fresh, by=self.staff)
        html = self.get("/my-work/", self.staff).content.decode()
        self.assertEqual(html.count("Continue draft"), 1)

    def test_the_page_of_what_is_asked_says_by_whom_and_until_when_but_not_to_the_public(self):
        self.recommendation.__class__.objects.filter(pk=self.recommendation.pk).update(
            published_at=timezone.now(), published_by=self.manager
        )
        round = sent_round([self.recommendation], self.manager)
        page = "/recommendations/REP-1/"
        told = "Update requested by Manager in Spring, reply by"
        for person in (self.staff, self.viewer, self.auditor):
            self.assert_words(self.read(page, person), told)
        with self.settings(PUBLIC_PAGES=True):
            for outsider in (None, self.stranger):
                self.assert_no_words(self.read(page, outsider), "requested", "Spring")
        close_round(round=round, shown_in=0, by=self.manager)
        self.assert_no_words(self.read(page, self.staff), told)

    def test_home_has_a_line_for_managers(self):
        sent_round([self.recommendation], self.manager)
        self.assert_words(self.read("/", self.manager), "Spring", "0 of 1 updates are in")
        self.assert_no_words(self.read("/", self.viewer), "Spring")


class RunningTests(RoundPageCase):
    def setUp(self):
        super().setUp()
        self.round = sent_round(
            [self.recommendation],
            self.manager,
            as_of=days_ago(40),
            reply_by=days_ago(5),
            at=timezone.now() - timedelta(days=30),
        )
        self.url = self.round.get_absolute_url()

    def test_it_says_who_is_late_and_marks_a_late_reply(self):
        words = self.read(self.url, self.manager)
        self.assert_words(words, "0 of 1 updates are in", "1 is late", "1 late by 5 days", "Never")
        self.make_submitted(self.recommendation)
        words = self.read(self.url, self.manager)
        self.assert_words(words, "1 update came after its date", "Complete", "1 came late")
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
        self.assertEqual(self.post(close, self.manager, shown_in=1).status_code, 409)
        self.assertEqual(self.post(close, self.manager, shown_in="x").status_code, 400)
        self.assertRedirects(self.post(close, self.manager, shown_in=0), self.url)
        self.assertEqual(self.post(close, self.other_manager, shown_in=0).status_code, 409)
        self.make_submitted(self.recommendation)
        words = self.read(self.url, self.manager)
        self.assert_words(words, "1 stayed without an update", "Closed")
        self.assert_no_words(words, "Send reminder")

    def test_the_file_has_each_request(self):
        answer = client_of(self.viewer).get(f"{self.url}requests/export/?format=csv")
        head, row = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        said = dict(zip(head.split(","), row.split(","), strict=True))
        self.assertEqual((said["reference"], said["state_code"]), ("REP-1", "late"))
        self.assertEqual((said["days_late"], said["replied_on"]), ("5", ""))
        for query in ("state=approved", f"organisation={self.agency.pk}"):
            answer = client_of(self.viewer).get(f"{self.url}requests/export/?{query}")
            self.assertEqual(len(b"".join(answer.streaming_content).splitlines()), 1)

    def test_the_file_of_recommendations_says_what_is_waited_for(self):
        def said():
            answer = client_of(self.viewer).get("/recommendations/export/?format=json")
            [row] = json.loads(b"".join(answer.streaming_content))
            return row["requested_in_round"], row["round_reply_by"]

        self.assertEqual(said(), (self.round.name, self.round.reply_by.isoformat()))
        self.make_submitted(self.recommendation)
        self.assertEqual(said(), (None, None))


class BudgetTests(RoundPageCase):
    def test_pages_of_a_round_ask_as_often_for_one_request_as_for_many(self):
        def statements(url):
            with CaptureQueriesContext(connection) as asked:
                self.assertEqual(self.get(url, self.manager).status_code, 200)
            return len(asked), max(len(each["sql"]) for each in asked)

        counted = []
        for n in (1, 5):
            items = [
                self.make_recommendation(f"Number {n}.{i}", lead=body)
                for i in range(n)
                for body in (self.ministry, self.agency)
            ]
            url = sent_round(items, self.manager).get_absolute_url()
            pages = [url, f"{url}requests/", f"{url}close/", ROUNDS, f"{NEW}?scope=all"]
            self.get(url, self.manager)
            counted.append([statements(page) for page in pages])
        self.assertEqual(*([n for n, _size in each] for each in counted))
        self.assertLess(max(size for _n, size in counted[1]), 4_096)
        self.assertLessEqual(max(n for n, _size in counted[1]), 12)
