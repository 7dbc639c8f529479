"""What addressees say: counts, the panel, the page of all, and recording one or many at once."""

from typing import Any

from django.test import override_settings
from django.utils import timezone

from recommendations.actions import recommendations, responses
from recommendations.models import Addressee, Area, Recommendation, Response
from tests.base import days_ago
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"
ALL = f"{PAGE}responses/"
WHOLE = f"{PAGE}print/"


class ResponseTestCase(PageTestCase):
    """Six areas: late, in time, accepted, in part, rejected, never asked; and a body."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.rows = {}
        for name in ("Late", "Asked", "Willing", "Halfway", "Unwilling", "Silent"):
            area = Area.objects.create(code=name.lower(), name=f"{name} land", kind="country")
            cls.rows[name] = Addressee.objects.create(recommendation=cls.recommendation, area=area)
        cls.rows["Body"] = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )
        cls.say("Late", "awaiting", since=days_ago(90), due_on=days_ago(2))
        cls.say("Asked", "awaiting", since=days_ago(90), due_on=days_ago(-20))
        cls.say("Willing", "awaiting", since=days_ago(90), due_on=days_ago(40))
        cls.say("Willing", "accepted")
        cls.say("Halfway", "accepted_in_part", part_accepted="The north.", reason="A secret why.")
        cls.say("Unwilling", "rejected", reason="It costs too much.")
        cls.say("Body", "accepted_in_principle")

    @classmethod
    def say(cls, name: str, position: str, **values: Any) -> None:
        responses.record_responses(
            addressees=[cls.rows[name]],
            by=cls.staff,
            values={"position": position, "since": days_ago(7), **values},
        )

    def publish(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)


class CountTests(ResponseTestCase):
    WORDS = "1 accepted 2 partially accepted 1 not accepted 3 no response yet 1 overdue"

    def test_overview_page_and_facts_say_how_many_say_what(self):
        self.assert_words(self.read("/", self.viewer), f"Responses {self.WORDS}")
        told = (
            "Responses Accepted by 1 of 7 Partially accepted by 2 Not accepted by 1 "
            "No response yet from 3 1 response overdue"
        )
        for path in (PAGE, ALL):
            self.assert_words(self.read(path, self.viewer), told)

    def test_the_flag_and_its_reason(self):
        self.assert_words(self.read("/", self.viewer), "1 response overdue")

    def test_where_nobody_is_named_nothing_is_counted(self):
        self.make_recommendation("Speak to nobody")
        row = self.read("/", self.viewer).split("REP-2 Speak to nobody")[-1]
        self.assert_no_words(row, "Responses")
        self.assert_words(
            self.read("/recommendations/REP-2/responses/", self.viewer), "No addressees named"
        )

    def test_one_that_is_addressed_no_more_does_not_count(self):
        Addressee.objects.filter(pk=self.rows["Late"].pk).update(
            removed_at=timezone.now(), removed_by=self.manager
        )
        text = self.read("/", self.viewer)
        self.assert_words(text, "2 no response yet")
        self.assert_no_words(text, "response overdue")


class PanelTests(ResponseTestCase):
    def test_late_ones_first_then_what_is_said_then_silence(self):
        text = self.read(WHOLE, self.viewer).split("Responses 1 accepted")[1]
        order = ["Late", "Agency B", "Halfway", "Unwilling", "Willing", "Asked", "Silent"]
        places = [text.index(name) for name in order]
        self.assertEqual(places, sorted(places))

    def test_each_with_its_day_due_day_part_and_reason(self):
        day = f"{days_ago(7):%-d %B %Y}"
        self.assert_words(
            self.read(WHOLE, self.viewer),
            f"Late land Response: No response yet Overdue Due {days_ago(2):%-d %B %Y}, 2 days ago",
            f"Willing land Response: Accepted Since {day}",
            "Accepted part: The north. Reason: A secret why.",
            f"Unwilling land Response: Rejected Since {day} Reason: It costs too much.",
            "Silent land Response: No response yet",
            "Responses of all 7 addressees",
        )

    def test_the_title_names_three_and_counts_the_rest(self):
        self.assert_words(
            self.read(WHOLE, self.viewer), "Addressees Late land Asked land Willing land 4 others"
        )

    def test_responses_recorded_together_are_one_line_of_the_timeline(self):
        responses.record_responses(
            addressees=[self.rows["Late"], self.rows["Asked"], self.rows["Silent"]],
            by=self.manager,
            values={"position": "accepted", "since": days_ago(0)},
        )
        text = self.read(WHOLE, self.viewer)
        self.assert_words(text, "3 addressees: Accepted by Manager")
        self.assert_words(text, "Unwilling land: Rejected by Staff")


class AllTests(ResponseTestCase):
    def test_all_are_listed_by_name_with_their_history(self):
        text = self.read(ALL, self.viewer).split("status is recorded separately. Agency B")[1]
        names = ["Asked", "Halfway", "Late", "Silent", "Unwilling", "Willing"]
        places = [text.index(f"{name} land") for name in names]
        self.assertEqual(places, sorted(places))
        self.assert_words(
            text,
            f"2 responses recorded Willing land Response: Accepted "
            f"Since {days_ago(7):%-d %B %Y} Recorded by Staff",
            f"Response: No response yet Requested {days_ago(90):%-d %B %Y} Due",
        )

    def test_filters(self):
        cases = {
            ("position", "awaiting"): {"Late land", "Asked land", "Silent land"},
            ("position", "rejected"): {"Unwilling land"},
            ("position", "withdrawn"): set(),
            ("due", "overdue"): {"Late land"},
            ("text", "land will"): {"Willing land", "Unwilling land"},
            ("text", "agency"): {"Agency B"},
        }
        for (name, value), expected in cases.items():
            with self.subTest(name, value=value):
                response = self.get(ALL, self.viewer, **{name: value})
                self.assertEqual({row.name for row, _ in response.context["lines"]}, expected)

    def test_wrong_filters_answer_400_and_wrong_pages_404(self):
        for name, value in (("position", "x"), ("due", "x"), ("text", "a\0b")):
            self.read(ALL, self.viewer, status=400, **{name: value})
        self.read(ALL, self.viewer, status=404, page=9)
        self.read("/recommendations/REP-9/responses/", self.viewer, status=404)

    def test_own_state_is_beside_what_is_said(self):
        self.make_approved(self.recommendation, addressee=self.rows["Willing"])
        self.assert_words(
            self.read(ALL, self.viewer),
            "Status by addressee: Status: In progress Confidence: On track",
        )

    def test_who_may_not_record_sees_no_form(self):
        for name in ("viewer", "other_staff", "auditor", "administrator"):
            text = self.read(ALL, getattr(self, name))
            self.assert_no_words(
                text, "Record a response", "Record response of", "Report status by addressee"
            )
        self.assert_words(
            self.read(ALL, self.staff), "Record a response", "Record response of Late land"
        )

    def test_more_than_a_page(self):
        for n in range(60):
            area = Area.objects.create(code=f"more-{n}", name=f"More {n:02}", kind="country")
            Addressee.objects.create(recommendation=self.recommendation, area=area)
        first = self.get(ALL, self.viewer)
        self.assertEqual(len(first.context["lines"]), 50)
        self.assertContains(first, "Next page")
        self.assertEqual(len(self.get(ALL, self.viewer, page=2).context["lines"]), 17)


class RecordTests(ResponseTestCase):
    def send(self, person: Any, *names: str, path: str = ALL, **values: Any) -> Any:
        newest = Response.objects.order_by("-pk").values_list("pk", flat=True)[0]
        sent = {
            "addressees": [self.rows[name].pk for name in names],
            "position": "accepted",
            "since": days_ago(1).isoformat(),
            "seen": newest,
            **values,
        }
        return self.post(path, person, **sent)

    def positions(self) -> dict[str, str]:
        current = Response.objects.current().select_related("addressee")
        names = {row.pk: name for name, row in self.rows.items()}
        return {names[row.addressee_id]: row.position for row in current}

    def test_many_at_once(self):
        response = self.send(self.staff, "Late", "Asked", "Silent")
        self.assertRedirects(response, ALL, fetch_redirect_response=False)
        text = self.read(ALL, self.staff)
        self.assert_words(text, "recorded for 3 addressees.", "Accepted by 4 of 7")
        self.assertEqual(self.positions()["Silent"], "accepted")
        self.assertEqual(Response.objects.filter(addressee=self.rows["Late"]).count(), 2)

    def test_the_filter_stays_and_the_ticks_go(self):
        path = f"{ALL}?position=awaiting&ticked=all"
        response = self.send(self.staff, "Late", path=path)
        self.assertRedirects(response, f"{ALL}?position=awaiting")

    def test_boxes_can_be_ticked_all_or_one_by_the_address(self):
        self.assertEqual(self.get(ALL, self.staff, ticked="all").content.count(b" checked"), 7)
        one = self.get(ALL, self.staff, addressee=self.rows["Late"].pk)
        self.assertEqual(one.content.count(b" checked"), 1)
        for value in ("x", "-1", "9" * 40, ""):
            self.assertEqual(self.get(ALL, self.staff, addressee=value).status_code, 200)

    def test_what_is_wrong_is_told_and_what_was_typed_is_kept(self):
        cases: dict[str, dict[str, Any]] = {
            "Select at least one addressee in the list.": {"addressees": []},
            "The recommendation is not addressed to one of the selected addressees.": {
                "addressees": ["9" * 25]
            },
            "Choose a response.": {"position": ""},
            "Enter the date.": {"since": ""},
            "Enter a valid date": {"since": "yesterday"},
            "must not be in the future": {"since": days_ago(-1).isoformat()},
            "Enter the accepted part.": {"position": "accepted_in_part"},
            "Leave this field empty unless the response is a partial acceptance.": {
                "part_accepted": "A half."
            },
            "Enter the reason": {"position": "rejected", "reason": ""},
            "Only an awaited response has a due date.": {"due_on": days_ago(-9).isoformat()},
            "U+0000": {"reason": "a\0b"},
        }
        before = Response.objects.count()
        for words, values in cases.items():
            with self.subTest(words):
                response = self.send(self.staff, "Late", **{"reason": "Kept words.", **values})
                self.assertContains(response, words, status_code=400)
                if "reason" not in values:
                    self.assertContains(response, "Kept words.", status_code=400)
                if "addressees" not in values:
                    self.assertEqual(response.content.count(b" checked"), 1)
        self.assertEqual(Response.objects.count(), before)

    def test_an_addressee_of_another_recommendation_spoils_the_whole(self):
        other = self.make_recommendation("Another")
        foreign = Addressee.objects.create(recommendation=other, organisation=self.ministry)
        before = Response.objects.count()
        pks = [self.rows["Late"].pk, foreign.pk]
        response = self.send(self.staff, addressees=pks)
        self.assertContains(
            response,
            "The recommendation is not addressed to one of the selected addressees.",
            status_code=400,
        )
        self.assertEqual(Response.objects.count(), before)

    def test_what_was_recorded_meanwhile_is_shown_and_can_then_be_followed(self):
        newest = Response.objects.order_by("-pk")[0].pk
        self.say("Late", "rejected", reason="We cannot.")
        response = self.send(self.staff, "Late", "Asked", seen=newest)
        self.assertContains(
            response, "Responses were recorded after you opened this page", status_code=409
        )
        self.assertContains(response, "Rejected", status_code=409)
        self.assertEqual(self.positions()["Asked"], "awaiting")
        seen = response.context["seen"]
        self.assertRedirects(self.send(self.staff, "Late", "Asked", seen=seen), ALL)
        self.assertEqual(self.positions()["Late"], "accepted")

    def test_a_form_that_was_wrong_has_seen_no_more_than_before(self):
        newest = Response.objects.order_by("-pk")[0].pk
        self.say("Late", "rejected", reason="We cannot.")
        response = self.send(self.staff, "Late", seen=newest, position="")
        self.assertEqual(response.context["seen"], str(newest))

    def test_who_may_not(self):
        before = Response.objects.count()
        for name in ("other_staff", "viewer", "auditor", "administrator", "stranger"):
            with self.subTest(name):
                self.assertEqual(self.send(getattr(self, name), "Late").status_code, 403)
        self.assertEqual(self.send(None, "Late").status_code, 403)
        self.assertEqual(Response.objects.count(), before)

    def test_nobody_on_what_is_archived(self):
        recommendations.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate"
        )
        self.assertEqual(self.send(self.manager, "Late").status_code, 403)

    def test_reading_writes_nothing(self):
        before = (Response.objects.count(), Recommendation.objects.get().version)
        for person in (self.staff, self.viewer):
            self.read(ALL, person, ticked="all")
        self.assertEqual((Response.objects.count(), Recommendation.objects.get().version), before)


@override_settings(PUBLIC_PAGES=True)
class PublicTests(ResponseTestCase):
    def test_position_day_and_part_and_nothing_else(self):
        self.publish()
        for reader in (None, self.stranger):
            for path in (WHOLE, ALL):
                with self.subTest(path=path):
                    text = self.read(path, reader)
                    self.assert_words(
                        text,
                        "Accepted by 1 of 7 Partially accepted by 2 Not accepted by 1 "
                        "No response yet from 3",
                        f"Willing land Response: Accepted Since {days_ago(7):%-d %B %Y}",
                        "Accepted part: The north.",
                        "Late land Response: No response yet",
                    )
                    self.assert_no_words(
                        text,
                        "secret",
                        "costs too much",
                        "verdue",
                        "due ",
                        "Staff",
                        "Record response",
                    )
                    self.assert_no_words(text, "asked", f"{days_ago(90):%-d %B %Y}")
        self.assert_no_words(self.read("/"), "verdue")

    def test_who_was_asked_looks_like_who_was_not(self):
        self.publish()
        rows = [row for row, _history in self.get(ALL).context["lines"]]
        silent = [
            (row.position, row.since, row.due_on, row.is_demonstration)
            for row in rows
            if row.name in ("Late land", "Asked land", "Silent land")
        ]
        self.assertEqual(silent, [("awaiting", None, None, False)] * 3)

    def test_own_states_are_for_people_inside(self):
        self.make_approved(self.recommendation, addressee=self.rows["Willing"])
        self.publish()
        for path in (PAGE, ALL, "/areas/willing/"):
            self.assert_no_words(self.read(path), "Status by addressee:", "In progress")

    def test_who_is_late_cannot_be_asked_for(self):
        self.publish()
        self.assertEqual(self.read(ALL, due="overdue"), self.read(ALL))

    def test_not_published_is_not_there(self):
        self.read(ALL, status=404)
        self.assertEqual(self.post(ALL).status_code, 404)

    def test_without_public_pages_one_must_be_signed_in(self):
        with override_settings(PUBLIC_PAGES=False):
            self.assert_turned_away(ALL)


class OwnStateTests(ResponseTestCase):
    def report(self, name: str, **values: Any) -> None:
        self.make_approved(self.recommendation, addressee=self.rows[name], **values)

    def test_how_many_report_what_and_how_many_nothing(self):
        self.assert_words(self.read(PAGE, self.viewer), "None of 7 addressees has reported")
        self.report("Willing")
        self.report("Halfway", implementation_status="not_started", confidence="not_rated")
        self.assert_words(
            self.read(PAGE, self.viewer),
            "Status by addressee 7 addressees. In progress: 1, Not started: 1, No report yet: 5 "
            "Willing land Status: In progress",
        )

    def test_the_one_in_force_counts(self):
        self.report("Willing", as_of=days_ago(5))
        self.report("Willing", as_of=days_ago(9), implementation_status="not_started")
        self.make_submitted(
            self.recommendation,
            addressee=self.rows["Willing"],
            implementation_status="not_started",
        )
        self.assert_words(self.read(PAGE, self.viewer), "In progress: 1, No report yet: 6")

    def test_it_is_apart_from_the_state_overall(self):
        self.report("Willing")
        self.assert_words(self.read(PAGE, self.viewer), "Status: No report yet")

    def test_the_list_finds_what_an_addressee_reports(self):
        self.report("Willing")
        other = self.make_recommendation("Another")
        Addressee.objects.create(recommendation=other, organisation=self.agency)
        self.make_recommendation("To nobody")
        expected = {
            "in_progress": ["REP-1"],
            "not_started": [],
            "none": ["REP-1", "REP-2"],
        }
        for value, references in expected.items():
            found = self.get("/recommendations/", self.viewer, own_status=value).context["rows"]
            self.assertEqual([row.reference for row in found], references)

    def test_a_form_for_one_is_a_link_away(self):
        row = self.rows["Late"]
        link = f"/recommendations/REP-1/updates/new/?addressee={row.pk}"
        self.assertContains(self.get(ALL, self.staff), link)
        self.assert_words(self.read(link, self.staff), "Late land")
