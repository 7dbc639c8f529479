"""What cannot be stored is refused on the form with words; all that was typed stays, none of it is
written."""

from typing import Any

from recommendations.actions import recommendations
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AreaAlias,
    AuditEvent,
    Evidence,
    EvidenceLink,
    GroupMembership,
    Indicator,
    Observation,
    Organisation,
    Recommendation,
    Response,
    Source,
    Target,
    User,
)
from tests.admin.base import AdminTestCase, Data, address, read_form
from tests.base import days_ago
from tests.depth import IS_DEEP

UNREADABLE = {
    "NUL": "A\x00B",
    "direction override": "A\u202eB",
    "bell": "A\x07B",
    "C1 control": "A\x85B",
    "no character": "A\ufffeB",
}
HUGE = "9" * 25
"""A key that no column holds."""
LONG = "a" * 200_000


class RefusedTestCase(AdminTestCase):
    def assert_refused(self, model: Any, pk: Any, words: str = "", **sent: Any) -> Any:
        """A form comes back with these words."""
        response = self.window.send(model, pk, self.window.open(model, pk), **sent)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.context["errors"])
        if words:
            self.assertContains(response, words)
        self.assertEqual(self.events(), [])
        return response


class BadInputTests(RefusedTestCase):
    def test_all_that_is_wrong_stands_first_and_leads_to_its_field(self) -> None:
        response = self.assert_refused(Recommendation, self.recommendation.pk, title="")
        self.assertContains(response, '<a href="#id_title">Title: This field is required.</a>')
        self.assertNotContains(response, "change_form.js")

    def test_unreadable_characters(self) -> None:
        """Each field refuses one of them and all of them are refused; in a deep run each by each.

        What a text may hold is a rule of the models.
        """
        things: list[tuple[Any, Any, str]] = [
            (Recommendation, self.recommendation.pk, "title"),
            (Recommendation, self.recommendation.pk, "summary"),
            (Source, self.source.pk, "title"),
            (Organisation, self.agency.pk, "name"),
            (User, self.staff.pk, "first_name"),
            (User, self.staff.pk, "username"),
        ]
        for number, (model, pk, name) in enumerate(things):
            for place, (kind, value) in enumerate(UNREADABLE.items()):
                if IS_DEEP or number % len(UNREADABLE) == place:
                    with self.subTest(model=model.__name__, field=name, kind=kind):
                        self.assert_refused(model, pk, **{name: value})

    def test_values_that_do_not_fit(self) -> None:
        one, area = self.recommendation.pk, self.make_area("KEN", name="K", kind="country")
        Area.objects.filter(pk=area.pk).update(iso2="KE")
        kenya = {"name": "Kenia", "code": "KE2", "kind": "country", "iso2": "KE"}
        order = {"valid_from": "2024-02-02", "valid_to": "2024-01-01"}
        paper = {"title": "T", "slug": "t", "kind": "document"}
        prefix = {"title": "T", "short_title": "T", "slug": "t", "reference_prefix": "_x"}
        cases: tuple[tuple[Any, Any, str, Data], ...] = (
            (Recommendation, one, "20000", {"summary": LONG}),
            (Recommendation, one, "200", {"title": LONG}),
            (Recommendation, one, "20000", {"evidence_links-0-why": LONG}),
            (Recommendation, one, "", {"contributors": [HUGE]}),
            (User, self.staff.pk, "", {"groups": [HUGE]}),
            (User, self.staff.pk, "", {"organisation": HUGE}),
            (User, self.staff.pk, "", {"organisation": "%s %(x)s"}),
            (Organisation, self.agency.pk, "must not be after", order),
            (Organisation, self.agency.pk, "already exists", {"slug": "ministry"}),
            (Area, None, "Another area has this ISO 3166-1 alpha-2 code.", kenya),
            (Evidence, None, "Enter a web address or a citation, or add a file.", paper),
            (Source, None, "Begin with a letter or a digit.", prefix),
            (Indicator, self.make_indicator().pk, "Ensure this value", {"decimals": "-1"}),
        )
        self.first_event = AuditEvent.objects.count()
        for model, pk, words, sent in cases:
            with self.subTest(model=model.__name__, fields=list(sent)):
                self.assert_refused(model, pk, words, **sent)

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

    def test_responses(self) -> None:
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        good = {"addressee": addressee.pk, "position": "accepted", "since": str(days_ago(3))}
        for words, values in (
            ("must not be in the future", {"since": str(days_ago(-1))}),
            ("Enter the accepted part.", {"position": "accepted_in_part"}),
            ("Enter the reason for the rejection.", {"position": "rejected"}),
            ("Only an awaited response has a due date.", {"due_on": str(days_ago(-1))}),
        ):
            with self.subTest(words):
                shown = self.assert_refused(Response, None, words, **{**good, **values})
        self.assertContains(shown, "REP-1: Agency B")

    def test_keys_that_no_column_holds(self) -> None:
        """A field that is shown again looks for them, so do lists and acts on ticked rows."""
        client, listed = self.window.client, address(User, "changelist")
        sent = {"username": "x", "email": "x@example.org", "groups": [HUGE]}
        invited = client.post("/admin/recommendations/user/invite/", sent)
        self.assertEqual(invited.status_code, 400)
        page = client.get(address(Recommendation, "add"), {"lead": HUGE, "themes": HUGE})
        self.assertEqual(page.status_code, 200)
        for name, value in (("organisation__id__exact", HUGE), ("id__in", f"1,-{HUGE}")):
            self.assertEqual(client.get(listed, {name: value}).status_code, 400)
        ticked = {"action": "deactivate", "_selected_action": [self.staff.pk, HUGE]}
        self.assertEqual(client.post(listed, ticked).status_code, 400)
        self.assertEqual(client.get(address(Area, "export"), {"id": HUGE}).status_code, 400)
        for key in ("999999", "x", "1_0", "%00"):
            response = client.get(address(Recommendation, "change", key))
            self.assertIn(response.status_code, (302, 404), key)
        self.assertEqual(self.events(), [])

    def test_more_rows_than_were_sent(self) -> None:
        """A number alone made as many rows, and a large one was never done."""
        for name, claimed, words in (
            ("TOTAL_FORMS", "2147483648", "Please submit at most"),
            ("TOTAL_FORMS", "999", "This form is incomplete."),
            ("INITIAL_FORMS", "2147483648", "This form is incomplete."),
        ):
            with self.subTest(name, claimed=claimed):
                sent = {f"evidence_links-{name}": claimed}
                self.assert_refused(Recommendation, self.recommendation.pk, words, **sent)

    def test_unknown_filters_and_pages(self) -> None:
        page = address(Recommendation, "changelist")
        for query, code in (
            ("nature__exact=x", 200),
            ("lead__id__exact=x", 400),
            ("p=1000000000", 200),
            ("page=1000000000", 200),
            ("q=%00", 400),
            ("q=%EF%BF%BE%C2%85%1F", 400),
            ("has_lead=x", 400),
            ("lead=x", 400),
            ("lead=9999999999999999999999", 400),
            ("due=0000", 200),
        ):
            response = self.window.client.get(f"{page}?{query}", follow=True)
            self.assertEqual(response.status_code, code, query)

    def test_what_a_form_showed_cannot_be_made_up(self) -> None:
        pk = self.recommendation.pk
        other = self.window.open(Recommendation, self.make_recommendation("Another").pk)["seen"]
        self.first_event = AuditEvent.objects.count()
        mine = self.window.open(Recommendation, pk)["seen"]
        for seen in ("", "1:9", other, mine[:-1], mine.swapcase(), "é:\x00"):
            with self.subTest(seen):
                words = "This form is incomplete. Open the form again."
                self.assert_refused(Recommendation, pk, words, title="Another title", seen=seen)


class RowTests(RefusedTestCase):
    """Rows under a thing, which are refused or written together with it."""

    def test_each_row_that_was_refused_says_why_and_can_be_sent_again_otherwise(self) -> None:
        pk, evidence = self.recommendation.pk, self.make_evidence()
        indicator = self.make_indicator()
        Addressee.objects.create(recommendation=self.recommendation, organisation=self.agency)
        self.first_event = AuditEvent.objects.count()
        response = self.assert_refused(
            Recommendation,
            pk,
            title="Another title",
            **{
                "addressees-1-organisation": self.agency.pk,
                "evidence_links-0-evidence": evidence.pk,
                "evidence_links-0-stance": "need",
                "evidence_links-1-evidence": evidence.pk,
                "evidence_links-1-stance": "background",
                "evidence_links-TOTAL_FORMS": 2,
                "indicator_links-0-indicator": indicator.pk,
                "indicator_links-0-relation": "context",
            },
        )
        formsets = [each.formset for each in response.context["inline_admin_formsets"]]
        told = {
            f"{each.prefix}-{number}": errors["__all__"][0]["message"]
            for each in formsets
            for number, form in enumerate(each.forms)
            if (errors := form.errors.get_json_data())
        }
        expected = {
            "addressees-1": "This organisation is already an addressee.",
            "evidence_links-1": "This evidence is already linked to this recommendation.",
        }
        self.assertEqual(told, expected)
        again = read_form(response, "recommendation_form")
        self.assertEqual(again["title"], "Another title")
        self.assertEqual(again["indicator_links-0-relation"], "context")
        self.assertFalse(EvidenceLink.objects.exists())
        corrected: Data = {"addressees-1-organisation": self.ministry.pk}
        corrected |= {"evidence_links-1-evidence": "", "evidence_links-1-stance": ""}
        self.assert_saved(self.window.send(Recommendation, pk, again, **corrected))
        self.assertEqual(
            self.verbs(),
            [
                ("revise", "recommendation"),
                ("create", "addressee"),
                ("attach", "evidencelink"),
                ("attach", "indicatorlink"),
            ],
        )
        self.assert_whole()

    def test_a_thing_that_is_refused_takes_its_rows_and_its_number_with_it(self) -> None:
        sent: Data = {"source": self.source.pk, "title": "New", "summary": "Read\u202ethis"}
        sent |= {"modality": "must", "nature": "time_bound"}
        sent |= {"addressees-0-organisation": self.agency.pk}
        self.assert_refused(Recommendation, None, "cannot be shown safely", **sent)
        self.source.refresh_from_db()
        self.assertEqual((self.source.last_number, Addressee.objects.count()), (1, 0))

    def test_addressees_are_one_of_both_and_each_once(self) -> None:
        area = self.make_area("KEN", name="Kenya", kind="country")
        both = {"addressees-0-area": area.pk, "addressees-0-organisation": self.agency.pk}
        twice: Data = {"addressees-0-area": area.pk, "addressees-1-area": area.pk}
        twice |= {"addressees-TOTAL_FORMS": "2", "addressees-1-recommendation": ""}
        for words, sent in (
            ("Choose an area or an organisation, not both.", both),
            ("This area is already an addressee.", twice),
        ):
            with self.subTest(words):
                self.assert_refused(Recommendation, self.recommendation.pk, words, **sent)
        self.assertFalse(Addressee.objects.exists())

    def test_rows_of_another_thing_are_left_alone(self) -> None:
        other, evidence = self.make_recommendation("Another"), self.make_evidence()
        link = other.evidence_links.create(
            evidence=evidence, stance="need", why="Why.", added_at=evidence.recorded_at
        )
        pk = self.recommendation.pk
        stolen = {
            "evidence_links-INITIAL_FORMS": "1",
            "evidence_links-0-id": link.pk,
            "evidence_links-0-evidence": evidence.pk,
            "evidence_links-0-stance": "background",
            "evidence_links-0-why": "Stolen.",
        }
        self.window.send(Recommendation, pk, self.window.open(Recommendation, pk), **stolen)
        link.refresh_from_db()
        self.assertEqual((link.recommendation, link.why), (other, "Why."))

    def test_names_codes_and_members_of_areas(self) -> None:
        kenya = self.make_area("KEN", name="Kenya", kind="country")
        group = self.make_area("group", name="A group", kind="group")
        AreaAlias.objects.create(area=group, alias="KY", code_list="owid")
        GroupMembership.objects.create(group=group, member=kenya)
        alias, member = "aliases-0-", "memberships-1-"
        backwards = {"member": kenya.pk, "valid_from": "2020-01-02", "valid_to": "2020-01-01"}
        for area, words, prefix, row in (
            (kenya, "already identifies an area", alias, {"alias": "KY", "code_list": "owid"}),
            (group, "A group cannot be a member of itself.", member, {"member": group.pk}),
            (group, "This area is already a member.", member, {"member": kenya.pk}),
            (group, "The last day is before the first.", member, backwards),
        ):
            with self.subTest(words):
                sent = {f"{prefix}{name}": value for name, value in row.items()}
                self.assert_refused(Area, area.pk, words, **sent)

    def test_a_country_has_no_members_and_a_code_is_kept(self) -> None:
        kenya = self.make_area("KEN", name="Kenya", kind="country")
        group = self.make_area("group", name="A group", kind="group")
        data = self.window.open(Area, kenya.pk)
        self.assertNotIn("memberships-0-member", data)
        rows = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "0-member": group.pk}
        sent = {f"memberships-{name}": value for name, value in rows.items()}
        sent |= {"code": "XXX", "name_fr": "Le Kenya", "name_ar": "كينيا"}
        self.assert_saved(self.window.send(Area, kenya.pk, data, **sent))
        self.assertFalse(GroupMembership.objects.exists())
        kenya.refresh_from_db()
        self.assertEqual((kenya.code, kenya.name_fr), ("KEN", "Le Kenya"))
        self.assertEqual(kenya.name_ar, "كينيا")

    def test_nothing_is_added_under_what_is_archived(self) -> None:
        action = Action.objects.create(recommendation=self.recommendation, slug="s", title="S")
        archived = {"recommendation": self.recommendation, "by": self.manager}
        recommendations.archive(**archived, reason="closed")
        self.first_event = AuditEvent.objects.count()
        late = {"recommendation": self.recommendation.pk, "title": "Late", "slug": "late"}
        words = "REP-1 is archived. No more entries can be added."
        refused = self.assert_refused(Action, None, words, **late)
        self.assertEqual(read_form(refused, "action_form")["title"], "Late")
        self.assert_refused(Action, action.pk, "REP-1 is archived", owner="The ministry")

    def test_past_figures_and_links_are_not_edited_by_sending_them(self) -> None:
        area, indicator = self.make_area(), self.make_indicator()
        sent = {"indicator": indicator.pk, "area": area.pk, "period": "2018", "value": "7"}
        data = self.window.open(Observation)
        self.assert_saved(self.window.send(Observation, None, data, **sent))
        data = self.window.open(Indicator, indicator.pk)
        self.window.send(Indicator, indicator.pk, data, **{"observations-0-value": "8"})
        self.assertEqual(Observation.objects.get().value, 7)

    def test_a_new_target_replaces_one_of_the_same_indicator_with_a_reason(self) -> None:
        area, indicator, other = self.make_area(), self.make_indicator(), self.make_indicator("B")
        sent = {"indicator": indicator.pk, "kind": "target", "area": area.pk, "period": "2030"}
        data = self.window.open(Target)
        self.assert_saved(self.window.send(Target, None, data, **sent, value="10"))
        self.first_event = AuditEvent.objects.count()
        sent = {**sent, "value": "12", "replaces": Target.objects.get().pk}
        elsewhere = {**sent, "indicator": other.pk, "reason": "Raised."}
        needed = "Give the reason for replacing the earlier value."
        self.assert_refused(Target, None, needed, **sent)
        self.assert_refused(Target, None, "The value belongs to another indicator.", **elsewhere)
        self.assert_saved(self.window.send(Target, None, data, **sent, reason="Raised."))
        self.assertEqual(self.verbs(), [("set_target", "target")])
