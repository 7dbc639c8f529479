"""Which area a file means: certain, or a person is asked; never guessed."""

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from recommendations.choices import CodeList
from recommendations.models import Area, AreaAlias
from recommendations.queries.areas import CANDIDATES, AreaMatcher
from tests.article.base import ArticleTestCase


class MatchTests(ArticleTestCase):
    """Over the whole table, as an office has it."""

    book: AreaMatcher

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.book = AreaMatcher()
        cls.codes = dict(Area.objects.values_list("pk", "code"))

    def found(self, **asked: str) -> str:
        match = self.book.match(**asked)
        return self.codes[match.area] if match.area is not None else ""

    def candidates(self, **asked: str) -> list[str]:
        match = self.book.match(**asked)
        self.assertIsNone(match.area)
        return [candidate.code for candidate in match.candidates]

    def test_the_code_of_namibia_is_a_code(self) -> None:
        for asked in ({"code": "NA"}, {"code": "NA", "code_list": "iso2"}, {"name": "NA"}):
            self.assertEqual(self.found(**asked), "NAM", asked)

    def test_every_area_by_each_of_its_codes_and_names(self) -> None:
        for area in Area.objects.all():
            for code_list in ("code", "iso2", "iso3", "m49"):
                if code := getattr(area, code_list):
                    own = CodeList.OWN.value if code_list == "code" else code_list
                    self.assertEqual(self.found(code=code, code_list=own), area.code)
                    self.assertEqual(self.found(code=code), area.code)
            for language in ("", "_ar", "_zh", "_fr", "_ru", "_es"):
                if name := getattr(area, f"name{language}"):
                    self.assertEqual(self.found(name=name), area.code)
                    self.assertEqual(self.found(name=name.upper()), area.code)

    def test_usual_spellings(self) -> None:
        for code, spellings in {
            "VNM": "Viet Nam|Vietnam|VIETNAM",
            "TUR": "Türkiye|Turkiye|Turkey",
            "KOR": "Korea, Rep.|Republic of Korea|Korea, Republic of|South Korea",
            "PRK": "Korea, Dem. People's Rep.|Korea (Democratic People's Republic of)|North Korea",
            "IRN": "Iran, Islamic Rep.|Iran (Islamic Republic of)|Iran",
            "COD": "Congo, Dem. Rep.|Democratic Republic of the Congo|DR Congo",
            "COG": "Congo, Rep.|Congo - Brazzaville|Congo",
            "CIV": "Côte d'Ivoire|Cote d'Ivoire|Côte d’Ivoire|Ivory Coast",
            "HKG": "Hong Kong SAR, China|China, Hong Kong SAR|Hong Kong",
            "MAC": "Macao SAR, China|Macau",
            "CZE": "Czechia|Czech Republic",
            "SWZ": "Eswatini|Swaziland",
            "CPV": "Cabo Verde|Cape Verde",
            "MKD": "North Macedonia|Macedonia, FYR",
            "GMB": "Gambia, The|The Gambia|Gambia",
            "BHS": "Bahamas, The|Bahamas",
            "STP": "Sao Tome and Principe|São Tomé & Príncipe",
            "VCT": "St. Vincent and the Grenadines|Saint Vincent and the Grenadines",
            "VEN": "Venezuela, RB|Venezuela (Bolivarian Republic of)",
            "EGY": "Egypt, Arab Rep.|Egypt",
            "LAO": "Lao PDR|Lao People's Democratic Republic|Laos",
            "PSE": "West Bank and Gaza|State of Palestine",
            "USA": "United States|United States of America|USA|U.S.",
            "GBR": "United Kingdom|UK|United Kingdom of Great Britain and Northern Ireland",
            "DEU": "Germany|Allemagne|Alemania|Германия|德国|ألمانيا",
            "XKX": "Kosovo",
            "M49-001": "World",
        }.items():
            for name in spellings.split("|"):
                with self.subTest(name):
                    self.assertEqual(self.found(name=name), code)

    def test_codes_that_lists_have_for_themselves(self) -> None:
        for code_list, codes in {
            "world_bank": "ROM=ROU ZAR=COD TMP=TLS XKX=XKX WLD=M49-001 NAM=NAM",
            "owid": "OWID_KOS=XKX OWID_WRL=M49-001 KEN=KEN",
            "eurostat": "EL=GRC UK=GBR DE=DEU",
            "m49": "4=AFG 004=AFG",
            "iso3": "ken=KEN",
            "own": "belt-and-road=belt-and-road",
        }.items():
            for code, expected in (each.split("=") for each in codes.split()):
                with self.subTest(code, code_list=code_list):
                    self.assertEqual(self.found(code=code, code_list=code_list), expected)
                    self.assertEqual(self.found(code=code), expected)
        for code_list, code in (("iso3", "NA"), ("iso2", "NAM"), ("iso3", "EL"), ("m49", "NAM")):
            self.assertEqual(self.found(code=code, code_list=code_list), "", "in its list alone")

    def test_what_is_only_like_a_name_is_proposed_with_how_alike_it_is(self) -> None:
        for name, code in (
            ("Untied States", "USA"),
            ("Germny", "DEU"),
            ("Republic of Kenya", "KEN"),
            ("Kingdom of Norway", "NOR"),
            ("Phillipines", "PHL"),
        ):
            with self.subTest(name):
                found = self.candidates(name=name)
                self.assertEqual(found[0], code)
                self.assertLessEqual(len(found), CANDIDATES)
        [first, *others] = self.book.match(name="Republic of Kenya").candidates
        self.assertEqual((first.code, first.name, first.likeness), ("KEN", "Kenya", 1.0))
        self.assertTrue(all(other.likeness < 1.0 for other in others))

    def test_a_code_and_a_name(self) -> None:
        ssf = {"code": "SSF", "name": "Sub-Saharan Africa"}
        for asked, proposed in (
            ({"name": "Qwghlm"}, []),
            ({"code": "A12"}, []),
            ({}, []),
            # Without Northern Ireland it is another area.
            ({"name": "Great Britain"}, []),
            # They disagree.
            ({"code": "CH", "name": "China"}, ["CHE", "CHN"]),
            # What its list lacks is not made good by a name.
            ({**ssf, "code_list": "world_bank"}, ["M49-202"]),
            (ssf, ["M49-202"]),
            ({"code": "X1", "name": "Kenya", "code_list": "iso3"}, ["KEN"]),
        ):
            with self.subTest(asked):
                self.assertEqual(sorted(self.candidates(**asked)), proposed)
        # A name that is not known does not stand against a code, nor a number of the file.
        self.assertEqual(self.found(code="KEN", name="The land of Kenya"), "KEN")
        self.assertEqual(self.found(code="row-17", name="Kenya"), "KEN")

    def test_one_that_was_taken_out_leads_nowhere(self) -> None:
        AreaAlias.objects.filter(alias="Turkey").update(
            removed_at=timezone.now(), removed_by=self.manager
        )
        self.assertIsNone(AreaMatcher().match(name="Turkey").area)

    def test_a_name_of_two_areas_is_asked_about(self) -> None:
        kenya, chad = Area.objects.filter(code__in=["KEN", "TCD"])
        AreaAlias.objects.create(area=kenya, alias="The Plain")
        AreaAlias.objects.create(area=chad, alias="plain")
        match = AreaMatcher().match(name="Plain")
        self.assertIsNone(match.area)
        self.assertEqual({c.area for c in match.candidates}, {kenya.pk, chad.pk})

    def test_any_text_is_matched_or_asked_about(self) -> None:
        lists = st.sampled_from(["", *CodeList.values])

        @given(code=st.text(max_size=20), name=st.text(max_size=40), code_list=lists)
        def holds(code: str, name: str, code_list: str) -> None:
            match = self.book.match(code=code, name=name, code_list=code_list)
            self.assertTrue(match.area is None or not match.candidates)
            self.assertLessEqual(len(match.candidates), CANDIDATES)
            likeness = [candidate.likeness for candidate in match.candidates]
            self.assertEqual(likeness, sorted(likeness, reverse=True))

        holds()
