"""What addressees say: counted, listed, recorded for one or many at once, and its evidence."""

import re
from typing import Any

from django.test import override_settings
from django.urls import reverse

from recommendations.actions import recommendations, responses
from recommendations.models import Addressee, Area, EvidenceLink, Response, User
from tests.base import days_ago, link_evidence
from tests.views.pages import words_of
from tests.views.writing import ProgressTestCase

PAGE = "/recommendations/REP-1/"
ALL, WHOLE = f"{PAGE}responses/", f"{PAGE}print/"
DAY = f"{days_ago(7):%-d %B %Y}"
COUNTS = (
    "Accepted by 1 of 7 Accepted in part or in principle by 2 Rejected by 1 No response yet from 3"
)


class ResponseTestCase(ProgressTestCase):
    """Six areas: late, in time, accepted, in part, rejected, never asked; and a body."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        about, cls.rows = {"recommendation": cls.recommendation}, {}
        for name in ("Late", "Asked", "Willing", "Halfway", "Unwilling", "Silent"):
            area = Area.objects.create(code=name.lower(), name=f"{name} land", kind="country")
            cls.rows[name] = Addressee.objects.create(**about, area=area)
        cls.rows["Body"] = Addressee.objects.create(**about, organisation=cls.agency)
        for name, due in (("Late", 2), ("Asked", -20), ("Willing", 40)):
            cls.say(name, "awaiting", since=days_ago(90), due_on=days_ago(due))
        cls.say("Willing", "accepted")
        cls.say("Halfway", "accepted_in_part", part_accepted="The north.", reason="A secret why.")
        cls.say("Unwilling", "rejected", reason="It costs too much.")
        cls.say("Body", "accepted_in_principle")

    @classmethod
    def say(cls, names: str, position: str, **values: Any) -> list[Response]:
        return responses.record_responses(
            addressees=[cls.rows[name] for name in names.split()],
            by=cls.staff,
            values={"position": position, "since": days_ago(7), **values},
        )

    def publish(self) -> None:
        self.recommendation.refresh_from_db()
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)

    def assert_order(self, text: str, *names: str) -> None:
        places = [text.index(name) for name in names]
        self.assertEqual(places, sorted(places))


class ListTests(ResponseTestCase):
    def test_pages_say_how_many_say_what(self) -> None:
        self.make_recommendation("Speak to nobody")
        told = "Responses 4 of 7 1 Accepted 2 Accepted in part or in principle 1 Rejected"
        self.assert_says("/", "viewer", f"{told} | 1 response overdue")
        for path in (PAGE, ALL):
            self.assert_says(path, "viewer", f"Responses {COUNTS} 1 response overdue")
        self.assert_says("/recommendations/REP-2/responses/", "viewer", "No addressee named")

    def test_what_is_rejected_withdrawn_or_not_applicable_is_said_each(self) -> None:
        self.say("Silent", "not_for_us", reason="It has no sea.")
        self.say("Willing", "withdrawn")
        told = "Rejected by 1 Not applicable to 1 Response withdrawn by 1 No response yet from 2"
        self.assert_says(PAGE, "viewer", told)
        told = "1 Rejected 1 Not applicable to addressee 1 Response withdrawn 2 No response yet"
        self.assert_says(self.recommendation.source.get_absolute_url(), "viewer", told)
        for kind, count in (("declined", 1), ("withdrawn", 1), ("in-part", 1), ("neither", 0)):
            found = self.get("/recommendations/", self.viewer, responses=kind)
            self.assertEqual(len(found.context["rows"]), count, kind)

    def test_late_ones_first_then_what_is_said_then_silence_each_with_its_days(self) -> None:
        due = f"{days_ago(2):%-d %B %Y}"
        for words in (
            f"Late land Response: No response yet Overdue Due {due}, 2 days ago",
            f"Willing land Response: Accepted Since {DAY}",
            "Accepted part: The north. Reason: A secret why.",
            f"Unwilling land Response: Rejected Since {DAY} Reason: It costs too much.",
            "Silent land Response: No response yet | Responses of all 7 addressees",
            "Addressees Late land Asked land Willing land 4 others",
        ):
            self.assert_says(WHOLE, "viewer", words)
        panel = self.read(WHOLE, self.viewer).split("Responses 1 accepted")[1]
        order = ["Late", "Agency B", "Halfway", "Unwilling", "Willing", "Asked", "Silent"]
        self.assert_order(panel, *order)

    def test_filters(self) -> None:
        for name, value, expected in (
            ("position", "awaiting", {"Late land", "Asked land", "Silent land"}),
            ("position", "rejected", {"Unwilling land"}),
            ("position", "withdrawn", set()),
            ("due", "overdue", {"Late land"}),
            ("text", "land will", {"Willing land", "Unwilling land"}),
            ("text", "agency", {"Agency B"}),
        ):
            with self.subTest(name, value=value):
                lines = self.get(ALL, self.viewer, **{name: value}).context["lines"]
                self.assertEqual({row.name for row, _history in lines}, expected)
        for name, value in (("position", "x"), ("due", "x"), ("text", "a\0b")):
            self.read(ALL, self.viewer, status=400, **{name: value})
        self.read(ALL, self.viewer, status=404, page=9)

    def test_who_may_record_is_offered_the_form(self) -> None:
        self.assert_says(ALL, "staff", "Record response of Late land")
        for name in ("viewer", "other_staff", "auditor", "administrator"):
            self.assert_says(ALL, name, "", "Record response")


class RecordTests(ResponseTestCase):
    def send(self, *names: str, path: str = ALL, **values: Any) -> Any:
        newest = Response.objects.latest("pk").pk
        pks = [self.rows[name].pk for name in names]
        day = days_ago(1).isoformat()
        sent = {"addressees": pks, "position": "accepted", "since": day, "seen": newest}
        return self.post(path, self.staff, **{**sent, **values})

    def positions(self) -> dict[str, str]:
        current = Response.objects.current().select_related("addressee")
        names = {row.pk: name for name, row in self.rows.items()}
        return {names[row.addressee_id]: row.position for row in current}

    def test_many_at_once_are_one_line_of_the_timeline(self) -> None:
        answer = self.send("Late", "Asked", "Silent", path=f"{ALL}?position=awaiting&ticked=all")
        self.assertRedirects(answer, f"{ALL}?position=awaiting")
        self.assert_says(ALL, "staff", "Accepted by 4 of 7")
        self.assertEqual(self.positions()["Silent"], "accepted")
        told = "3 addressees: Accepted by Staff | Unwilling land: Rejected by Staff"
        self.assert_says(WHOLE, "viewer", told)
        self.send("Body")
        self.assert_says(ALL, "staff", "recorded for 1 addressee.")

    def test_the_one_that_is_late_or_awaited_alone_is_ticked_beforehand(self) -> None:
        self.assertEqual(self.ticked(), [str(self.rows["Late"].pk)])
        self.send("Late")
        self.assertEqual(self.ticked(), [])
        self.send("Asked")
        self.assertEqual(self.ticked(), [str(self.rows["Silent"].pk)])
        self.send("Silent")
        self.assertEqual(self.ticked(), [])

    def ticked(self) -> list[str]:
        html = self.get(ALL, self.staff).content.decode()
        return re.findall(r'name="addressees" value="(\d+)"[^>]* checked', html)

    def test_what_was_recorded_meanwhile_is_shown_and_can_then_be_followed(self) -> None:
        newest = Response.objects.latest("pk").pk
        self.say("Late", "rejected", reason="We cannot.")
        wrong = self.send("Late", seen=newest, position="")
        self.assertEqual(wrong.context["seen"], str(newest))
        answer = self.send("Late", "Asked", seen=newest)
        told = "Responses were recorded after you opened this page"
        self.assertAnswers(answer, 409, told, "Rejected")
        self.assertEqual(self.positions()["Asked"], "awaiting")
        again = self.send("Late", "Asked", seen=answer.context["seen"])
        self.assertRedirects(again, ALL)
        self.assertEqual(self.positions()["Late"], "accepted")


@override_settings(PUBLIC_PAGES=True)
class PublicTests(ResponseTestCase):
    def test_position_day_and_part_and_nothing_else(self) -> None:
        self.make_approved(self.recommendation, addressee=self.rows["Willing"])
        self.assertEqual((self.get(ALL).status_code, self.post(ALL).status_code), (404, 404))
        self.publish()
        shown = (
            f"{COUNTS} | Willing land Response: Accepted Since {DAY} | Accepted part: The north."
        )
        shown += " | Late land Response: No response yet"
        hidden = "secret | costs too much | verdue | due  | Staff | Record response | asked"
        hidden += f" | {days_ago(90):%-d %B %Y} | Status by addressee:"
        for reader in ("", "stranger"):
            for path in (WHOLE, ALL):
                self.assert_says(path, reader, shown, hidden)
        self.assert_says("/", "", "", "verdue")
        for path in (PAGE, "/areas/willing/"):
            self.assert_says(path, "", "", "Status by addressee: | In progress")

    def test_who_was_asked_looks_like_who_was_not_and_cannot_be_asked_for(self) -> None:
        self.publish()
        silent = [
            (row.position, row.since, row.due_on, row.is_demonstration)
            for row, _history in self.get(ALL).context["lines"]
            if row.name in ("Late land", "Asked land", "Silent land")
        ]
        self.assertEqual(silent, [("awaiting", None, None, False)] * 3)
        self.assertEqual(self.read(ALL, due="overdue"), self.read(ALL))


class OwnStateTests(ResponseTestCase):
    """What an addressee reports of itself, apart from the status overall."""

    def report(self, name: str, **values: Any) -> None:
        self.make_approved(self.recommendation, addressee=self.rows[name], **values)

    def test_how_many_report_what_and_how_many_nothing(self) -> None:
        self.assert_says(PAGE, "viewer", "None of 7 addressees has reported")
        self.report("Willing", as_of=days_ago(5))
        not_begun = {"implementation_status": "not_started", "confidence": "not_rated"}
        self.report("Halfway", **not_begun)
        told = (
            "Status by addressee 7 addressees. In progress: 1, Not started: 1, No report yet: 5 "
            "Willing land Status: In progress | Status: No report yet"
        )
        self.assert_says(PAGE, "viewer", told)
        beside = "Status by addressee: Status: In progress Confidence: On track"
        self.assert_says(ALL, "viewer", beside)
        self.report("Willing", as_of=days_ago(9), **not_begun)
        self.make_submitted(self.recommendation, addressee=self.rows["Willing"], **not_begun)
        self.assert_says(PAGE, "viewer", "In progress: 1, Not started: 1, No report yet: 5")

    def test_the_list_finds_what_an_addressee_reports(self) -> None:
        self.report("Willing")
        other = self.make_recommendation("Another")
        Addressee.objects.create(recommendation=other, organisation=self.agency)
        self.make_recommendation("To nobody")
        for value, references in (
            ("in_progress", ["REP-1"]),
            ("not_started", []),
            ("none", ["REP-1", "REP-2"]),
        ):
            found = self.get("/recommendations/", self.viewer, own_status=value).context["rows"]
            self.assertEqual([row.reference for row in found], references)


class EvidenceTests(ResponseTestCase):
    """Evidence beside what the agency said, on a page of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.response = Response.objects.get(addressee=self.rows["Body"])
        self.page = reverse("response-evidence", args=[self.response.pk])

    def attach(
        self, title: str, stance: str = "supports", by: User | None = None, **values: str
    ) -> EvidenceLink:
        item = self.make_evidence(title, by=self.manager, **values)
        by, why = by or self.staff, f"Why {title} is here."
        return link_evidence(to=self.response, by=by, stance=stance, evidence=item, why=why)

    def test_a_new_item_is_added_stands_beside_the_response_and_is_removed(self) -> None:
        self.assert_says(ALL, "staff", "Add evidence: Agency B, Accepted")
        self.assert_says(self.page, "staff", "No evidence is linked | Agency B")
        item = {"title": "Their letter", "citation": "Letter of 3 May", "why": "They say so."}
        sent = {
            f"evidence-{key}": value for key, value in (item | {"stance": "background"}).items()
        }
        self.assertRedirects(self.post(self.page, self.staff, **sent), self.page)
        link = EvidenceLink.objects.get(response=self.response)
        self.assertEqual((link.stance, link.added_by), ("background", self.staff))
        for path in (ALL, self.page):
            self.assert_says(path, "staff", "Their letter | They say so.")
        self.assert_says(self.page, "staff", "Remove: Their letter")
        to = reverse("response-evidence-remove", args=[self.response.pk, link.pk])
        self.assertRedirects(self.post(to, self.staff), self.page)
        self.assert_says(ALL, "staff", "", "Their letter")
        self.assertEqual(self.post(to, self.staff).status_code, 409)

    def test_what_was_said_earlier_keeps_its_own_and_the_item_names_the_response(self) -> None:
        link = self.attach("A first paper", "undermines")
        self.say("Body", "accepted")
        now, earlier = words_of(self.get(ALL, self.staff)).split("History: Agency B")[:2]
        self.assert_no_words(now, "A first paper")
        self.assert_words(earlier, "A first paper")
        told = "Contradicts REP-1, Agency B: | Why A first paper is here."
        self.assert_says(link.evidence.get_absolute_url(), "staff", told, "not answered")

    def test_readers_outside_read_public_items_under_what_is_published(self) -> None:
        shown = self.attach("A public paper", visibility="public")
        hidden = self.attach("A secret paper", "undermines")
        items = [link.evidence.get_absolute_url() for link in (shown, hidden)]
        why = "Why A public paper is here."
        self.assert_says(ALL, "viewer", f"Supports A public paper | {why}", "A secret paper")

        def statuses() -> list[int]:
            return [self.get(url).status_code for url in items]

        with override_settings(PUBLIC_PAGES=True):
            self.assertEqual(statuses(), [404, 404])
            self.publish()
            self.assertEqual(statuses(), [200, 404])
            not_said = "secret | Relevance | Contradicts | Add evidence"
            self.assert_says(ALL, "", "Supports A public paper", not_said)
            self.assert_says(items[0], "", "REP-1, Agency B: Accepted", "Relevance")
            self.recommendation.refresh_from_db()
            recommendations.archive(
                recommendation=self.recommendation, by=self.manager, reason="closed"
            )
            self.assertEqual(statuses(), [404, 404])

    def test_under_a_response_that_is_awaited_nothing_is_public(self) -> None:
        [self.response] = self.say("Body", "awaiting")
        link = self.attach("The question", visibility="public")
        self.publish()
        with override_settings(PUBLIC_PAGES=True):
            self.assertEqual(self.get(link.evidence.get_absolute_url()).status_code, 404)
            self.assert_says(ALL, "", "", "The question")
