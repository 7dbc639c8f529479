"""What the article says is what is loaded: figures, marks, dates, and where each stands in it."""

import json
from collections import defaultdict
from datetime import date

from babel import Locale

from recommendations import names
from recommendations.choices import CLAIMS_OF_EFFECT
from recommendations.models import (
    Action,
    Area,
    AreaAlias,
    Evidence,
    EvidenceLink,
    Indicator,
    IndicatorLink,
    Organisation,
    Recommendation,
    Source,
    StatusUpdate,
)
from recommendations.names import NAMED_IN
from tests import areas
from tests.article.base import ArticleTestCase


class AreaTests(ArticleTestCase):
    def test_every_country_of_iso_3166(self):
        countries = Area.objects.filter(kind="country").exclude(iso3="")
        self.assertEqual(countries.count(), 249)
        for country in countries:
            self.assertRegex(country.iso2, "^[A-Z]{2}$")
            self.assertRegex(country.iso3, "^[A-Z]{3}$")
            self.assertRegex(country.m49, "^[0-9]{3}$")
            self.assertEqual(country.code, country.iso3)

    def test_one_place_that_files_name_is_in_neither_list(self):
        others = Area.objects.filter(kind="country", iso3="")
        self.assertEqual(
            list(others.values_list("code", "name", "iso2", "m49")), [("XKX", "Kosovo", "", "")]
        )

    def test_each_has_its_names_as_cldr_has_them(self):
        for area in Area.objects.exclude(kind__in=["all", "group"]):
            territory = "XK" if area.code == "XKX" else area.iso2 or area.m49
            for language in NAMED_IN:
                with self.subTest(area.code, language=language):
                    expected = Locale(language).territories[territory]
                    self.assertEqual(getattr(area, f"name_{language}"), expected)

    def test_the_table_is_as_its_generator_writes_it(self):
        rows = json.loads(areas.FILE.read_text())
        again = [{**row, "fields": areas.named(row["fields"])} for row in rows]
        self.assertEqual(areas.written(again), areas.FILE.read_text())

    def test_no_other_name_or_code_leads_to_two_areas(self):
        found = defaultdict(set)
        for area in Area.objects.all():
            for column in ("name", *(f"name_{language}" for language in NAMED_IN)):
                found["", names.key(getattr(area, column))].add(area.code)
        for alias in AreaAlias.objects.select_related("area"):
            text = alias.alias if alias.code_list else names.key(alias.alias)
            found[alias.code_list, text].add(alias.area.code)
        found.pop(("", ""))  # Groups have no names in other languages.
        self.assertEqual({key: codes for key, codes in found.items() if len(codes) > 1}, {})

    def test_no_other_name_says_what_the_names_say_already(self):
        known = {names.key(area.name) for area in Area.objects.all()}
        for alias in AreaAlias.objects.filter(code_list=""):
            self.assertNotIn(names.key(alias.alias), known)

    def test_the_code_of_namibia_is_a_code(self):
        namibia = Area.objects.get(iso2="NA")
        self.assertEqual((namibia.name, namibia.iso3, namibia.m49), ("Namibia", "NAM", "516"))

    def test_regions_of_m49_up_to_the_world(self):
        areas = Area.objects.in_bulk()
        self.assertEqual(Area.objects.filter(kind="region").count(), 30)
        world = Area.objects.get(code="M49-001")
        for area in areas.values():
            if area.kind not in ("country", "region"):
                self.assertIsNone(area.parent_id)
                continue
            steps = 0
            while area.parent_id is not None:
                area = areas[area.parent_id]
                self.assertEqual(area.code, f"M49-{area.m49}")
                steps += 1
            self.assertEqual(area, world)
            self.assertLessEqual(steps, 4)
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
            self.assertFalse(group.parts.exists())
            self.assertFalse(group.memberships.exists())
        self.assertEqual(Area.objects.get(kind="all").code, "all")


class SourceTests(ArticleTestCase):
    def test_the_date_is_inferred_and_says_why(self):
        source = Source.objects.get(slug="digital-silk-road")
        self.assertEqual(source.author, "Liu Yushu")
        self.assertEqual(source.publisher, "")
        self.assertEqual(source.published_on, date(2019, 1, 1))
        self.assertEqual((source.date_precision, source.date_mark), ("year", "inferred"))
        self.assertIn("25 April", source.date_reason)
        self.assertRegex(source.text_sha256, "^[0-9a-f]{64}$")
        self.assertEqual((source.language, source.reference_prefix), ("en", "DSR"))

    def test_bodies_that_the_article_names(self):
        named = Organisation.objects.exclude(pk__in=[self.ministry.pk, self.agency.pk])
        self.assertEqual(
            set(named.values_list("slug", "kind")),
            {
                ("cnipa", "government"),
                ("lanzhou-ip-tribunal", "government"),
                ("huawei", "company"),
            },
        )


class RecommendationTests(ArticleTestCase):
    def test_the_four(self):
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
                    "DSR-4",
                    "Launch a joint Digital Silk Road Initiative",
                    "should_jointly",
                    "time_bound",
                ),
            ],
        )

    def test_each_is_cited_and_restated_and_addressed(self):
        for number in (1, 2, 3, 4):
            one = self.one(number)
            # The first paragraph of the section introduces the four.
            self.assertEqual(one.locator, f"Section “Going forward”, paragraph {number + 1}")
            self.assertEqual(one.quoted_text, "")
            self.assertTrue(one.summary)
            self.assertTrue(one.rationale)
            self.assertEqual([str(a) for a in one.addressees.all()], ["Belt and Road participants"])

    def test_nobody_has_acted_on_them(self):
        for number in (1, 2, 3, 4):
            one = self.one(number)
            self.assertIsNone(one.published_at)
            self.assertIsNone(one.current_update)
            self.assertIsNone(one.target_date)
            self.assertIsNone(one.lead)
            self.assertEqual(one.opened_on, date(2024, 3, 5))
            self.assertEqual(one.next_due_on, date(2024, 9, 5))


class ActionTests(ArticleTestCase):
    def test_steps_that_the_article_names_are_told_from_ours(self):
        found = defaultdict(list)
        for action in Action.objects.order_by("pk"):
            number = int(action.recommendation.reference.removeprefix("DSR-"))
            name = action.slug.removeprefix(f"dsr-{number}-")
            found[number, action.is_named_in_source].append(name)
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

    def test_nothing_is_known_of_how_far_they_are(self):
        for action in Action.objects.all():
            self.assertEqual((action.state, action.owner), ("not_started", ""))
            self.assertEqual((action.started_on, action.due_on, action.done_on), (None,) * 3)


class EvidenceTests(ArticleTestCase):
    def test_need_and_background(self):
        found = defaultdict(set)
        links = EvidenceLink.objects.values_list(
            "recommendation__reference", "stance", "evidence__slug"
        )
        for reference, stance, slug in links:
            found[reference, stance].add(int(slug.removeprefix("dsr-e")))
        self.assertFalse(EvidenceLink.objects.filter(why="").exists())
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

    def test_what_the_article_itself_places(self):
        placed = EvidenceLink.objects.filter(is_placed_by_source=True)
        self.assertEqual(
            set(placed.values_list("evidence__slug", flat=True)),
            {"dsr-e8", "dsr-e9", "dsr-e10", "dsr-e11", "dsr-e12"},
        )

    def test_each_says_where_it_stands_in_the_text(self):
        places = {
            1: "opening, paragraph 1",
            2: "caption of the picture",
            3: "section “Popular initiative”, paragraph 2",
            4: "section “Joint innovation”, paragraph 1",
            5: "section “Joint innovation”, paragraph 2",
            6: "section “Joint innovation”, paragraph 2",
            7: "section “Joint innovation”, paragraph 3",
            8: "section “Going forward”, paragraph 2",
            9: "section “Going forward”, paragraph 3",
            10: "section “Going forward”, paragraph 4",
            11: "section “Going forward”, paragraph 5",
            12: "section “Going forward”, paragraph 5",
            13: "section “Popular initiative”, paragraphs 1 and 2",
        }
        self.assertEqual(Evidence.objects.count(), len(places))
        for number, place in places.items():
            item = Evidence.objects.get(slug=f"dsr-e{number}")
            self.assertIn(place, item.citation)
            self.assertEqual(item.kind, "source_passage")
            self.assertEqual((item.visibility, item.reliability), ("public", "not_judged"))
            self.assertEqual((item.url, item.publisher), ("", ""))
            self.assertIsNone(item.recorded_by)

    def test_days_as_far_as_they_are_known(self):
        known = {
            2: (date(2018, 11, 8), "day"),
            4: (date(2019, 4, 25), "day"),
            7: (date(2018, 6, 30), "day"),
            **{number: (date(2019, 1, 1), "year") for number in (3, 9, 10, 11, 12, 13)},
        }
        for number in range(1, 14):
            item = Evidence.objects.get(slug=f"dsr-e{number}")
            self.assertEqual(
                (item.effective_on, item.effective_precision), known.get(number, (None, "unknown"))
            )

    def test_articles_own_evidence_counts_as_need_or_background_never_as_progress(self):
        self.assertFalse(StatusUpdate.objects.exists())
        self.assertFalse(EvidenceLink.objects.exclude(stance__in=["need", "background"]).exists())
        self.assertFalse(EvidenceLink.objects.filter(recommendation__isnull=True).exists())
        claims = Recommendation.objects.filter(
            current_update__implementation_status__in=CLAIMS_OF_EFFECT
        )
        self.assertFalse(claims.exists())


class PublicStatisticsTests(ArticleTestCase):
    """Definitions of what others publish, to compare participants by; without any figure."""

    def test_they_are_defined_and_no_figure_of_theirs_is_shipped(self):
        public = Indicator.objects.exclude(code__startswith="DSR-")
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
                self.assertFalse(indicator.observations.exists())
                self.assertFalse(indicator.targets.exists())

    def test_what_they_are_for_is_our_choice_and_says_so(self):
        links = IndicatorLink.objects.exclude(indicator__code__startswith="DSR-")
        relations = set(links.values_list("recommendation__reference", "relation"))
        self.assertEqual(relations, {("DSR-1", "outcome"), ("DSR-3", "context")})
        self.assertFalse(links.exclude(why__icontains="Added by this office").exists())
