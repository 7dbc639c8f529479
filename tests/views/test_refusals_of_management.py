"""Who opens which page of managing, accounts and imports, and whose form is refused: one table."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

from recommendations.actions import indicators, people, structure
from recommendations.actions.mail.letters import queue_reminders
from recommendations.actions.signoffs import record_sign_off
from recommendations.choices import Role
from recommendations.models import AuditEvent, IndicatorLink, Reminder, User
from recommendations.pickers import PICKERS
from recommendations.views.lists import view_members
from tests.base import days_ago
from tests.depth import times
from tests.imports.openings import brought, list_of
from tests.rounds import sent_round
from tests.views.deciding import undone
from tests.views.pages import PageTestCase

ANSWERS = {"in": 302, "to": 302, "ok": 200, "no": 403, "--": 404, "40": 400, "49": 409}
"""in: asked to sign in; to: done, and led on; 40, 49: let in, nothing was filled in or shown."""

# Signed out, no role, Viewer, Policy staff of the lead and of elsewhere, Manager of both, Auditor,
# Administrator. The manager of the lead imported, sent the round and signed; its staff have a
# deputy and a message of reminders.
PEOPLE = (
    *("", "stranger", "viewer", "staff", "other_staff"),
    *("manager", "other_manager", "auditor", "administrator"),
)
FORMS = {
    # Opened as it says, and sent with nothing filled in by the same people.
    "in no no no no ok ok no ok": (
        *("/set-up/source/", "/set-up/people/", "/recommendations/import/", "{batch}undo/"),
        *("/themes/new/", "/themes/{theme}/edit/", "/recommendations/REP-1/classify/"),
    ),
    "in no no ok no ok ok no ok": (
        *("/indicators/USE/import/", "/indicators/USE/figures/new/", "/figures/{figure}/evidence/"),
    ),
    "in no no no no ok ok no no": (
        *("/rounds/new/", "{round}extend/{ministry}/", "{round}close/"),
        *("/recommendations/REP-1/sign-off/", "/sources/report/sign-off/"),
    ),
    "in no no ok ok ok ok no ok": ("/accounts/deputies/",),
    "in no no ok -- ok ok no no": ("{round}upload/{ministry}/",),
    "in no no no ok ok ok no no": ("{both}upload/{agency}/",),
    "in no ok ok ok ok ok ok ok": ("/accounts/notifications/",),
}
PAGES = {
    "in no no no no ok ok ok ok": ("/audit/", "{sign_off}content.json"),
    "in no no no no ok ok no ok": (
        *("/set-up/", "/set-up/recommendations/", "/recommendations/import/template.xlsx"),
    ),
    "in no no no no no no no ok": ("/set-up/invitations/{invitation}/withdraw/",),
    "in no no ok ok ok ok ok ok": ("{batch}", "{batch}rows/2/"),
    "in no no -- -- -- -- -- --": ("{batch}rows/99/",),
    "in no ok ok ok ok ok ok ok": (
        *("/recommendations/REP-1/reported/", "/rounds/", "/themes/", "/areas/", "/areas/KEN/"),
        *("{sign_off}", "/sign-offs/", "/sign-offs/export/"),
    ),
    "in no ok ok -- ok ok ok ok": (
        *("{round}", "{round}requests/", "{round}requests/export/"),
        "{round}spreadsheet/{ministry}/",
    ),
    "in no no -- -- -- -- no no": ("{round}upload/{agency}/",),
    "in no -- -- -- -- -- -- --": ("/sign-offs/999/", "{round}spreadsheet/999/"),
    "in no -- ok -- -- -- -- ok": ("/accounts/notifications/messages/{message}/",),
    "in ok ok ok ok ok ok ok ok": ("/accounts/password_change/", "/accounts/password_change/done/"),
    # What fields offer while one types.
    "no no ok ok ok ok ok ok ok": tuple(
        f"/pick/{name}/"
        for name in (
            *(
                "areas",
                "bodies",
                "ever-leads",
                "ever-themes",
                "file-areas",
                "leads",
                "officers",
                "places",
            ),
            *("sources", "themes"),
        )
    ),
    "no no no ok ok ok ok no no": ("/pick/addressees/", "/pick/authors/", "/pick/successors/"),
    "no no no ok ok ok ok no ok": ("/pick/deputies/",),
    "no no no no no ok ok no ok": tuple(
        f"/pick/{name}/"
        for name in (
            *("all-sources", "all-themes", "heirs", "new-leads", "new-officers", "new-reviewers"),
            *("others", "people", "respondents"),
        )
    ),
    "no no no no no ok ok ok ok": ("/pick/actors/",),
    "no no no no no no no no ok": ("/pick/organisations/",),
}
BUTTONS = {
    "in no no no no no no no to": ("/set-up/invitations/{invitation}/withdraw/",),
    "in no no no no 40 40 no 40": ("{batch}rows/2/leave-out/",),
    "in no no no no no 49 no no": ("{batch}",),
    "in no no to no to to no no": ("{batch}rows/2/draft/",),
    "in no no no no to to no no": ("{round}remind/",),
    "in no no to -- to to no to": ("/accounts/deputies/{deputy}/end/",),
    "in no -- -- -- -- -- -- --": ("/accounts/watch/", "/accounts/watch/stop/"),
}


class RefusalTests(PageTestCase):
    places: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        elsewhere = cls.make_recommendation("Elsewhere", lead=cls.agency)
        area = cls.make_area("KEN", name="Kenya", kind="country")
        use = cls.make_indicator("USE")
        link = {"recommendation": cls.recommendation, "relation": "outcome"}
        IndicatorLink.objects.create(indicator=use, **link)
        of_use: dict[str, Any] = {"indicator": use, "area": area, "period": "2020"}
        due = cls.recommendation.next_due_on
        assert due is not None
        queue_reminders(now=datetime.combine(due, time(6), UTC), members=view_members)
        days = {"starts_on": days_ago(0), "ends_on": days_ago(-9)}
        stands_in = {"person": cls.staff, "deputy": cls.manager, **days}
        invited = {"email": "a@example.org", "role": Role.VIEWER}
        cls.places = {
            "ministry": cls.ministry.pk,
            "agency": cls.agency.pk,
            "figure": indicators.observe(by=cls.other_manager, values={"value": "1"}, **of_use).pk,
            "round": sent_round([cls.recommendation], cls.manager).get_absolute_url(),
            "both": sent_round([cls.recommendation, elsewhere], cls.manager).get_absolute_url(),
            "batch": brought(list_of(), cls.source, cls.manager).get_absolute_url(),
            "sign_off": record_sign_off(
                about=cls.recommendation, by=cls.manager, as_of=days_ago(0)
            ).get_absolute_url(),
            "theme": structure.add_theme(by=cls.manager, values={"name": "Skills"}).pk,
            "deputy": people.add_deputy(by=cls.staff, values=stands_in).pk,
            "invitation": people.invite(by=cls.administrator, **invited).pk,
            "message": Reminder.objects.get(person=cls.staff).pk,
        }

    def setUp(self) -> None:
        super().setUp()
        for name in PEOPLE:
            self.client_for(self.person(name))  # whose session outlives what is undone

    def person(self, name: str) -> User | None:
        return getattr(self, name) if name else None

    def requests(self) -> Iterator[tuple[str, str, list[str]]]:
        """Each method and address, with the answers in the order of the people."""
        sent = {row.replace("ok", "40"): paths for row, paths in FORMS.items()}
        for method, table in (("get", FORMS), ("post", sent), ("get", PAGES), ("post", BUTTONS)):
            for row, paths in table.items():
                for path in paths:
                    yield method, path.format(**self.places), row.split()

    def assert_answer(self, method: str, path: str, name: str, answer: str) -> None:
        events = AuditEvent.objects.count()
        with self.subTest(method=method, path=path, person=name), undone():
            response = getattr(self.client_for(self.person(name)), method)(path)
            self.assertEqual(response.status_code, ANSWERS[answer])
            if response.status_code == 302:
                leads_in = response["Location"].startswith("/accounts/login/?next=")
                self.assertEqual(leads_in, answer == "in")
            if answer != "to":
                self.assertEqual(AuditEvent.objects.count(), events)

    def test_each_is_answered_as_the_table_says(self) -> None:
        forms = {path.format(**self.places) for paths in FORMS.values() for path in paths}
        for method, path, answers in self.requests():
            all_of_them = list(zip(PEOPLE, answers, strict=True))
            let_in = [name for name, answer in all_of_them if answer in ("ok", "40", "to")]
            # Of those who are let in usually the first and the last.
            passed = let_in[1 : -times(1, len(let_in))]
            if method == "get" and path in forms:
                # Whoever is refused the page is asked for by sending its form.
                refused = [name for name in PEOPLE if name not in let_in]
                passed += refused[1 : -times(1, len(refused))]
            for name, answer in all_of_them:
                if name not in passed:
                    self.assert_answer(method, path, name, answer)

    def test_every_picker_has_its_row(self) -> None:
        paths = {path for _method, path, _answers in self.requests()}
        self.assertEqual({f"/pick/{name}/" for name in PICKERS} - paths, set())

    def test_what_is_sent_is_not_read_and_what_is_read_is_not_sent(self) -> None:
        for path in ("/accounts/watch/", "/accounts/watch/stop/", "/accounts/logout/"):
            self.assertEqual(self.get(path, self.viewer).status_code, 405)
