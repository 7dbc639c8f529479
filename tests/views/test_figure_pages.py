"""Recording a value on its page, its evidence, and the page on which a file of values comes in.

What is read of a file and what is refused of it is tests/figures and tests/readers.
"""

import re
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse

from recommendations.models import EvidenceLink, ImportRun, IndicatorLink, Observation, StagedImport
from tests.edits import observe
from tests.figures.files import long_csv
from tests.undoing import undo_import
from tests.views.pages import PageTestCase, words_of
from tests.views.test_imports import run_line

EXACT = "12345678901234567.123456"
USE = "/indicators/USE/"
NEW, IMPORT = f"{USE}figures/new/", f"{USE}import/"
GOOD = long_csv("NAM,2019,12.5", "KEN,2019,20")
BUTTON = 'value="import"'


class FigureCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.area = cls.make_area()
        cls.namibia = cls.make_area("NAM", name="Namibia", kind="country", iso2="NA", iso3="NAM")
        cls.kenya = cls.make_area("KEN", name="Kenya", kind="country", iso2="KE", iso3="KEN")
        cls.indicator = cls.make_indicator("USE")
        link = {"recommendation": cls.recommendation, "relation": "outcome"}
        IndicatorLink.objects.create(indicator=cls.indicator, **link)

    def observe(self, value: str, period: str = "2020", **values: Any) -> Observation:
        area = values.pop("area", self.area)
        return observe(self.indicator, area, period, value, self.manager, **values)

    def hidden(self, answer: Any, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
        self.assertIsNotNone(found, name)
        return found[1] if found else ""


class FormTests(FigureCase):
    def send(self, **values: Any) -> Any:
        given = {"area": self.area.pk, "period": "2020", "obs_status": "A", **values}
        return self.post(NEW, self.staff, **given)

    def test_a_figure_with_all_its_digits_and_what_it_is_worth(self):
        terms = {"numerator": "1.50", "denominator": "0.10", "is_disagreeing": "on"}
        words = {"source": "The office", "comment": "First."}
        what = {"obs_status": "P", "is_derived": "on", "dimensions": "sex=F | Age=Y15T24"}
        response = self.send(value=EXACT, period="q3 2020", **what, **terms, **words)
        made = Observation.objects.get()
        self.assertRedirects(response, reverse("figure-evidence", args=[made.pk]))
        kept = (made.value, made.numerator, made.denominator)
        self.assertEqual([str(each) for each in kept], [EXACT, "1.50", "0.10"])
        self.assertEqual((made.period, made.dimensions), ("2020-Q3", "AGE=Y15T24|SEX=F"))
        self.assertEqual((made.obs_status, made.marks), ("P", ["is_derived"]))
        self.assertEqual((made.source, made.comment), ("The office", "First."))
        self.assertEqual((made.recorded_by, made.revision), (self.staff, 1))
        self.assert_words(self.read(USE, self.viewer), f"{Decimal(EXACT):,}")

    def test_what_cannot_be_read_keeps_what_was_typed(self):
        for typed, words in (
            ({"value": "1,234"}, "is not a number with a decimal point"),
            ({"period": "soon"}, "soon"),
            ({"dimensions": "women"}, "is not a dimension. Use the format SEX=F"),
            ({"area": "0"}, "Select a valid choice"),
            ({"comment": "\x00"}, ""),
            ({"obs_status": "M"}, "A missing value has no number."),
            ({"value": ""}, "Enter a number or words, or choose the status “Missing value”."),
        ):
            with self.subTest(words):
                response = self.send(**{"value": "7", "source": "Kept words", **typed})
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
                self.assertContains(response, "Kept words", status_code=400)
        self.assertFalse(Observation.objects.exists())

    def test_a_figure_that_stands_is_shown_and_revised_only_as_it_was_seen(self):
        self.observe("10")
        asked = self.send(value="12", source="A newer book")
        self.assertEqual(asked.status_code, 409)
        self.assert_words(
            words_of(asked),
            "This value is already recorded Your value for All areas, 2020, becomes revision 2. "
            "Current value: 10 persons Recorded by",
            "Record as revision 2",
        )
        self.assertContains(asked, "A newer book", status_code=409)
        seen = self.hidden(asked, "seen")
        # What was seen of one is not seen of another, and nothing else confirms.
        self.observe("5", "2021")
        wrong = ("1", "1@", "x@y", "9" * 30, f"2@{self.area.pk}|2020|", "-1")
        for period, sent in (("2021", seen), *(("2020", each) for each in wrong)):
            self.assertEqual(self.send(value="12", period=period, seen=sent).status_code, 409, sent)
        self.observe("11", comment="Their reason.")
        refused = self.send(value="12", seen=seen)
        self.assertEqual(refused.status_code, 409)
        told = "Another person recorded this value meanwhile", "Current value: 11 persons"
        self.assert_words(words_of(refused), *told)
        self.assertEqual(Observation.objects.count(), 3)
        self.send(value="12", seen=self.hidden(refused, "seen"))
        newest = Observation.objects.latest_revisions().get(period="2020")
        self.assertEqual((newest.revision, newest.value), (3, Decimal(12)))

    def test_who_is_offered_it(self):
        self.observe("1")
        for person in (self.staff, self.manager, self.administrator):
            self.assert_words(self.read(USE, person), "Record value")
        for outsider in (self.other_staff, self.viewer):
            self.assert_no_words(self.read(USE, outsider), "Record value", "Add evidence")


class EvidenceTests(FigureCase):
    ITEM = {"evidence-title": "Yearbook", "evidence-citation": "Page 9"}

    def test_an_item_is_added_and_taken_away_but_not_under_what_was_revised(self):
        figure = self.observe("10")
        page = reverse("figure-evidence", args=[figure.pk])
        bad = self.post(page, self.staff, **{"evidence-title": "Yearbook"})
        self.assertContains(bad, "Yearbook", status_code=400)
        self.assertFalse(EvidenceLink.objects.exists())
        self.post(page, self.staff, **self.ITEM)
        link = EvidenceLink.objects.get()
        self.assertEqual((link.observation, link.stance), (figure, "supports"))
        self.assert_words(self.read(page, self.staff), "Supports Yearbook Internal")
        self.assert_words(self.read(USE, self.staff), "Evidence (1)")
        self.post(reverse("figure-evidence-remove", args=[figure.pk, link.pk]), self.staff)
        self.assert_words(self.read(page, self.staff), "No evidence is linked")
        self.observe("11")
        response = self.post(page, self.staff, **self.ITEM)
        self.assertEqual(response.status_code, 409)
        told = "This value was revised. Add evidence to the current revision."
        self.assert_words(words_of(response), told)


class ImportCase(FigureCase):
    def send(self, content: bytes | None, person: Any = None, **values: str) -> Any:
        sent: dict[str, Any] = {"move": "look", **values}
        if content is not None:
            sent["file"] = SimpleUploadedFile("our figures.csv", content)
        return self.client_for(person or self.staff).post(IMPORT, sent)

    def bring(self, shown: Any, person: Any = None, **values: str) -> Any:
        """Import what was shown."""
        given = {name: self.hidden(shown, name) for name in ("token", "seen")}
        return self.send(None, person, move="import", **given, **values)

    def assert_held(self, shown: Any, *words: str) -> str:
        """The page says this, and offers no import; gives the name of the kept file."""
        self.assert_words(words_of(shown), *words)
        self.assertNotContains(shown, BUTTON)
        return self.hidden(shown, "token")


class ImportTests(ImportCase):
    def test_looked_at_then_brought_in(self) -> None:
        shown = self.send(GOOD, source="An office")
        self.assert_words(words_of(shown), "Preview New 2 Revised 0")
        given = {"source": "Customs"}
        first = self.bring(shown, **given)
        told = "You changed entries after the preview. Check this new preview, then confirm."
        self.assertContains(first, told, status_code=409)
        self.assertFalse(Observation.objects.exists())
        self.assertRedirects(self.bring(first, **given), self.indicator.get_absolute_url())
        run = ImportRun.objects.get()
        self.assertEqual((Observation.objects.count(), run.new, run.source), (2, 2, "Customs"))
        again = self.send(GOOD)
        self.assert_held(again, "All rows are already recorded. There is no data to import.")
        rounded = self.send(long_csv("NAM,2019,12.46", "KEN,2019,20"))
        same = "Revised 0 Unchanged 1 Same at the precision given 1", "Namibia, 2019"
        self.assert_held(rounded, *same)

    def test_one_screen_names_columns_and_parts_and_one_part_is_meant(self) -> None:
        content = long_csv("NAM,2019,1,F", "NAM,2019,2,_T", header="iso3,period,value,sex")
        shown = self.send(content)
        self.assert_words(
            words_of(shown),
            "Recognised as “Plain table” by the columns “iso3”, “period”, “value”.",
            "Columns of the file Column Taken as Examples iso3 Area NAM period Period 2019",
            "sex Dimension Not read F _T",
            "_T alone, as the value (1 row)",
        )
        part = {"slice-SEX": "_T"}
        again = self.send(None, token=self.hidden(shown, "token"), **part)
        self.assert_words(words_of(again), "New 1 Revised 0", "1 row of another part is skipped.")
        self.assertContains(again, '<option value="_T" selected>')
        self.bring(again, **part)
        found = Observation.objects.get()
        self.assertEqual((found.value, found.dimensions), (2, ""))
        wrong = self.send(content, **{"slice-SEX": "x" * 3000})
        self.assertEqual(wrong.status_code, 400)

    def test_the_next_file_with_these_columns_is_read_alike(self) -> None:
        head, reread = "iso3,year,sex,rate,people", "Read with the choices of the last import"
        first = long_csv("NAM,2019,F,1,7", "NAM,2019,_T,2,8", header=head)
        reason = {"reason": "It is the rate."}
        choices = {"value_column": "rate", "slice-SEX": "_T", **reason}
        self.bring(self.send(first, **choices), **choices)
        self.assertEqual(Observation.objects.get().value, 2)
        second = long_csv("KEN,2020,F,3,7", "KEN,2020,_T,4,8", header=head)
        again = self.send(second, **reason)
        self.assert_words(words_of(again), "New 1 Revised 0", reread)
        for chosen in ('<option value="_T" selected>', 'value="rate"'):
            self.assertContains(again, chosen)
        # Other columns, other choices of the person, and an import that was undone: none of it.
        other = self.send(long_csv("KEN,2020,F,3", header="iso3,year,sex,rate"))
        own = self.send(second, value_column="people", reason="It is something else.")
        for shown in (other, own):
            self.assert_no_words(words_of(shown), "Read with the choices")
        undo_import(run=ImportRun.objects.get(), by=self.manager, reason="The wrong file.")
        self.assertEqual(self.send(second).status_code, 400)

    def test_a_reason_a_tick_and_what_is_left_out_are_asked_for_with_the_kept_file(self) -> None:
        content = long_csv("NAM,2019,-4,%", "Kenia,2018,3,%", header="iso3,period,value,unit")
        token = self.assert_held(
            self.send(content),
            "The file contradicts the indicator. Choose another file or indicator",
            "Line 2: the unit in the file is “%”, that of the indicator “persons”.",
            "Reason for importing it all the same",
            "Values that are not plausible, or of an area with two names (1) Details "
            "Line 2: NAM, 2019: -4 is negative.",
            *("I checked these values: import them", "First: Line 3", "Suggestion: Kenya"),
        )
        given = {"reason": "Mistaken unit", "is_accepting_doubts": "on", "is_leaving_out": "on"}
        for name in given:
            some = {other: value for other, value in given.items() if other != name}
            self.assert_held(self.send(None, token=token, **some))
        done = self.bring(self.send(None, token=token, **given), **given)
        self.assertRedirects(done, self.indicator.get_absolute_url())
        self.assertEqual(ImportRun.objects.get().left_out, 1)
        # What was shown was shown with a reason: without one it is not what was shown.
        again = self.send(content.replace(b"-4", b"-5"), **given)
        self.assertEqual(self.bring(again).status_code, 409)
        self.assertEqual(Observation.objects.count(), 1)

    def test_somebody_who_was_quicker_is_told_of(self) -> None:
        shown = self.send(GOOD)
        self.observe("19", "2019", area=self.kenya)
        late = self.bring(shown)
        self.assertEqual(late.status_code, 409)
        told = "Records changed since the preview. Check the preview again.", "Revised 1"
        self.assert_words(words_of(late), *told)
        self.assertEqual(Observation.objects.count(), 1)

    def test_a_file_that_is_broken_not_there_or_not_theirs(self) -> None:
        token = self.hidden(self.send(GOOD), "token")
        for answer, words in (
            (self.send(None), "Choose a file"),
            (self.send(b""), "empty"),
            (self.send(b"\xff\xd8\xff\xe0JFIF\x00"), "figures.csv"),
            (
                self.send(b"a;b\nc;d\n"),
                "The format is not recognised. A table needs columns such as “area”, “period” "
                "and “value”. Name the columns so in the first row, or download the data as CSV.",
            ),
            (self.send(None, self.manager, token=token), ""),
            (self.send(None, token="made-up"), ""),
        ):
            with self.subTest(words):
                self.assertEqual(answer.status_code, 400)
                self.assert_words(words_of(answer), words)
                self.assertNotContains(answer, "Preview", status_code=400)
        self.make_indicator("OTHER")
        other = self.post("/indicators/OTHER/import/", self.manager, token=token)
        self.assertEqual(other.status_code, 400)
        self.assertFalse(Observation.objects.exists())

    @override_settings(AGENCIES_FOLDER="/none/such")
    def test_files_of_agencies_that_are_wrong_are_told_and_a_stated_format_is_read(self) -> None:
        answer = self.send(GOOD)
        self.assertEqual(answer.status_code, 400)
        self.assert_words(words_of(answer), "AGENCIES_FOLDER cannot be read (FileNotFoundError)")
        self.assert_words(words_of(self.send(GOOD, format="long")), "Preview New 2")


@override_settings(IMPORT_PAGE_MAX_VALUES=1)
class LimitTests(ImportCase):
    """A file that is too much for a page: it checks it, and gives the line that imports it."""

    def test_the_line_imports_the_kept_file_as_the_page_was_told(self) -> None:
        choices = {"source": "An office; “ours”", "vintage": "2020-01-31", "decimal": "."}
        shown = self.send(GOOD, self.manager, is_leaving_out="on", **choices)
        token = self.assert_held(shown, "Import too large for this page", "New 2")
        # No more is written where the page is asked all the same.
        seen = shown.context["plan"].digest
        refused = self.send(None, self.manager, move="import", token=token, seen=seen)
        self.assertEqual(refused.status_code, 409)
        told = "The file is too large for this page. Use the import command."
        self.assert_words(words_of(refused), told)
        self.assertFalse(Observation.objects.exists() or StagedImport.objects.exists())
        words, said = run_line(shown)
        self.assertEqual(words[:2], ["manage.py", "import_observations"])
        self.assertIn("Imported.", said)
        done = ImportRun.objects.get()
        self.assertEqual((done.file_name, done.by, done.new), ("our figures.csv", self.manager, 2))
        self.assertEqual((done.source, str(done.vintage)), (choices["source"], choices["vintage"]))
