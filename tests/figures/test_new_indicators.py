"""Indicators that a file adds with its values: as it has them, by who may, all or nothing."""

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from recommendations.actions.imports.figures import FigureOptions, FigurePlan, Obstacle
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.models import AuditEvent, ImportRun, Indicator, Observation
from tests.figures.base import PLACES, FigurePagesTestCase, FiguresTestCase
from tests.figures.files import long_csv, upload, world_bank
from tests.imports.files import xlsx_bytes
from tests.imports.run import import_figures, plan_figures
from tests.undoing import undo_import
from tests.views.pages import words_of

CODE = "XX.MADE.UP"
FILE = world_bank(
    PLACES, [2018, 2019], {("NAM", 2018): "1.25", ("KEN", 2019): "2"}, title="Use (%)"
)
SEVERAL = long_csv(
    *("NAM,2019,1,A,Apples", "KEN,2019,2,B,Pears", "NAM,2020,3,A,Apples", "KEN,2020,y,B,Pears"),
    *("KEN,2019,4,USE,Use of the thing",),
    header="iso3,period,value,indicator code,indicator name",
)
ASKED = {"definition": "Share of people who use it.", "measure": "2"}


def stated(**said: Any) -> tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]:
    return tuple((code, tuple(of.items())) for code, of in said.items())


class NewIndicatorTests(FiguresTestCase):
    def read(self, content: bytes, *indicators: Any, by: Any = None, **more: Any) -> FigurePlan:
        options = FigureOptions(indicators=indicators, **more)
        return plan_figures(upload=upload(content), by=by, options=options)

    def bring(self, content: bytes, *indicators: Any, by: Any = None, **more: Any) -> FigurePlan:
        options = FigureOptions(indicators=indicators, **more)
        by = by or self.administrator
        return import_figures(upload=upload(content), by=by, options=options)

    def test_what_the_file_says_is_taken_and_the_rest_is_asked_for(self) -> None:
        plan = self.read(FILE)
        [found] = plan.new_indicators
        made: Any = found.indicator
        self.assertEqual((made.code, made.title, made.unit), (CODE, "Use (%)", "%"))
        self.assertEqual((made.source, made.decimals), ("World Development Indicators", 2))
        self.assertEqual((made.definition, made.measure, made.vocabulary_uri), ("", "", ""))
        self.assertEqual(set(found.wrong), {"definition", "measure"})
        self.assertEqual((plan.obstacle, plan.new), (Obstacle.INCOMPLETE, 2))
        with self.assertRaises(ImportRefused):
            self.bring(FILE)
        self.assertFalse(ImportRun.objects.exists() or Indicator.objects.exclude(code="USE"))
        # Rows that differ say nothing of all; nothing stands for a code or a unit.
        mixed = long_csv("NAM,2019,1,kg", "KEN,2019,2,t", header="iso3,period,value,unit")
        [found] = self.read(mixed).new_indicators
        made = found.indicator
        self.assertEqual((made.code, made.title, made.unit), ("", "", ""))

    def test_the_sheets_of_metadata_of_a_workbook_are_read(self) -> None:
        sheets = {
            "Data": [
                ["Country Name", "Country Code", "Indicator Name", "Indicator Code", "2019"],
                ["Namibia", "NAM", "Use (%)", CODE, 4],
            ],
            "Metadata - Countries": [["Country Code", "Region"], ["NAM", "Africa"]],
            "Metadata - Indicators": [
                ["INDICATOR_CODE", "INDICATOR_NAME", "SOURCE_NOTE", "SOURCE_ORGANIZATION"],
                ["ELSE", "Else", "Not this.", "Nobody"],
                [CODE, "Use of the thing (%)", "Who uses it.", "An office"],
            ],
        }
        [found] = self.read(xlsx_bytes(sheets)).new_indicators
        made: Any = found.indicator
        self.assertEqual((made.title, made.unit), ("Use of the thing (%)", "%"))
        self.assertEqual((made.definition, made.source), ("Who uses it.", "An office"))
        self.assertEqual(set(found.wrong), {"measure"})

    def test_it_is_added_with_its_values_and_a_second_import_changes_nothing(self) -> None:
        self.bring(FILE, *stated(**{CODE: {**ASKED, "code": "OWN-1"}}))
        made = Indicator.objects.get(code="OWN-1")
        self.assertEqual((made.vocabulary_code, made.is_published), (CODE, False))
        self.assertTrue(made.asks_confirmation)
        self.assertEqual(Observation.objects.filter(indicator=made).count(), 2)
        verbs = list(AuditEvent.objects.order_by("-sequence").values_list("verb", flat=True)[:2])
        self.assertEqual(verbs, ["import_figures", "create"])
        events = AuditEvent.objects.count()
        again = self.bring(FILE)
        self.assertEqual((again.changes_anything, again.unchanged), (False, 2))
        later = FILE.replace(b"1.25", b"1.5")
        self.assertEqual((self.read(later).revised, self.read(later).new_indicators), (1, []))
        self.assertEqual(AuditEvent.objects.count(), events)
        # Undone, its values are withdrawn; the indicator stays, and takes the file again.
        undo_import(run=ImportRun.objects.get(), by=self.manager, reason="The wrong file.")
        self.assertTrue(Indicator.objects.filter(pk=made.pk).exists())
        again = self.bring(FILE)
        self.assertEqual((again.new, again.new_indicators), (2, []))

    def test_of_several_those_that_are_here_come_first_and_others_are_chosen(self) -> None:
        plan = self.read(SEVERAL, skip_rejected=True)
        self.assertEqual([each.code for each in plan.chosen_series], ["USE"])
        self.assertEqual(plan.series["A"].rows, 2)
        self.assertEqual(self.read(SEVERAL, *stated(A={}, Z={})).obstacle, Obstacle.SERIES)
        units = SEVERAL.replace(b"indicator name", b"unit")
        for unit, told in (("Plums", "“UNIT=Plums”. It has: Apples, Pears, Use of the thing."),
                           ("Pears", "")):  # fmt: skip
            plan = self.read(units, slice=(("UNIT", unit),), skip_rejected=True)
            self.assertTrue(plan.refusal.endswith(told), plan.refusal)
            self.assertEqual(plan.obstacle, Obstacle.LACKING if told else Obstacle.INCOMPLETE)
        said = {"definition": "Weight.", "measure": "1", "unit": "t"}
        chosen = stated(A=said, B=said, USE={})
        done = self.bring(SEVERAL, *chosen, skip_rejected=True)
        self.assertEqual((done.new, done.rejected), (4, 1))
        runs = ImportRun.objects.order_by("pk").values_list("indicator__code", "new", "left_out")
        self.assertEqual(list(runs), [("A", 2, 0), ("B", 1, 1), ("USE", 1, 0)])
        self.assertEqual(Indicator.objects.get(code="A").title, "Apples")
        again = self.bring(SEVERAL, skip_rejected=True)
        self.assertEqual((again.changes_anything, again.unchanged), (False, 4))
        # Nothing that is neither here nor chosen is imported.
        alone = SEVERAL.replace(b"USE,Use of the thing", b"C,Cherries")
        Indicator.objects.filter(code="USE").update(code="ELSE", title="Else")
        self.assertEqual(len(self.read(alone).chosen_series), 2)

    def test_its_own_code_counts_before_a_code_of_a_list_which_several_may_have(self) -> None:
        for code in ("P", "Q"):
            self.make_indicator(code, vocabulary_code="A")
        self.assertIsNone(self.read(SEVERAL).series["A"].indicator)
        own = self.make_indicator("A")
        self.assertEqual(self.read(SEVERAL).series["A"].indicator, own)

    def test_all_of_it_is_written_or_nothing(self) -> None:
        taken = stated(
            A={**ASKED, "unit": "t", "code": "SAME"}, B={**ASKED, "unit": "t", "code": "SAME"}
        )
        with self.assertRaises(ValidationError):
            self.bring(SEVERAL, *taken, skip_rejected=True)
        self.assertFalse(Indicator.objects.filter(code="SAME").exists())
        self.assertFalse(Observation.objects.exists())

    def test_who_may_not_add_indicators_is_told_who_may(self) -> None:
        said = stated(**{CODE: ASKED})
        for person in (self.manager, self.staff):
            with self.subTest(person.username), self.assertRaises(ImportRefused) as refused:
                self.bring(FILE, *said, by=person)
            self.assertIn("You cannot add or change indicators.", str(refused.exception))
        with self.assertRaises(PermissionDenied):
            self.bring(
                long_csv("NAM,2019,1,USE", header="iso3,period,value,indicator"),
                by=self.other_staff,
            )
        self.assertFalse(Indicator.objects.filter(code=CODE).exists())

    def test_a_part_of_a_country_is_added_once_for_all_of_them(self) -> None:
        rows = ("N,2019,1,A", "N,2019,2,B", "S,2019,3,B")
        content = long_csv(*rows, header="area,period,value,indicator")
        said = {"definition": "d", "measure": "1", "unit": "t", "title": "T"}
        self.bring(content, *stated(A=said, B=said), area="KEN", codes_are="parts")
        held = Observation.objects.order_by("value").values_list("area__code", flat=True)
        self.assertEqual(list(held), ["KEN-N", "KEN-N", "KEN-S"])

    def test_the_command_shows_what_is_asked_and_adds_it(self) -> None:
        with TemporaryDirectory() as folder:
            data, said = Path(folder) / "figures.csv", Path(folder) / "indicators.json"
            data.write_bytes(FILE)
            out = io.StringIO()
            call_command("import_observations", data, "--dry-run", stdout=out)
            text = out.getvalue()
            self.assertIn(f'"{CODE}": {{', text)
            self.assertIn("  definition: ", text)
            said.write_text(json.dumps({CODE: ASKED}))
            more = (f"--indicators={said}", "--by=administrator")
            call_command("import_observations", data, *more, stdout=out)
            self.assertEqual(Observation.objects.filter(indicator__code=CODE).count(), 2)
            said.write_text(json.dumps({CODE: {"codes": "x"}}))
            with self.assertRaises(CommandError):
                call_command("import_observations", data, *more, stdout=out)


class NewIndicatorPageTests(FigurePagesTestCase):
    def send(self, content: bytes | None = None, person: Any = None, **values: Any) -> Any:
        given: dict[str, Any] = {"move": "look", **values}
        if content is not None:
            given["file"] = SimpleUploadedFile("figures.csv", content)
        address = reverse("indicator-import")
        return self.client_for(person or self.administrator).post(address, given)

    def sent(self, shown: Any, **said: str) -> dict[str, Any]:
        """The kept file, what is ticked, and what is said of the one new indicator."""
        [(_series, new)] = shown.context["new_indicators"]
        values = {f"{new.prefix}-{name}": new[name].value() for name in new.fields}
        values |= {f"{new.prefix}-{name}": text for name, text in said.items()}
        return {"token": shown.context["token"], "chosen": [CODE], **values}

    def test_a_file_is_read_completed_and_imported(self) -> None:
        shown = self.send(FILE)
        self.assert_words(
            words_of(shown),
            "1 indicator in the file",
            "(%) New 2",
            "Not stated: Definition, Measure",
        )
        self.assertNotContains(shown, 'value="import"')
        given = self.sent(shown)
        again = self.send(**given)
        self.assertContains(again, "Enter the value.", count=1)
        given = self.sent(shown, **ASKED)
        again = self.send(**given)
        seen = again.context["plan"].digest
        done = self.send(**{**given, "move": "import", "seen": seen})
        self.assertRedirects(done, Indicator.objects.get(code=CODE).get_absolute_url())
        self.assertEqual(Observation.objects.count(), 2)
        self.assert_words(words_of(self.send(FILE)), "All rows are already recorded.")

    def test_the_same_file_is_read_with_the_choices_of_its_import(self) -> None:
        content = long_csv("N,2019,1,USE", header="area,period,value,indicator")
        options = FigureOptions(area="KEN", codes_are="parts")
        import_figures(upload=upload(content), by=self.administrator, options=options)
        shown = self.send(content)
        self.assert_words(words_of(shown), "Read with the choices", "Unchanged 1")

    def test_few_of_many_are_listed_and_others_are_found(self) -> None:
        rows = [f"NAM,2019,1,C{n},Crop {n}" for n in range(30)]
        header = "iso3,period,value,indicator code,indicator name"
        shown = self.send(long_csv(*rows, "NAM,2019,1,USE,Use of the thing", header=header))
        self.assertEqual(shown.context["series_rows"][0][0].code, "USE")
        self.assertContains(shown, 'name="chosen"', count=11)
        found = self.send(token=shown.context["token"], chosen=["USE"], words="crop 29")
        self.assertEqual([each.code for each, _ in found.context["series_rows"]], ["USE", "C29"])
        many = self.send(token=shown.context["token"], chosen=[f"C{n}" for n in range(11)])
        self.assertContains(many, "Choose at most 10 indicators at once.", status_code=400)

    def test_who_may_not_add_sees_who_may_and_readers_have_no_page(self) -> None:
        shown = self.send(FILE, self.manager)
        self.assert_words(words_of(shown), "Administrators add new", "You cannot add or change")
        self.assertEqual(shown.context["new_indicators"], [])
        for person in (self.viewer, self.auditor):
            self.assertEqual(self.send(FILE, person).status_code, 403)

    def test_a_file_of_another_indicator_leads_there(self) -> None:
        page = reverse("figure-import", args=["USE"])
        file = SimpleUploadedFile("figures.csv", FILE)
        shown = self.client_for(self.administrator).post(page, {"move": "look", "file": file})
        self.assertContains(shown, reverse("indicator-import"))
        again = self.send(token=shown.context["token"])
        self.assert_words(words_of(again), "Not stated: Definition, Measure")
