"""What the article says is what is loaded: figures, marks, dates, and where each stands in it."""

import hashlib
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal

from babel import Locale
from django.core import serializers

from recommendations import names, periods
from recommendations.choices import MEASURING_RELATIONS
from recommendations.management.commands.compare_quotations import LEFT_OUT, folded
from recommendations.models import (
    Action,
    Area,
    AreaAlias,
    Evidence,
    EvidenceLink,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
    Source,
    StatusUpdate,
    Target,
)
from recommendations.names import NAMED_IN
from tests import areas
from tests.article.base import FIXTURES, ArticleTestCase


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


COMPARED = {
    "10_areas.json": "eb670586e1d687a4",
    "11_area_aliases.json": "12dc235ffac440cb",
    "20_groups_and_organisations.json": "2a77df55a9a19fd7",
    "30_source.json": "fa214030581d2498",
    "40_recommendations.json": "5a3cf61b53a38f79",
    "50_evidence.json": "2569ebe17fea7c8c",
    "60_indicators.json": "ed0526a3bbfc903a",
    "65_public_statistics.json": "71822486502b10d9",
    "70_actions.json": "a691a021916e1de8",
}
"""The beginning of the SHA-256 of each file as somebody last compared it with the article, word by
word and figure by figure; or with the list that it comes from."""


QUOTED = {
    "DSR-1": ["98ba882099ed7ab5", "569591c1722c965d"],
    "DSR-2": ["056aa8af0cca781a", "204b44fc1a144df3"],
    "DSR-3": ["a071433ab0367b38"],
    "DSR-4": ["a14db6bac53c095c", "5b70d6a5e2b096f8"],
}
"""The beginning of the SHA-256 of each passage that is quoted, white space folded and ligatures
opened, as compared with the article by ``compare_quotations``."""


class FileTests(ArticleTestCase):
    def test_the_files_are_those_that_somebody_compared_with_the_article(self):
        found = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            for path in FIXTURES.glob("*.json")
        }
        self.assertEqual(found, COMPARED)

    def test_what_is_loaded_is_what_they_say(self):
        for path in FIXTURES.glob("*.json"):
            said = json.loads(path.read_text())
            objects = serializers.deserialize("json", path.read_text())
            for row, read in zip(said, objects, strict=True):
                kept = type(read.object)._default_manager.get(pk=read.object.pk)
                for name in row["fields"]:
                    field = kept._meta.get_field(name)
                    if not field.many_to_many:
                        values = [getattr(each, field.attname) for each in (kept, read.object)]
                        self.assertEqual(values[0], values[1], (path.name, name, row["fields"]))


class ArticleTests(ArticleTestCase):
    """What has to be so of the article, whatever else its files say."""

    def test_the_date_of_the_source_is_inferred_and_says_why(self):
        source = Source.objects.get(slug="digital-silk-road")
        self.assertEqual((source.published_on, source.publisher), (date(2019, 1, 1), ""))
        self.assertEqual((source.date_precision, source.date_mark), ("year", "inferred"))
        self.assertIn("25 April", source.date_reason)
        self.assertRegex(source.text_sha256, "^[0-9a-f]{64}$")

    def test_the_four_are_cited_restated_and_addressed_and_nobody_has_acted_on_them(self):
        found = Recommendation.objects.filter(source__slug="digital-silk-road")
        references = ["DSR-1", "DSR-2", "DSR-3", "DSR-4"]
        self.assertEqual([one.reference for one in found], references)
        for one in found:
            # The first paragraph of the section introduces the four.
            self.assertEqual(one.locator, f"Section “Going forward”, paragraph {one.number + 1}")
            found_parts = map(folded, one.quoted_text.split(LEFT_OUT))
            digests = [hashlib.sha256(part.encode()).hexdigest()[:16] for part in found_parts]
            self.assertEqual(digests, QUOTED[one.reference])
            self.assertTrue(one.summary and one.rationale)
            self.assertEqual([str(a) for a in one.addressees.all()], ["Belt and Road participants"])
            days = (one.published_at, one.current_update, one.target_date, one.lead)
            self.assertEqual(days, (None,) * 4)
            due = (date(2024, 3, 5), date(2024, 9, 5))
            self.assertEqual((one.opened_on, one.next_due_on), due)
        for action in Action.objects.all():
            known = (action.state, action.owner, action.started_on, action.due_on, action.done_on)
            self.assertEqual(known, ("not_started", "", None, None, None))
        self.assertFalse(StatusUpdate.objects.exists())

    def test_evidence_says_where_it_stands_and_is_need_or_background_and_never_progress(self):
        for item in Evidence.objects.all():
            self.assertRegex(item.citation, "paragraph|caption")
            self.assertEqual((item.kind, item.visibility), ("source_passage", "public"))
            self.assertEqual((item.reliability, item.url, item.publisher), ("not_judged", "", ""))
            self.assertEqual(item.effective_on is None, item.effective_precision == "unknown")
            self.assertIsNone(item.recorded_by)
        for link in EvidenceLink.objects.select_related("evidence"):
            self.assertIn(link.stance, ("need", "background"))
            self.assertTrue(link.why and link.recommendation_id)
            number = int(link.evidence.slug.removeprefix("dsr-e"))
            self.assertEqual(link.is_placed_by_source, 8 <= number <= 12 or number == 14)

    def test_only_the_first_is_measured_and_its_target_has_an_assumed_end_and_no_baseline(self):
        measured = IndicatorLink.objects.filter(relation__in=MEASURING_RELATIONS)
        self.assertEqual(
            set(measured.values_list("recommendation__reference", flat=True)), {"DSR-1"}
        )
        target = Target.objects.get()
        self.assertEqual((target.indicator.code, target.mark), ("DSR-PERS", "assumed"))
        self.assertIn("The end is assumed", target.comment)
        self.assertFalse(Observation.objects.filter(indicator__code="DSR-PERS").exists())

    def test_every_figure_has_its_days_and_source_and_derived_ones_follow_from_growth(self):
        for indicator in Indicator.objects.filter(code__startswith="DSR-"):
            self.assertTrue(indicator.is_published)
            self.assertRegex(indicator.source, "section “.+”, paragraph [0-9]")
            self.assertIn("cited as in the article", indicator.limitations)
        for figure in Observation.objects.select_related("indicator"):
            period = periods.parse(figure.period)
            days = (period.first_day, period.last_day)
            self.assertEqual((figure.first_day, figure.last_day, figure.revision), (*days, 1))
            self.assertIn("paragraph", figure.source)
            self.assertTrue(figure.comment)
            # An index in words has no numbers.
            is_worded = figure.indicator.code == "DSR-BRIDI"
            self.assertEqual((figure.value is None, bool(figure.text)), (is_worded, is_worded))
        for code, growth in (("DSR-PAT-OUT", "26.9"), ("DSR-PAT-IN", "31.6")):
            two = Observation.objects.filter(indicator__code=code).order_by("period")
            before, after = (figure.value or Decimal(0) for figure in two)
            exact = after / (1 + Decimal(growth) / 100)
            self.assertEqual(before, exact.to_integral_value())
            self.assertEqual([figure.is_derived for figure in two], [True, False])

    def test_statistics_of_others_are_defined_linked_as_our_choice_and_without_a_figure(self):
        public = Indicator.objects.exclude(code__startswith="DSR-")
        self.assertEqual(public.count(), 5)
        for indicator in public:
            with self.subTest(indicator.code):
                self.assertEqual(indicator.vocabulary_code, indicator.code)
                self.assertEqual(indicator.direction, "none_stated")
                self.assertIn("as published by the World Bank", indicator.source)
                self.assertIn("This tracker ships no values", indicator.limitations)
                self.assertFalse(indicator.observations.exists() or indicator.targets.exists())
        links = IndicatorLink.objects.filter(indicator__in=public)
        relations = set(links.values_list("recommendation__reference", "relation"))
        self.assertEqual(relations, {("DSR-1", "outcome"), ("DSR-3", "context")})
        self.assertFalse(links.exclude(why__icontains="Added by this office").exists())
