"""What cannot be stored is refused on the form, with words, and nothing is written."""

from typing import Any

from recommendations.models import (
    Area,
    Evidence,
    Indicator,
    Observation,
    Organisation,
    Recommendation,
    Source,
    User,
)
from tests.admin.base import AdminTestCase, address

UNREADABLE = {
    "NUL": "A\x00B",
    "direction override": "A\u202eB",
    "bell": "A\x07B",
    "C1 control": "A\x85B",
    "no character": "A\ufffeB",
}


class BadInputTests(AdminTestCase):
    def assert_refused(self, model: Any, pk: Any, words: str = "", **sent: Any) -> None:
        data = self.window.open(model, pk)
        response = self.window.send(model, pk, data, **sent)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.context["errors"])
        if words:
            self.assertContains(response, words)
        self.assertEqual(self.events(), [])

    def test_unreadable_characters(self) -> None:
        things: list[tuple[Any, Any, str]] = [
            (Recommendation, self.recommendation.pk, "title"),
            (Recommendation, self.recommendation.pk, "summary"),
            (Source, self.source.pk, "title"),
            (Organisation, self.agency.pk, "name"),
            (User, self.staff.pk, "first_name"),
            (User, self.staff.pk, "username"),
        ]
        for model, pk, name in things:
            for kind, value in UNREADABLE.items():
                with self.subTest(model=model.__name__, field=name, kind=kind):
                    self.assert_refused(model, pk, **{name: value})

    def test_endless_text(self) -> None:
        pk = self.recommendation.pk
        self.assert_refused(Recommendation, pk, "20000", summary="a" * 200_000)
        self.assert_refused(Recommendation, pk, "200", title="a" * 200_000)
        self.assert_refused(Recommendation, pk, "20000", **{"evidence_links-0-why": "a" * 200_000})

    def test_keys_that_no_column_holds(self) -> None:
        huge = ["9" * 25]
        self.assert_refused(User, self.staff.pk, groups=huge)
        sent = {"username": "x", "email": "x@example.org", "groups": huge}
        page = self.window.client.post("/admin/recommendations/user/invite/", sent)
        self.assertEqual(page.status_code, 400)

    def test_rows_to_be_found_by_keys_that_no_column_holds(self) -> None:
        """A field that is shown again looks for them, so do lists and acts on ticked rows."""
        huge, client = "9" * 25, self.window.client
        self.assert_refused(User, self.staff.pk, organisation=huge)
        self.assert_refused(Recommendation, self.recommendation.pk, contributors=[huge])
        page = client.get(address(Recommendation, "add"), {"lead": huge, "themes": huge})
        self.assertEqual(page.status_code, 200)
        listed = address(User, "changelist")
        for name, value in (("organisation__id__exact", huge), ("id__in", f"1,-{huge}")):
            self.assertRedirects(client.get(listed, {name: value}), f"{listed}?e=1")
        sent = {"action": "deactivate", "_selected_action": [self.staff.pk, huge]}
        self.assertEqual(client.post(listed, sent).status_code, 400)
        export = address(Area, "export")
        self.assertEqual(client.get(export, {"id": huge}).status_code, 400)
        self.assertEqual(self.events(), [])

    def test_more_rows_than_were_sent(self) -> None:
        """A number alone made as many rows, and a large one was never done."""
        pk = self.recommendation.pk
        for name, claimed, words in (
            ("TOTAL_FORMS", "2147483648", "Please submit at most"),
            ("TOTAL_FORMS", "999", "This form is incomplete."),
            ("INITIAL_FORMS", "2147483648", "This form is incomplete."),
        ):
            with self.subTest(name, claimed=claimed):
                sent = {f"evidence_links-{name}": claimed}
                self.assert_refused(Recommendation, pk, words, **sent)
        self.assert_refused(User, self.staff.pk, organisation="%s %(x)s")

    def test_dates_out_of_order(self) -> None:
        self.assert_refused(
            Organisation,
            self.agency.pk,
            "must not be after",
            valid_from="2024-02-02",
            valid_to="2024-01-01",
        )

    def test_what_is_there_already(self) -> None:
        self.assert_refused(Organisation, self.agency.pk, "already exists", slug="ministry")
        self.make_area("KEN", name="Kenya", kind="country", iso2="KE")
        sent = {"name": "Kenia", "code": "KE2", "kind": "country", "iso2": "KE"}
        self.assert_refused(Area, None, "Another area has this ISO 3166-1 alpha-2 code.", **sent)

    def test_an_item_that_cannot_be_looked_up(self) -> None:
        sent = {"title": "T", "slug": "t", "kind": "document"}
        self.assert_refused(
            Evidence, None, "Enter a web address or a citation, or add a file.", **sent
        )

    def test_figures(self) -> None:
        area, indicator = self.make_area(), self.make_indicator()
        good = {"indicator": indicator.pk, "area": area.pk, "period": "2018", "value": "1"}
        for name, value, words in [
            ("period", "2018-13", "no such day or week exists"),
            ("period", "last year", "is not a period"),
            ("value", "1e999999999", ""),
            ("value", "NaN", ""),
            ("value", "", "Enter a value, words, or the status “Missing value”."),
            ("obs_status", "M", "A missing value has no number."),
        ]:
            with self.subTest(field=name, value=value):
                self.assert_refused(Observation, None, words, **{**good, name: value})
        self.assert_refused(Indicator, indicator.pk, "Ensure this value", decimals="-1")

    def test_an_address_of_nothing(self) -> None:
        for key in ("999999", "x", "1_0", "%00"):
            response = self.window.client.get(address(Recommendation, "change", key))
            self.assertIn(response.status_code, (302, 404), key)

    def test_unknown_filters_and_pages(self) -> None:
        page = address(Recommendation, "changelist")
        for query, code in (
            ("nature__exact=x", 200),
            ("lead__id__exact=x", 200),
            ("p=1000000000", 200),
            ("page=1000000000", 404),
            ("q=%00", 400),
            ("q=%EF%BF%BE%C2%85%1F", 400),
            ("has_lead=x", 200),
            ("lead=x", 400),
            ("lead=9999999999999999999999", 400),
            ("due=0000", 200),
        ):
            response = self.window.client.get(f"{page}?{query}", follow=True)
            self.assertEqual(response.status_code, code, query)

    def test_rows_of_another_thing_are_left_alone(self) -> None:
        other = self.make_recommendation("Another")
        evidence = self.make_evidence()
        link = other.evidence_links.create(
            evidence=evidence, stance="need", why="Why.", added_at=evidence.recorded_at
        )
        self.first_event = len(self.events()) + self.first_event
        pk = self.recommendation.pk
        data = self.window.open(Recommendation, pk)
        stolen = {
            "evidence_links-INITIAL_FORMS": "1",
            "evidence_links-0-id": link.pk,
            "evidence_links-0-evidence": evidence.pk,
            "evidence_links-0-stance": "background",
            "evidence_links-0-why": "Stolen.",
        }
        self.window.send(Recommendation, pk, data, **stolen)
        link.refresh_from_db()
        self.assertEqual((link.recommendation, link.why), (other, "Why."))
