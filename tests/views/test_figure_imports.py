"""The page on which a file of figures is brought in."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from recommendations.actions import indicators
from recommendations.actions.imports.figures import undo_import
from recommendations.models import ImportRun, Indicator, IndicatorLink, Observation
from tests.figures.files import long_csv
from tests.views.pages import PageTestCase, words_of

PAGE = "/indicators/USE/import/"
GOOD = long_csv("NAM,2019,12.5", "KEN,2019,20")


class FigureImportTests(PageTestCase):
    indicator: Indicator

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator("USE")
        IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.indicator, relation="outcome"
        )
        cls.namibia = cls.make_area("NAM", name="Namibia", kind="country", iso2="NA", iso3="NAM")
        cls.kenya = cls.make_area("KEN", name="Kenya", kind="country", iso2="KE", iso3="KEN")

    def send(self, content: bytes | None, person: Any = None, **values: str) -> Any:
        sent: dict[str, Any] = {"move": "look", **values}
        if content is not None:
            sent["file"] = SimpleUploadedFile("figures.csv", content)
        return self.client_for(person or self.staff).post(PAGE, sent)

    def hidden(self, answer: Any, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]+)"', answer.content.decode())
        self.assertIsNotNone(found, name)
        return found[1] if found else ""

    def test_looked_at_then_brought_in(self) -> None:
        shown = self.send(GOOD, source="An office")
        self.assertEqual(shown.status_code, 200)
        self.assert_words(words_of(shown), "Preview New 2 Revised 0")
        self.assertFalse(Observation.objects.exists())
        done = self.send(
            None,
            move="import",
            token=self.hidden(shown, "token"),
            seen=self.hidden(shown, "seen"),
            source="An office",
        )
        self.assertRedirects(done, self.indicator.get_absolute_url())
        self.assertEqual((Observation.objects.count(), ImportRun.objects.get().new), (2, 2))

    def test_one_screen_names_columns_and_parts_and_one_part_is_meant(self) -> None:
        content = long_csv("NAM,2019,1,F", "NAM,2019,2,_T", header="iso3,period,value,sex")
        shown = self.send(content)
        self.assert_words(
            words_of(shown),
            "Recognised as “Plain table” by the columns “iso3”, “period”, “value”.",
            "Columns of the file Column Taken as Examples iso3 Area NAM period Period 2019",
            "sex Dimension F _T",
            "_T alone, as the value (1 row)",
        )
        part = {"slice-SEX": "_T", "token": self.hidden(shown, "token")}
        again = self.send(None, **part)
        self.assert_words(words_of(again), "New 1 Revised 0", "1 row of another part is skipped.")
        self.assertContains(again, '<option value="_T" selected>')
        seen = self.hidden(again, "seen")
        self.send(None, **{**part, "move": "import", "seen": seen})
        found = Observation.objects.get()
        self.assertEqual((found.value, found.dimensions), (2, ""))
        wrong = self.send(None, **{**part, "slice-SEX": "x" * 300})
        self.assertEqual(wrong.status_code, 400)

    def test_the_next_file_with_these_columns_is_read_alike(self) -> None:
        head = "iso3,year,sex,rate,people"
        first = long_csv("NAM,2019,F,1,7", "NAM,2019,_T,2,8", header=head)
        choices = {"value_column": "rate", "slice-SEX": "_T", "reason": "It is the rate."}
        shown = self.send(first, **choices)
        done = {"token": self.hidden(shown, "token"), "seen": self.hidden(shown, "seen")}
        self.send(None, move="import", **choices, **done)
        self.assertEqual(Observation.objects.get().value, 2)
        second = long_csv("KEN,2020,F,3,7", "KEN,2020,_T,4,8", header=head)
        again = self.send(second, reason="It is the rate.")
        self.assert_words(
            words_of(again), "New 1 Revised 0", "Read with the choices of the last import"
        )
        self.assertContains(again, '<option value="_T" selected>')
        self.assertContains(again, 'value="rate"')
        # Other columns, other choices of the person, and an import that was undone: none of it.
        other = self.send(long_csv("KEN,2020,F,3", header="iso3,year,sex,rate"))
        self.assert_no_words(words_of(other), "Read with the choices")
        own = self.send(second, value_column="people", reason="It is something else.")
        self.assert_no_words(words_of(own), "Read with the choices")
        undo_import(run=ImportRun.objects.get(), by=self.manager, reason="The wrong file.")
        self.assertEqual(self.send(second).status_code, 400)

    def test_areas_are_shown_and_what_the_file_leaves_open_is_asked_and_remembered(self) -> None:
        content = b"Year,Region,GeoCode,Value\n2020,,,5\n2020,Erongo,KE,4\n"
        shown = self.send(content, self.manager)
        self.assert_words(
            words_of(shown),
            "The file does not state the area of 1 value. Choose the area that the file is about.",
            "Area that the file is about",
            "2 areas to check In the file Area Identified by Values No area Not imported",
            "KE Erongo Not imported Code whose list is not stated 1",
        )
        self.assertNotContains(shown, 'value="import"')
        choices = {"area": "NAM", "codes_are": "parts", "token": self.hidden(shown, "token")}
        again = self.send(None, self.manager, **choices)
        self.assert_words(
            words_of(again),
            "1 area identified",
            "No area Namibia (NAM) The area that you state 1",
            "KE Erongo Erongo (NAM-KE) Added as a part of Namibia 1",
        )
        self.assertContains(again, '<option value="parts" selected>')
        seen = self.hidden(again, "seen")
        self.send(None, self.manager, move="import", seen=seen, **choices)
        held = set(Observation.objects.values_list("area__code", flat=True))
        self.assertEqual(held, {"NAM", "NAM-KE"})
        later = self.send(content.replace(b"2020", b"2021"), self.manager)
        self.assert_words(
            words_of(later),
            "Read with the choices of the last import",
            "KE Erongo Erongo (NAM-KE) Part of Namibia, as you state 1",
        )
        undo = self.client_for(self.manager).get(
            f"{ImportRun.objects.get().get_absolute_url()}undo/"
        )
        self.assert_words(words_of(undo), "1 area that this import added stays.")

    def test_who_may_not_add_areas_is_told_who_may(self) -> None:
        content = b"Year,Region,GeoCode,Value\n2020,Erongo,KE,4\n"
        shown = self.send(content, self.staff, area="NAM", codes_are="parts")
        self.assert_words(words_of(shown), "Only managers and administrators may add areas.")
        self.assertNotContains(shown, 'value="import"')

    def test_all_areas_cannot_be_chosen(self) -> None:
        self.make_area("all")
        refused = self.send(b"Year,Value\n2020,5\n", area="all")
        self.assertEqual(refused.status_code, 400)
        found = self.client_for(self.staff).get("/pick/file-areas/", {"q": "all"})
        self.assertNotIn("All areas", found.content.decode())

    def test_the_same_again_is_nothing_to_do(self) -> None:
        self.test_looked_at_then_brought_in()
        again = self.send(GOOD)
        self.assert_words(
            words_of(again), "All rows are already recorded. There is no data to import."
        )
        self.assertNotContains(again, 'value="import"')

    def test_a_file_of_something_else_comes_in_with_a_reason_and_odd_values_once_checked(
        self,
    ) -> None:
        content = long_csv("NAM,2019,-4,%", header="iso3,period,value,unit")
        shown = self.send(content)
        self.assert_words(
            words_of(shown),
            "The file contradicts the indicator. Choose another file or indicator",
            "Line 2: the unit in the file is “%”, that of the indicator “persons”.",
            "Reason for importing it all the same",
            "1 value outside the plausible range Line 2: NAM, 2019: -4 is negative.",
            "I checked these values: import them",
        )
        self.assertNotContains(shown, 'value="import"')
        token = self.hidden(shown, "token")
        half = self.send(None, token=token, reason="Persons, by mistake in percent")
        self.assert_words(words_of(half), "1 value outside the plausible range")
        self.assertNotContains(half, 'value="import"')
        given = {"token": token, "reason": "Mistaken unit", "is_accepting_doubts": "on"}
        whole = self.send(None, **given)
        done = self.send(None, move="import", seen=self.hidden(whole, "seen"), **given)
        self.assertRedirects(done, self.indicator.get_absolute_url())
        # What was shown was shown with a reason: without one it is not what was shown.
        again = self.send(content.replace(b"-4", b"-5"), **{**given, "token": ""})
        without = self.send(
            None, move="import", seen=self.hidden(again, "seen"), token=self.hidden(again, "token")
        )
        self.assertEqual(without.status_code, 409)
        self.assertEqual(Observation.objects.count(), 1)

    def test_a_value_that_is_the_same_at_the_precision_given_stays_and_is_shown_with_both(
        self,
    ) -> None:
        self.test_looked_at_then_brought_in()
        shown = self.send(long_csv("NAM,2019,12.46", "KEN,2019,20"))
        self.assert_words(
            words_of(shown), "Revised 0 Unchanged 1 Same at the precision given 1", "Namibia, 2019"
        )
        self.assertNotContains(shown, 'value="import"')

    def test_what_cannot_be_brought_in_is_told_with_its_line_and_left_out_on_request(self) -> None:
        bad = GOOD + b"Kenia,2018,3\nKEN,soon,4\n"
        shown = self.send(bad)
        self.assert_words(words_of(shown), "Kenia", "First: Line 4", "Suggestion: Kenya", "Line 5:")
        self.assertNotContains(shown, 'value="import"')
        token = self.hidden(shown, "token")
        # The file need not be chosen again.
        again = self.send(None, token=token, is_leaving_out="on")
        done = self.send(
            None,
            move="import",
            token=token,
            seen=self.hidden(again, "seen"),
            is_leaving_out="on",
        )
        self.assertEqual(done.status_code, 302)
        self.assertEqual(ImportRun.objects.get().left_out, 2)

    def test_somebody_who_was_quicker_is_told_of(self) -> None:
        shown = self.send(GOOD)
        indicators.observe(
            indicator=self.indicator, area=self.kenya, period="2019", by=self.manager,
            values={"value": "19"},
        )  # fmt: skip
        late = self.send(
            None, move="import", token=self.hidden(shown, "token"), seen=self.hidden(shown, "seen")
        )
        self.assertEqual(late.status_code, 409)
        self.assert_words(
            words_of(late),
            "Records changed since the preview. Check the preview again.",
            "Revised 1",
        )
        self.assertEqual(Observation.objects.count(), 1)

    def test_a_file_that_is_broken_or_not_there(self) -> None:
        for content, words in (
            (None, "Choose a file"),
            (b"", "empty"),
            (b"\xff\xd8\xff\xe0JFIF\x00", "figures.csv"),
            (
                b"a;b\n1;2\n",
                "The format is not recognised. A table needs columns such as “area”, “period” "
                "and “value”. Name the columns so in the first row, or download the data as CSV.",
            ),
        ):
            with self.subTest(words):
                answer = self.send(content)
                self.assertEqual(answer.status_code, 400)
                self.assertNotContains(answer, "Preview", status_code=400)
        self.assertFalse(Observation.objects.exists())

    def test_a_file_of_somebody_else_or_of_another_indicator_is_not_theirs(self) -> None:
        token = self.hidden(self.send(GOOD), "token")
        self.assertEqual(self.send(None, self.manager, token=token).status_code, 400)
        self.assertEqual(self.send(None, token="made-up").status_code, 400)
        self.make_indicator("OTHER")
        other = self.client_for(self.manager).post("/indicators/OTHER/import/", {"token": token})
        self.assertEqual(other.status_code, 400)

    def test_who_may(self) -> None:
        for person, status in (
            (self.staff, 200),
            (self.manager, 200),
            (self.administrator, 200),
            (self.other_staff, 403),
            (self.viewer, 403),
            (self.auditor, 403),
            (self.stranger, 403),
        ):
            with self.subTest(person.username):
                self.assertEqual(self.get(PAGE, person).status_code, status)
                if status == 403:
                    self.assertEqual(self.send(GOOD, person).status_code, 403)
        with override_settings(PUBLIC_PAGES=True):
            self.assertEqual(self.client_for(None).post(PAGE).status_code, 302)
        self.assertEqual(self.get("/indicators/NONE/import/", self.staff).status_code, 404)
