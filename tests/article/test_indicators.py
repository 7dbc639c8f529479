"""The indicators of the article, and their values."""

from decimal import Decimal

from recommendations import periods
from recommendations.choices import MEASURING_RELATIONS
from recommendations.models import (
    Indicator,
    IndicatorLink,
    Observation,
    Target,
)
from tests.article.base import ArticleTestCase


class IndicatorTests(ArticleTestCase):
    def test_the_seven(self):
        of_article = Indicator.objects.filter(code__startswith="DSR-")
        self.assertEqual(
            set(of_article.values_list("code", "measure", "direction", "reporting")),
            {
                ("DSR-PERS", "1", "increase", "cumulative"),
                ("DSR-BRIDI", "5", "none_stated", "periodic"),
                ("DSR-DOCS", "1", "none_stated", "cumulative"),
                ("DSR-PAT-OUT", "1", "none_stated", "periodic"),
                ("DSR-PAT-IN", "1", "none_stated", "periodic"),
                ("DSR-IOT-TOP", "2", "none_stated", "periodic"),
                ("DSR-PROJ", "1", "none_stated", "periodic"),
            },
        )
        for indicator in of_article:
            self.assertTrue(indicator.is_published)
            self.assertRegex(indicator.source, "section “.+”, paragraph [0-9]")
            self.assertIn("cited as in the article", indicator.limitations)

    def test_what_each_says_about_which_recommendation(self):
        links = IndicatorLink.objects.filter(indicator__code__startswith="DSR-").values_list(
            "recommendation__reference", "indicator__code", "relation"
        )
        self.assertEqual(
            set(links),
            {
                ("DSR-1", "DSR-PERS", "delivery"),
                ("DSR-1", "DSR-BRIDI", "outcome"),
                ("DSR-2", "DSR-DOCS", "context"),
                ("DSR-3", "DSR-PAT-OUT", "context"),
                ("DSR-3", "DSR-PAT-IN", "context"),
                ("DSR-3", "DSR-IOT-TOP", "context"),
                ("DSR-4", "DSR-PROJ", "context"),
            },
        )

    def test_only_the_first_is_measured(self):
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

    def test_every_figure_with_its_marks(self):
        found = {
            (o.indicator.code, o.area.code, o.period): (o.value, tuple(o.marks))
            for o in Observation.objects.exclude(indicator__code="DSR-BRIDI")
        }
        self.assertEqual(
            found,
            {
                ("DSR-DOCS", "all", "2019"): (Decimal(150), ("is_lower_bound",)),
                ("DSR-PAT-OUT", "belt-and-road", "2017-S1"): (Decimal(2174), ("is_derived",)),
                ("DSR-PAT-OUT", "belt-and-road", "2018-S1"): (Decimal(2759), ()),
                ("DSR-PAT-IN", "CHN", "2017-S1"): (Decimal(2037), ("is_derived", "is_assumed")),
                ("DSR-PAT-IN", "CHN", "2018-S1"): (Decimal(2681), ()),
                ("DSR-IOT-TOP", "all", "2019"): (Decimal(5), ("is_approximate",)),
                ("DSR-PROJ", "all", "2019"): (Decimal(8), ()),
            },
        )

    def test_derived_figures_follow_from_the_growth_that_is_stated(self):
        for code, growth in (("DSR-PAT-OUT", "26.9"), ("DSR-PAT-IN", "31.6")):
            found = Observation.objects.filter(indicator__code=code).order_by("period")
            before, after = (o.value or Decimal(0) for o in found)
            self.assertEqual(round((after / before - 1) * 100, 1), Decimal(growth))
            exact = after / (1 + Decimal(growth) / 100)
            self.assertEqual(before, exact.to_integral_value())

    def test_an_index_in_words_has_no_numbers(self):
        found = Observation.objects.filter(indicator__code="DSR-BRIDI")
        self.assertEqual(
            dict(found.values_list("area__code", "text")),
            {
                "belt-and-road": "On the whole in the middle",
                "central-eastern-europe": "Relatively high",
                "west-asia-north-africa": "A relatively large gap among the 20 countries",
                "south-asia": "Much room for development",
            },
        )
        for observation in found:
            self.assertIsNone(observation.value)
            self.assertEqual(observation.marks, ["is_assumed"])

    def test_each_figure_has_its_days_and_its_source(self):
        for observation in Observation.objects.all():
            period = periods.parse(observation.period)
            self.assertEqual(
                (observation.first_day, observation.last_day), (period.first_day, period.last_day)
            )
            self.assertEqual(observation.revision, 1)
            self.assertIn("paragraph", observation.source)
            self.assertTrue(observation.comment)
