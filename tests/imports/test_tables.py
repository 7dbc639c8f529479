"""Organisations and areas from a file: planned by the rules of their forms, one event a file."""

import json

from recommendations import audit
from recommendations.actions.base import NotAllowed
from recommendations.actions.imports.reference import ReferencePlan
from recommendations.models import Area, AuditEvent, AuditText, Organisation
from recommendations.readers import TableError
from tests.audit.rows import changes_in
from tests.figures.files import upload
from tests.imports.test_areas import AreaImportTestCase
from tests.views.pages import words_of

ROWS = (
    "slug,name,kind,valid_from,valid_to,successor\n"
    "ministry,Ministry of A,other,,,\n"
    "agency,Agency B,Other,,,\n"
    "council,=Council,academic,2001-02-03,,office\n"
)
OFFICE = "office,Office,,2001-01-01,2003-12-31,\n"


class OrganisationTests(AreaImportTestCase):
    def plan_of(self, *rows: str) -> ReferencePlan:
        return self.plan("slug,name,kind,valid_from,valid_to,successor\n" + "".join(rows))

    def test_new_and_changed_rows_by_one_event(self) -> None:
        head, *rows = ROWS.splitlines(keepends=True)
        text = "".join([head, *rows[:2], OFFICE, rows[2]])
        plan = self.run_import(text)
        self.assertEqual(plan.counts, {"new": 2, "changed": 1, "unchanged": 1, "rejected": 0})
        council = Organisation.objects.get(slug="council")
        self.assertEqual((council.name, str(council.successor)), ("=Council", "Office"))
        office = council.successor
        assert office is not None
        self.assertEqual(
            (str(office.valid_from), str(office.valid_to)), ("2001-01-01", "2003-12-31")
        )
        self.assertEqual(office.kind, "other")
        event = AuditEvent.objects.latest("sequence")
        told = json.loads(event.payload)["changes"]
        self.assertEqual((event.verb, event.object_type), ("import", "file"))
        self.assertEqual(told["kind"], [None, "recommendations.organisation"])
        self.assertEqual((told["new"], told["changed"]), ([None, 2], [None, 1]))
        self.assertEqual(AuditText.objects.get(digest=told["file"][1]["text"]).text, plan.file_name)
        ministry = Organisation.objects.get(slug="ministry")
        self.assertEqual(changes_in(event, ministry), {"name": ["Ministry A", "Ministry of A"]})
        self.assertEqual(changes_in(event, council)["slug"], [None, "council"])
        self.assertTrue(audit.verify_chain().is_whole)
        events = AuditEvent.objects.count()
        self.assertEqual(self.run_import(text).unchanged, 4)
        self.assertEqual(AuditEvent.objects.count(), events)

    def test_columns_that_a_file_lacks_stay_and_an_empty_cell_empties(self) -> None:
        self.run_import("slug,valid_to,successor\nministry,2020-12-31,agency\n")
        self.run_import("slug,successor\nministry,\n")
        ministry = Organisation.objects.get(slug="ministry")
        self.assertEqual((ministry.name, ministry.successor), ("Ministry A", None))
        self.assertEqual(str(ministry.valid_to), "2020-12-31")

    def test_whether_one_is_fictional_is_said_as_it_is_added_and_stays(self) -> None:
        told = {"ministry": "1", "office": "True", "bank": "0", "fund": ""}
        rows = "".join(f"{slug},{slug},{mark}\n" for slug, mark in told.items())
        self.run_import(f"slug,name,is_demonstration\n{rows}")
        found = dict(Organisation.objects.values_list("slug", "is_demonstration"))
        others = {"agency": False, "bank": False, "fund": False}
        self.assertEqual(found, {"ministry": False, "office": True, **others})

    def test_rows_that_are_refused(self) -> None:
        for row, words in (
            ("a b,X,other,,,", "slug: Enter a valid “slug”"),
            ("x,X,cloud,,,", "kind: “cloud” is none of: Government body, "),
            ("x,X,other,,,gone", "successor: “gone” is neither recorded nor in an earlier row."),
            ("x,X,other,,,x", "successor: “x” is neither recorded"),
            ("ministry,M,other,,,ministry", "An organisation cannot succeed itself."),
            ("x,X,other,2002-01-01,2001-12-31,", "“Exists from” must not be after"),
            ("x,X,other,soon,,", "valid_from: “soon” value has an invalid date format."),
            ("ministry,,other,,,", "name: This field cannot be blank."),
            ("x,a\u202eb,other,,,", "cannot be shown safely"),
            (",X,other,,,", "The column “slug” is empty."),
        ):
            with self.subTest(row):
                [told] = map(str, self.plan_of(f"{row}\n").rejected)
                self.assertTrue(told.startswith("Line 2: "), told)
                self.assertIn(words, told)
        twice = self.plan_of("x,X,other,,,\n", "x,Y,other,,,\n")
        self.assertIn("“x” is also in an earlier row: Line 2.", str(twice.rejected[0]))
        with self.assertRaisesMessage(TableError, "more than 2000 rows"):
            self.plan_of(*(f"x{n},X,,,,\n" for n in range(2_001)))

    def test_only_who_may_add_and_change_them(self) -> None:
        for person in (self.manager, self.auditor, self.staff):
            with self.subTest(person), self.assertRaises(NotAllowed):
                self.run_import(ROWS, person)
        for person, status in ((self.manager, 403), (self.administrator, 200)):
            with self.subTest(person):
                file = upload(ROWS.encode()).file
                shown = self.post("/areas/import/", person, move="look", file=file)
                self.assertEqual(shown.status_code, status)
        self.assertIn("Ministry of A ministry Name Ministry [added: of ] A", words_of(shown))


class AreaTests(AreaImportTestCase):
    HEAD = "code,kind,name,iso2,parent,name_fr,notes\n"

    def test_areas_and_their_parts(self) -> None:
        rows = 'FRA,Country or territory,France,FR,,France,"a\nb"\nFRA-B,part,Brittany,,FRA,,\n'
        self.run_import(self.HEAD + rows)
        part = Area.objects.get(code="FRA-B")
        self.assertEqual((part.parent.code, part.parent.kind), ("FRA", "country"))
        self.assertEqual(part.parent.notes, "a\nb")
        self.assertTrue(audit.verify_chain().is_whole)

    def test_rows_that_are_refused(self) -> None:
        for row, words in (
            ("X-1,part,P,,,,\n", "State the country that this is a part of."),
            ("XXX,country,X,KE,,,\n", "Another area has this ISO 3166-1 alpha-2 code."),
            ("XXX,country,X,x,,,\n", "ISO 3166-1 codes are two and three capital letters"),
            ("XXX,,X,,,,\n", "kind: This field cannot be blank."),
        ):
            with self.subTest(row):
                self.assertIn(words, self.told(self.HEAD + row)[0])
        both = "XXX,country,X,XX,,,\nYYY,country,Y,XX,,,\n"
        self.assertIn("Line 3: Another area has this ISO", self.told(self.HEAD + both)[0])
