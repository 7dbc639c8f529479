"""Groups of countries with their members by year, and other names of areas, from a file."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import CommandError, call_command
from django.db.models import F
from django.urls import reverse

from recommendations.actions import areas
from recommendations.actions.base import NotAllowed
from recommendations.actions.imports.pipeline import ImportRefused, PlanChanged
from recommendations.actions.imports.reference import ReferencePlan
from recommendations.models import Area, AreaAlias, AuditEvent, GroupMembership
from recommendations.readers import TableError
from tests.figures.files import upload
from tests.imports.run import import_reference, plan_reference
from tests.views.pages import PageTestCase, words_of

MEMBERS = (
    "group,group_name,member,from,to,source\n"
    "sadc,SADC,NAM,1990,,Treaty\n"
    "sadc,SADC,Kenya,1995-07-01,2003,\n"
    "sadc,SADC,NA,,1980,\n"
)
ALIASES = "area,alias,code_list\nNAM,Namibie,\nKenya,KN,eurostat\n"


class AreaImportTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        codes: dict[str, Any] = {"kind": "country"}
        cls.namibia = cls.make_area("NAM", name="Namibia", iso2="NA", iso3="NAM", **codes)
        cls.kenya = cls.make_area("KEN", name="Kenya", iso2="KE", iso3="KEN", **codes)

    def plan(self, text: str, **options: Any) -> ReferencePlan:
        return plan_reference(upload=upload(text.encode()), **options)

    def run_import(self, text: str, by: Any = None, **options: Any) -> ReferencePlan:
        return import_reference(
            upload=upload(text.encode()), by=by or self.administrator, **options
        )

    def told(self, text: str) -> list[str]:
        return [str(refused) for refused in self.plan(text).rejected]

    def spans(self) -> list[tuple[str, str, date | None, date | None]]:
        first = F("valid_from").asc(nulls_first=True)
        rows = GroupMembership.objects.living().order_by("member__code", first)
        names = ("group__code", "member__code", "valid_from", "valid_to")
        return list(rows.values_list(*names))


class MemberTests(AreaImportTestCase):
    def test_a_group_with_its_members_by_one_event(self) -> None:
        events = AuditEvent.objects.count()
        done = self.run_import(MEMBERS)
        self.assertEqual(
            self.spans(),
            [
                ("sadc", "KEN", date(1995, 7, 1), date(2003, 12, 31)),
                ("sadc", "NAM", None, date(1980, 12, 31)),
                ("sadc", "NAM", date(1990, 1, 1), None),
            ],
        )
        group = Area.objects.get(code="sadc")
        self.assertEqual((group.name, group.kind), ("SADC", "group"))
        self.assertEqual(AuditEvent.objects.count(), events + 1)
        event = AuditEvent.objects.latest("sequence")
        changes = json.loads(event.payload)["changes"]
        self.assertEqual((event.verb, event.object_id), ("import_areas", done.sha256[:16]))
        self.assertEqual((changes["groups"][1], changes["members"][1]), (1, 3))
        self.assertEqual(GroupMembership.objects.get(valid_from=date(1990, 1, 1)).source, "Treaty")

    def test_again_nothing_and_another_last_day_changes(self) -> None:
        self.run_import(MEMBERS)
        events = AuditEvent.objects.count()
        self.assertEqual(self.run_import(MEMBERS).unchanged, 3)
        self.assertEqual(AuditEvent.objects.count(), events)
        done = self.run_import("group,member,from,to\nSADC,NAM,1990,2020\n")
        self.assertEqual((len(done.changed_members), len(done.new_members)), (1, 0))
        changed = GroupMembership.objects.get(valid_from=date(1990, 1, 1))
        self.assertEqual((changed.valid_to, changed.source), (date(2020, 12, 31), "Treaty"))
        self.assertEqual(len(self.spans()), 3)

    def test_a_row_for_each_year_makes_spans(self) -> None:
        years = "".join(f"x,X,NAM,{year}\n" for year in (2003, 2001, 2002, 2005, 2001))
        self.run_import(f"group,group_name,member,year\n{years}")
        self.assertEqual(
            self.spans(),
            [
                ("x", "NAM", date(2001, 1, 1), date(2003, 12, 31)),
                ("x", "NAM", date(2005, 1, 1), date(2005, 12, 31)),
            ],
        )

    def test_rows_that_are_refused_are_named_and_may_be_skipped(self) -> None:
        self.run_import(MEMBERS)
        lines = (
            ("NAM,,KEN,,", "“NAM” is not a group of countries."),
            ("eac,,KEN,,", "The group “eac” is unknown. State its name"),
            ("bad code,Bad,KEN,,", "valid"),
            ("sadc,,Kenia,,", "Similar: Kenya"),
            ("sadc,,Atlantis,,", "The area “Atlantis” is unknown."),
            ("sadc,,sadc,,", "is a group itself"),
            ("sadc,,,,", "The column “member” is empty."),
            ("sadc,,KEN,2010,2009", "The last day is before the first."),
            ("sadc,,KEN,soon,", "soon"),
            ("sadc,,KEN,2000,2010", "is a member at that time already"),
        )
        for line, words in lines:
            with self.subTest(line):
                [told] = self.told(f"group,group_name,member,from,to\n{line}\n")
                self.assertTrue(told.startswith("Line 2: "), told)
                self.assertIn(words, told)
        text = "group,member,from\nsadc,KEN,2010\nnone,KEN,2010\n"
        with self.assertRaises(ImportRefused):
            self.run_import(text)
        done = self.run_import(text, skip_rejected=True)
        self.assertEqual((len(done.members), len(done.rejected)), (1, 1))

    def test_what_was_shown_is_what_is_done_and_who_may(self) -> None:
        expected = self.plan(MEMBERS).digest
        areas.add_area(
            by=self.administrator, values={"code": "sadc", "name": "Sadc", "kind": "group"}
        )
        with self.assertRaises(PlanChanged):
            self.run_import(MEMBERS, expected=expected)
        for person in (self.auditor, self.staff, self.viewer):
            with self.subTest(person), self.assertRaises(NotAllowed):
                self.run_import(MEMBERS, person)
        self.assertEqual(self.spans(), [])

    def test_a_file_of_something_else_is_refused(self) -> None:
        for text, words in (
            ("area,value\nKEN,1\n", "The file needs the columns"),
            ("group,member,country\na,b,c\n", "have the same role"),
            ("group,member\n", "a header but no rows"),
        ):
            with self.subTest(text), self.assertRaisesMessage(TableError, words):
                self.plan(text)


class AliasTests(AreaImportTestCase):
    def test_names_and_codes(self) -> None:
        self.run_import(ALIASES)
        rows = AreaAlias.objects.order_by("alias").values_list("area__code", "alias", "code_list")
        self.assertEqual(list(rows), [("KEN", "KN", "eurostat"), ("NAM", "Namibie", "")])
        self.assertEqual(self.run_import(ALIASES).unchanged, 2)

    def test_one_name_identifies_one_area(self) -> None:
        self.run_import(ALIASES)
        for line, words in (
            ("KEN,Namibie,", "“Namibie” already identifies “Namibia”."),
            ("KEN,KY,nuts", "“nuts” is none of: "),
            ("KEN,,", "The column “alias” is empty."),
        ):
            with self.subTest(line):
                self.assertIn(words, self.told(f"area,alias,code_list\n{line}\n")[0])
        twice = self.told("area,alias\nKEN,Both\nNAM,Both\n")
        self.assertEqual(len(twice), 1)
        self.assertIn("Line 3: “Both” already identifies “Kenya”.", twice[0])


class DoorTests(AreaImportTestCase):
    PAGE = "/areas/import/"

    def look(self, content: bytes) -> Any:
        file = upload(content).file
        return self.post(self.PAGE, self.administrator, move="look", file=file)

    def test_the_page_shows_a_preview_and_imports_it(self) -> None:
        shown = self.look(MEMBERS.encode())
        self.assert_words(words_of(shown), "New groups", "SADC", "Import 4 records", "Not stated")
        self.assertFalse(GroupMembership.objects.exists())
        sent = {"token": shown.context["token"], "seen": shown.context["plan"].digest}
        done = self.post(self.PAGE, self.administrator, move="import", **sent)
        self.assertRedirects(done, reverse("area-list"))
        self.assertEqual(GroupMembership.objects.count(), 3)

    def test_who_sees_it_and_what_it_refuses(self) -> None:
        people = ((self.administrator, 200), (self.manager, 200), (self.auditor, 403))
        for person, status in (*people, (self.staff, 403)):
            page = self.get(self.PAGE, person)
            self.assertEqual(page.status_code, status)
            told = "Organisations Column slug" in words_of(page)
            self.assertEqual(told, person == self.administrator)
            listed = self.get(reverse("area-list"), person).content.decode()
            self.assertEqual(self.PAGE in listed, status == 200, person)
        for file, words in (
            (b"a,b\n1,2\n", "The file needs the columns"),
            (b"group,member\nnone,KEN\n", "Some rows cannot be imported."),
        ):
            self.assert_words(words_of(self.look(file)), words)
        self.assertEqual(self.post(self.PAGE, self.administrator, move="look").status_code, 400)

    def test_what_is_too_much_for_the_page_or_changed_since_it_is_not_written(self) -> None:
        with self.settings(IMPORT_PAGE_MAX_ROWS=1):
            shown = self.look(MEMBERS.encode())
        self.assertContains(shown, "manage.py import_areas")
        self.assertNotContains(shown, 'value="import"')
        values = {"code": "sadc", "name": "Sadc", "kind": "group"}
        areas.add_area(by=self.administrator, values=values)
        sent = {"token": shown.context["token"], "seen": shown.context["plan"].digest}
        refused = self.post(self.PAGE, self.administrator, move="import", **sent)
        self.assertEqual(refused.status_code, 409)
        self.assertFalse(GroupMembership.objects.exists())

    def test_the_command(self) -> None:
        with TemporaryDirectory() as folder:
            file, out = Path(folder) / "members.csv", StringIO()

            def call(text: str, *arguments: str) -> str:
                file.write_text(text)
                call_command("import_areas", str(file), *arguments, stdout=out)
                return out.getvalue()

            self.assertIn("1 new groups, 3 new members", call(MEMBERS, "--dry-run"))
            self.assertFalse(GroupMembership.objects.exists())
            call(MEMBERS, "--by=administrator")
            self.assertEqual(GroupMembership.objects.count(), 3)
            with self.assertRaisesMessage(CommandError, "--leave-out"):
                call("group,member\nnone,KEN\n", "--by=administrator")
