"""Files that describe the tables of an agency: what they may hold, and what is refused of them."""

import itertools
import os
import re
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.test import SimpleTestCase, override_settings
from hypothesis import given
from hypothesis import strategies as st

from recommendations.forms.imports import FiguresForm
from recommendations.readers import TableError
from recommendations.readers.statistics import agency_faults, statistics_formats
from recommendations.readers.statistics.agencies import KEYS, ROLES
from tests.readers.statistics.files import ReadingTestCase, fault, figure, opened

MADE_UP = """
label = { en = "Made-up Office", fr = "Office inventé" }
areas = "m49"
recognised_by = [["Territoire", "Année", "Mesure", "Chiffre"]]
ignored = ["Ligne"]
missing = ["s.o."]
decimal = ","

[roles]
area_code = ["Territoire"]
period = ["Année"]
value = ["Chiffre"]
title = ["Mesure"]
status = ["Qualité"]
status_words = ["Remarque"]
reason = ["Absence"]
scale = ["Échelle"]
unit = ["Unité"]

[codes.status]
"*EST" = { status = "E", words = "{code}" }
X = { words = "Checked twice" }

[codes.reason]
SEC = { status = "Q" }

[[dimensions]]
name = "Group"
named_by = "Groupe"
codes = ["Code du groupe", "Nom du groupe"]
"""
PARTS = '[roles]\narea_code = ["Area"]\nperiod = ["Year"]\nvalue = ["Value"]\n'
LEAST = f'label = "Made up"\nrecognised_by = [["Area", "Year", "Made up"]]\n{PARTS}'
MOMENTS = itertools.count()
HEADER = "Ligne;Territoire;Année;Mesure;Chiffre;Qualité;Remarque;Absence;Unité;Échelle;Groupe"
TABLE = f"{HEADER};Code du groupe;Sexe"


class AgencyFilesTestCase(SimpleTestCase):
    """With a folder of the office, which lies nowhere near the code."""

    def setUp(self) -> None:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.folder = Path(folder)
        self.enterContext(override_settings(AGENCIES_FOLDER=folder))

    def write(self, text: str | bytes, name: str = "made_up.toml") -> None:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        # Two files of a test may be written within what the clock of the disk tells apart.
        os.utime(path, ns=(next(MOMENTS),) * 2)


class OfficeTests(AgencyFilesTestCase, ReadingTestCase):
    def test_a_made_up_agency_is_read_by_its_file_alone(self) -> None:
        self.assertNotIn("made_up", statistics_formats())
        self.write(MADE_UP)
        self.assertEqual(agency_faults(), ())
        self.assertEqual(str(statistics_formats()["made_up"]), "Made-up Office")
        self.assertIn("made_up", dict(FiguresForm.base_fields["format"].choices))
        self.assertEqual(opened(f"{TABLE}\n").format, "made_up")
        self.assert_cases(f"""
## a value with all that is said of it
{TABLE}
1;4;2018;Made up;1.234,5;NAT_EST;;;kg;Millions;Age;15+;F
2;0009;2018;Made up;5;x;seen;;kg;Units;;;
3;148;2018;Made up;s.o.;;;sec;;;;;
4;148;2018;Made up;5;?;odd;sec;;;;;
-> code | value | status | comment | unit | dimensions | title
004 | 1234.5 | E | NAT_EST | kg (Millions) | AGE=15+|SEXE=F | Made up
0009 | 5 | - | seen | kg | - | Made up
148 | None | Q | - | - | - | Made up
148 | 5 | - | odd; sec | - | - | Made up
""")

    def test_the_example_of_the_documentation_is_one_and_every_key_is_described(self) -> None:
        text = (settings.BASE_DIR / "docs" / "import.md").read_text()
        [example] = re.findall("```toml\n(.*?)```", text, re.DOTALL)
        self.write(example, "my_office.toml")
        self.assert_cases("""
## an estimate, and words for a code
Territory,Year,Figure,Quality
TCD,2018,5,EST
TCD,2019,6,1_REV
-> code | status | comment
TCD | E | -
TCD | - | Revised: 1_REV
""")
        for name in (*KEYS, *ROLES):
            self.assertRegex(text, rf"(?m)`[^`\n]*\b{name}\b|^\W*{name}\b")

    def test_a_year_of_very_many_digits_is_none(self) -> None:
        header = "WEO Subject Code,ISO,Country,2018,Estimates Start After"
        found = figure(f"{header}\nI,TCD,Chad,5,{'9' * 5000}\n")
        self.assertEqual((found.value, found.obs_status), (5, ""))

    def test_a_file_of_the_same_name_takes_the_place_of_ours_and_a_change_counts_at_once(self):
        data = "Area,Year,Made up,Value\nChad,2018,x,5\n"
        self.write(LEAST, "undata.toml")
        self.assertEqual((opened(data).format, figure(data).value), ("undata", 5))
        told = fault("Country or Area,Year,Value\nChad,2018,5\n", format="undata")
        self.assertIn("Which column is “Area”?", told)
        self.write(LEAST.replace("Made up", "Nothing such"), "undata.toml")
        self.assertEqual(opened(data).format, "long")


class RefusedTests(AgencyFilesTestCase):
    def test_what_is_wrong_is_told_with_file_key_and_what_to_do(self) -> None:
        for text, words in (
            (f"{LEAST}unit = Unit\n", "is not valid TOML: Invalid value (at line 7, column 8)"),
            (f'{LEAST}unit = ["Unit"]\nunit = ["Unit"]\n', "not valid TOML: Cannot overwrite"),
            ("x = " + "[" * 5000, "is not valid TOML"),
            (LEAST.encode("utf-16"), "is not valid TOML: 'utf-8' codec"),
            (f"{LEAST}# é".encode("latin-1"), "is not valid TOML: 'utf-8' codec"),
            (f"title = 1\n{LEAST}", "“title” is not known. Remove it, or use one of these: label,"),
            (f'{LEAST}area = ["A"]\n', "“roles.area” is not known. Remove it"),
            (PARTS, "“label” is missing. Add it."),
            (
                f'label = ""\nrecognised_by = [["A"]]\n{PARTS}',
                "“label” is not written as it should be",
            ),
            (
                f'label = {{ fr = "A" }}\nrecognised_by = [["A"]]\n{PARTS}',
                "“label” is not written as it should be",
            ),
            (
                LEAST.replace('[["Area", "Year", "Made up"]]', '["Area"]'),
                "“recognised_by” is not written as it should be",
            ),
            (
                LEAST.replace('[["Area", "Year", "Made up"]]', "[]"),
                "“recognised_by” is not written as it should be",
            ),
            (
                LEAST.replace('["Year"]\n', '"Year"\n'),
                "“roles.period” is not written as it should be.",
            ),
            (f'{LEAST}unit = ["Unit", "%"]\n', "A header of “roles.unit” has no letter or digit."),
            (f'{LEAST}unit = ["YEAR"]\n', "“year” is listed under “roles.period” and “roles.unit”"),
            (f'{LEAST}unit = ["U", "u"]\n', "“u” is listed under “roles.unit” and “roles.unit”"),
            (
                f'ignored = ["area"]\n{LEAST}',
                "“area” is listed under “roles.area_code” and “ignored”",
            ),
            (LEAST.replace("area_code", "unit"), "“roles” needs “area_code” or “area_name”"),
            (
                LEAST.replace("value =", "unit ="),
                "“period” and “value” or, where years",
            ),
            (f'areas = "iso"\n{LEAST}', "“areas” is “iso”. Use one of these: iso3, iso2, m49,"),
            (f"decimal = 1\n{LEAST}", "“decimal” is “1”. Use one of these: ., ,."),
            (f'other_columns = "none"\n{LEAST}', "“other_columns” is “none”. Use one of these: ig"),
            (f"codes = 1\n{LEAST}", "“codes” is not written as it should be. Examples: [codes]."),
            (
                f'{LEAST}[codes]\nstatus = "E"\n',
                "“codes.status” is of no column. Add",
            ),
            (
                f'{LEAST}status = ["S"]\n[codes]\nstatus = "E"\n',
                "“codes.status” is not written as it should be",
            ),
            (
                f'{LEAST}status = ["S"]\n[codes.status]\nE = "E"\n',
                "“codes.status.E” is not written as it should be. Examples: [codes.status.E].",
            ),
            (
                f'{LEAST}status = ["S"]\n[codes.status.E]\nstatus = "Z"\n',
                "“codes.status.E.status” is “Z”. Use one of these: A, B,",
            ),
            (f"{LEAST}[dimensions]\nx = 1\n", "“dimensions” is not written as it should"),
            (f"{LEAST}[[dimensions]]\nx = 1\n", "“dimensions.x” is not known. Remove it"),
            (f'{LEAST}[[dimensions]]\nname = "A"\n', "“dimensions.codes” is missing. Add it."),
            (
                LEAST.replace('"Area", "Year", "Made up"', '"year", "country or area", "value"'),
                "“recognised_by” has the headers of undata.toml. Add a header that only one",
            ),
        ):
            with self.subTest(words):
                self.write(text)
                [told] = agency_faults()
                self.assertEqual(told[:14], "made_up.toml: ")
                self.assertIn(words, told)

    def test_a_name_that_is_none_and_what_cannot_be_read(self) -> None:
        for name in ("My Office.toml", "long.toml", "world_bank_api.toml", f"{'a' * 21}.toml"):
            self.write(LEAST, name)
            [told] = agency_faults()
            self.assertIn(f"{name}: Name the file with up to 20 small letters", told)
            self.folder.joinpath(name).unlink()
        self.folder.joinpath("made_up.toml").mkdir()
        self.assertIn("made_up.toml: The file cannot be read: IsADirectory", *agency_faults())
        for folder in ("/none/such", os.devnull):
            with override_settings(AGENCIES_FOLDER=folder):
                self.assertIn("AGENCIES_FOLDER cannot be read (", *agency_faults())
                self.assertIn("ilostat", statistics_formats())

    def test_until_it_is_right_no_format_is_detected_and_a_check_warns(self) -> None:
        """Its tables would be taken for another's, such as a plain one."""
        self.write(f"title = 1\n{LEAST}")
        data = "area,year,value\nTCD,2018,5\n"
        self.assertIn("made_up.toml: “title” is not known. Remove it", fault(data))
        self.assertEqual(figure(data, format="long").value, 5)
        self.assertIn("not a supported format", fault(data, format="made_up"))
        [warning] = run_checks(tags=[Tags.files])
        self.assertEqual((warning.id, warning.level), ("recommendations.W003", 30))
        self.assertIn("made_up.toml: “title” is not known.", warning.msg)

    @given(data=st.binary(max_size=60), at=st.integers(0, len(MADE_UP)))
    def test_any_file_is_read_or_refused(self, data: bytes, at: int) -> None:
        whole = MADE_UP.encode()
        self.write(whole[:at] + data + whole[at + len(data) :])
        self.assertLessEqual(len(agency_faults()), 1)
        try:
            opened("area,year,value\nTCD,2018,5\n")
        except TableError as error:
            self.assertIn("made_up.toml: ", str(error))
