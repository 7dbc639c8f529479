"""What the article says is what is loaded: figures, marks, dates, and where each stands in it."""

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale

from recommendations import names, periods
from recommendations.choices import MEASURING_RELATIONS
from recommendations.models import (
    Action,
    Area,
    AreaAlias,
    Evidence,
    EvidenceLink,
    Indicator,
    IndicatorLink,
    Observation,
    Organisation,
    Recommendation,
    Source,
    StatusUpdate,
    Target,
)
from recommendations.names import NAMED_IN
from tests import areas
from tests.article.base import ArticleTestCase

OURS, DSR = "indicator__code__startswith", "DSR-"


class AreaTests(ArticleTestCase):
    def test_every_country_of_iso_3166_and_one_that_files_name(self):
        countries = Area.objects.filter(kind="country").exclude(iso3="")
        self.assertEqual(countries.count(), 249)
        for country in countries:
            codes = f"{country.iso2} {country.iso3} {country.m49}"
            self.assertRegex(codes, "^[A-Z]{2} [A-Z]{3} [0-9]{3}$")
            self.assertEqual(country.code, country.iso3)
        namibia = Area.objects.get(iso2="NA")
        self.assertEqual((namibia.name, namibia.iso3, namibia.m49), ("Namibia", "NAM", "516"))
        others = Area.objects.filter(kind="country", iso3="")
        self.assertEqual(
            list(others.values_list("code", "name", "iso2", "m49")), [("XKX", "Kosovo", "", "")]
        )

    def test_each_has_its_names_as_cldr_has_them(self):
        cldr = {language: Locale(language).territories for language in NAMED_IN}
        for area in Area.objects.exclude(kind__in=["all", "group"]):
            territory = "XK" if area.code == "XKX" else area.iso2 or area.m49
            named = {language: getattr(area, f"name_{language}") for language in NAMED_IN}
            self.assertEqual(named, {each: cldr[each][territory] for each in NAMED_IN}, area.code)

    def test_the_table_is_as_its_generator_writes_it(self):
        rows = json.loads(areas.FILE.read_text())
        again = [{**row, "fields": areas.named(row["fields"])} for row in rows]
        self.assertEqual(areas.written(again), areas.FILE.read_text())

    def test_no_other_name_or_code_leads_to_two_areas_or_says_what_a_name_says(self):
        found = defaultdict(set)
        known = set()
        for area in Area.objects.all():
            known.add(names.key(area.name))
            for column in ("name", *(f"name_{language}" for language in NAMED_IN)):
                found["", names.key(getattr(area, column))].add(area.code)
        for alias in AreaAlias.objects.select_related("area"):
            text = alias.alias if alias.code_list else names.key(alias.alias)
            found[alias.code_list, text].add(alias.area.code)
            self.assertTrue(alias.code_list or text not in known, alias)
        found.pop(("", ""))  # Groups have no names in other languages.
        self.assertEqual({key: codes for key, codes in found.items() if len(codes) > 1}, {})

    def test_regions_of_m49_up_to_the_world(self):
        all_areas = Area.objects.in_bulk()
        self.assertEqual(Area.objects.filter(kind="region").count(), 30)
        world = Area.objects.get(code="M49-001")
        for area in all_areas.values():
            above = [area]
            while above[-1].parent_id is not None:
                above.append(all_areas[above[-1].parent_id])
                self.assertEqual(above[-1].code, f"M49-{above[-1].m49}")
            is_placed = area.kind in ("country", "region")
            self.assertEqual(above[-1], world if is_placed else area)
            self.assertLessEqual(len(above), 5 if is_placed else 1)
        kenya = Area.objects.filter(code="KEN", parent__name="Eastern Africa")
        self.assertTrue(kenya.filter(parent__parent__name="Sub-Saharan Africa").exists())

    def test_groups_of_the_article_have_no_made_up_members(self):
        groups = Area.objects.filter(kind="group")
        self.assertEqual(
            set(groups.values_list("name", flat=True)),
            {
                "Belt and Road participants",
                "Central and eastern European countries",
                "20 countries of West Asia and North Africa",
                "South Asian countries",
            },
        )
        for group in groups:
            self.assertIn("no members are recorded", group.notes)
            self.assertFalse(group.parts.exists() or group.memberships.exists())


class RecommendationTests(ArticleTestCase):
    def told(self, rows: Any, *fields: str) -> set[Any]:
        return set(rows.values_list(*fields, flat=len(fields) == 1))

    def test_the_date_of_the_source_is_inferred_and_says_why(self):
        source = Source.objects.get(slug="digital-silk-road")
        self.assertEqual(
            (source.author, source.publisher, source.language, source.reference_prefix),
            ("Liu Yushu", "", "en", "DSR"),
        )
        self.assertEqual(
            (source.published_on, source.date_precision, source.date_mark),
            (date(2019, 1, 1), "year", "inferred"),
        )
        self.assertIn("25 April", source.date_reason)
        self.assertRegex(source.text_sha256, "^[0-9a-f]{64}$")
        named = Organisation.objects.exclude(pk__in=[self.ministry.pk, self.agency.pk])
        bodies = {("cnipa", "government"), ("lanzhou-ip-tribunal", "government")}
        self.assertEqual(self.told(named, "slug", "kind"), bodies | {("huawei", "company")})

    def test_the_four_are_cited_restated_and_addressed_and_nobody_has_acted_on_them(self):
        found = Recommendation.objects.filter(source__slug="digital-silk-road")
        self.assertEqual(
            list(found.values_list("reference", "title", "modality", "nature")),
            [
                ("DSR-1", "Narrow the digital development gap", "must", "continuous"),
                ("DSR-2", "Set up product certification", "should", "time_bound"),
                (
                    "DSR-3",
                    "Integrate 5G, IoT, IPR protection and standards",
                    "should",
                    "continuous",
                ),
                (
                    *("DSR-4", "Launch a joint Digital Silk Road Initiative"),
                    *("should_jointly", "time_bound"),
                ),
            ],
        )
        for one in found:
            # The first paragraph of the section introduces the four.
            self.assertEqual(one.locator, f"Section “Going forward”, paragraph {one.number + 1}")
            self.assertEqual(one.quoted_text, "")
            self.assertTrue(one.summary and one.rationale)
            self.assertEqual([str(a) for a in one.addressees.all()], ["Belt and Road participants"])
            days = (one.published_at, one.current_update, one.target_date, one.lead)
            self.assertEqual(days, (None,) * 4)
            due = (date(2024, 3, 5), date(2024, 9, 5))
            self.assertEqual((one.opened_on, one.next_due_on), due)

    def test_steps_that_the_article_names_are_told_from_ours_and_none_is_begun(self):
        found = defaultdict(list)
        for action in Action.objects.order_by("pk"):
            number, _, name = action.slug.removeprefix("dsr-").partition("-")
            self.assertEqual(action.recommendation.reference, f"DSR-{number}")
            found[int(number), action.is_named_in_source].append(name)
            known = (action.state, action.owner, action.started_on, action.due_on, action.done_on)
            self.assertEqual(known, ("not_started", "", None, None, None))
        self.assertEqual(
            found,
            {
                (1, True): ["more-countries", "governance", "ecology", "platform", "support"],
                (1, False): ["infrastructure"],
                (2, True): ["system"],
                (2, False): ["scope", "recognition", "first-products"],
                (3, True): ["5g", "iot", "ipr", "standards", "joining-up"],
                (4, True): ["initiative", "governments", "enterprises", "differences"],
            },
        )

    EVIDENCE = {
        1: ("opening, paragraph 1", "", None),
        2: ("caption of the picture", "day", date(2018, 11, 8)),
        3: ("section “Popular initiative”, paragraph 2", "year", date(2019, 1, 1)),
        4: ("section “Joint innovation”, paragraph 1", "day", date(2019, 4, 25)),
        5: ("section “Joint innovation”, paragraph 2", "", None),
        6: ("section “Joint innovation”, paragraph 2", "", None),
        7: ("section “Joint innovation”, paragraph 3", "day", date(2018, 6, 30)),
        8: ("section “Going forward”, paragraph 2", "", None),
        9: ("section “Going forward”, paragraph 3", "year", date(2019, 1, 1)),
        10: ("section “Going forward”, paragraph 4", "year", date(2019, 1, 1)),
        11: ("section “Going forward”, paragraph 5", "year", date(2019, 1, 1)),
        12: ("section “Going forward”, paragraph 5", "year", date(2019, 1, 1)),
        13: ("section “Popular initiative”, paragraphs 1 and 2", "year", date(2019, 1, 1)),
    }

    def test_each_item_says_where_it_stands_and_its_day_as_far_as_it_is_known(self):
        self.assertEqual(Evidence.objects.count(), len(self.EVIDENCE))
        for number, (place, precision, day) in self.EVIDENCE.items():
            item = Evidence.objects.get(slug=f"dsr-e{number}")
            self.assertIn(place, item.citation)
            self.assertEqual(
                (item.effective_on, item.effective_precision), (day, precision or "unknown")
            )
            self.assertEqual((item.kind, item.visibility), ("source_passage", "public"))
            self.assertEqual((item.reliability, item.url, item.publisher), ("not_judged", "", ""))
            self.assertIsNone(item.recorded_by)

    def test_evidence_is_need_or_background_and_never_progress(self):
        found = defaultdict(set)
        for link in EvidenceLink.objects.select_related("recommendation", "evidence"):
            number = int(link.evidence.slug.removeprefix("dsr-e"))
            found[link.recommendation.reference, link.stance].add(number)
            self.assertTrue(link.why)
            self.assertEqual(link.is_placed_by_source, 8 <= number <= 12)
        self.assertEqual(
            found,
            {
                ("DSR-1", "need"): {8},
                ("DSR-1", "background"): {1, 3, 13},
                ("DSR-2", "need"): {9},
                ("DSR-3", "need"): {10},
                ("DSR-3", "background"): {5, 6, 7},
                ("DSR-4", "need"): {12},
                ("DSR-4", "background"): {2, 4, 11},
            },
        )
        self.assertFalse(StatusUpdate.objects.exists())


class IndicatorTests(ArticleTestCase):
    def test_the_seven_and_what_each_says_about_which_recommendation(self):
        found = IndicatorLink.objects.filter(**{OURS: DSR}).values_list(
            *(f"indicator__{name}" for name in ("code", "measure", "direction", "reporting")),
            *("recommendation__reference", "relation"),
        )
        self.assertEqual(
            set(found),
            {
                ("DSR-PERS", "1", "increase", "cumulative", "DSR-1", "delivery"),
                ("DSR-BRIDI", "5", "none_stated", "periodic", "DSR-1", "outcome"),
                ("DSR-DOCS", "1", "none_stated", "cumulative", "DSR-2", "context"),
                ("DSR-PAT-OUT", "1", "none_stated", "periodic", "DSR-3", "context"),
                ("DSR-PAT-IN", "1", "none_stated", "periodic", "DSR-3", "context"),
                ("DSR-IOT-TOP", "2", "none_stated", "periodic", "DSR-3", "context"),
                ("DSR-PROJ", "1", "none_stated", "periodic", "DSR-4", "context"),
            },
        )
        of_article = Indicator.objects.filter(code__startswith=DSR)
        self.assertEqual(of_article.count(), 7)
        for indicator in of_article:
            self.assertTrue(indicator.is_published)
            self.assertRegex(indicator.source, "section “.+”, paragraph [0-9]")
            self.assertIn("cited as in the article", indicator.limitations)
        # Only the first is measured.
        measured = IndicatorLink.objects.filter(relation__in=MEASURING_RELATIONS)
        self.assertEqual(
            set(measured.values_list("recommendation__reference", flat=True)), {"DSR-1"}
        )

    def test_the_one_target_has_an_assumed_end_and_no_baseline(self):
        target = Target.objects.get()
        self.assertEqual(
            (target.indicator.code, target.kind, target.period, target.value, target.mark),
            ("DSR-PERS", "target", "2024", Decimal(5000), "assumed"),
        )
        self.assertIn("The end is assumed", target.comment)
        self.assertFalse(Observation.objects.filter(indicator__code="DSR-PERS").exists())

    def test_every_figure_with_its_marks_days_and_source(self):
        found = {}
        for figure in Observation.objects.select_related("indicator", "area"):
            key = (figure.indicator.code, figure.area.code, figure.period)
            found[key] = (figure.value, figure.text, " ".join(figure.marks))
            period = periods.parse(figure.period)
            days = (period.first_day, period.last_day)
            self.assertEqual((figure.first_day, figure.last_day, figure.revision), (*days, 1))
            self.assertIn("paragraph", figure.source)
            self.assertTrue(figure.comment)
        self.assertEqual(
            found,
            {
                ("DSR-DOCS", "all", "2019"): (Decimal(150), "", "is_lower_bound"),
                ("DSR-PAT-OUT", "belt-and-road", "2017-S1"): (Decimal(2174), "", "is_derived"),
                ("DSR-PAT-OUT", "belt-and-road", "2018-S1"): (Decimal(2759), "", ""),
                ("DSR-PAT-IN", "CHN", "2017-S1"): (Decimal(2037), "", "is_derived is_assumed"),
                ("DSR-PAT-IN", "CHN", "2018-S1"): (Decimal(2681), "", ""),
                ("DSR-IOT-TOP", "all", "2019"): (Decimal(5), "", "is_approximate"),
                ("DSR-PROJ", "all", "2019"): (Decimal(8), "", ""),
                # An index in words has no numbers.
                **{
                    ("DSR-BRIDI", area, "2019"): (None, text, "is_assumed")
                    for area, text in (
                        ("belt-and-road", "On the whole in the middle"),
                        ("central-eastern-europe", "Relatively high"),
                        ("west-asia-north-africa", "A relatively large gap among the 20 countries"),
                        ("south-asia", "Much room for development"),
                    )
                },
            },
        )
        # Derived figures follow from the growth that is stated.
        for code, growth in (("DSR-PAT-OUT", "26.9"), ("DSR-PAT-IN", "31.6")):
            two = Observation.objects.filter(indicator__code=code).order_by("period")
            before, after = (figure.value or Decimal(0) for figure in two)
            exact = after / (1 + Decimal(growth) / 100)
            self.assertEqual(before, exact.to_integral_value())

    def test_statistics_of_others_are_defined_linked_as_our_choice_and_without_a_figure(self):
        public = Indicator.objects.exclude(code__startswith=DSR)
        self.assertEqual(
            set(public.values_list("code", flat=True)),
            {"IT.NET.USER.ZS", "IT.NET.BBND.P2", "IT.CEL.SETS.P2", "IP.PAT.RESD", "IP.PAT.NRES"},
        )
        for indicator in public:
            with self.subTest(indicator.code):
                self.assertEqual(indicator.vocabulary_code, indicator.code)
                self.assertEqual(indicator.direction, "none_stated")
                self.assertIn("as published by the World Bank", indicator.source)
                self.assertIn("This tracker ships no values", indicator.limitations)
                self.assertFalse(indicator.targets.exists())
        links = IndicatorLink.objects.exclude(**{OURS: DSR})
        relations = set(links.values_list("recommendation__reference", "relation"))
        self.assertEqual(relations, {("DSR-1", "outcome"), ("DSR-3", "context")})
        self.assertFalse(links.exclude(why__icontains="Added by this office").exists())
