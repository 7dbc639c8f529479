"""Filters are made cheaply for each request; what one request does to its own, no other sees."""

import re
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import RequestFactory, SimpleTestCase
from django.utils.datastructures import MultiValueDict

from recommendations.filters.lists import FigureFilter
from recommendations.filters.recommendations import RecommendationFilter
from recommendations.forms.indicators import GapForm
from recommendations.models import Area, Observation
from recommendations.pickers import MOST_FOUND


class FilterFormTests(SimpleTestCase):
    def made(self, **asked: str) -> RecommendationFilter:
        data = QueryDict(mutable=True)
        data.update(asked)
        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        return RecommendationFilter(data, request=request)

    def test_what_one_filter_does_to_its_own_form_and_methods_no_other_sees(self) -> None:
        first, second = self.made(nature="continuous"), self.made()
        first.form.fields["text"].help_text = "Mine"
        first.form["status"].field.widget.attrs["class"] = "mine"
        self.assertEqual(second.form.fields["text"].help_text, "")
        self.assertNotIn("mine", str(second.form["status"]))
        self.assertNotIn("Mine", str(self.made().form["text"]))
        for each in (first, second):
            for name in ("flag", "archived"):
                self.assertIs(each.filters[name].filter.f.parent, each)
        self.assertTrue(first.form.is_bound)
        self.assertEqual(first.form["nature"].value(), "continuous")
        self.assertIsNone(second.form["nature"].value())


class ListedChoicesTests(SimpleTestCase):
    """Choices that a page reads anyway: all of a hundred, of more what is chosen and found."""

    def areas(self, count: int, asked: str = "") -> Any:
        areas = [Area(code=f"A{n}", name=f"Area {n:03}") for n in range(count)]
        for area in areas:
            area.shown_name = area.name
        queryset = Observation.objects.none()
        return FigureFilter(QueryDict(asked), queryset=queryset, areas=areas).form

    def labels(self, bound: Any) -> list[str]:
        return re.findall(r"<option[^>]*>([^<]+)<", str(bound))

    def test_a_hundred_are_all_there_and_of_more_the_first_and_those_that_are_chosen(self) -> None:
        html = str(self.areas(100)["area"])
        self.assertEqual(html.count("<option"), 100)
        self.assertTrue(html.startswith('<select name="area" size="6"'))
        self.assertNotIn("Area", str(self.areas(0)["area"]))  # those of one filter alone
        form = self.areas(101, "area=A77&area=A99")
        self.assertEqual(form["area"].value(), ["A77", "A99"])
        self.assertEqual(self.labels(form["area"])[:3], ["Area 077", "Area 099", "Area 000"])
        self.assertEqual(len(self.labels(form["area"])), 2 + MOST_FOUND)
        for asked, is_valid in (("area=A100", True), ("area=A101", False)):
            self.assertEqual(self.areas(101, asked).is_valid(), is_valid)

    def test_words_find_others(self) -> None:
        form = self.areas(400, "area-words=AREA+05&area=A77")
        found = ["Area 005", *(f"Area {n:03}" for n in range(50, 60))]
        self.assertEqual(self.labels(form["area"])[:12], ["Area 077", *found])
        self.assertIn("The first 20", str(self.areas(400, "area-words=area")["area"]))
        self.assertIn("No results.", str(self.areas(400, "area-words=xyzzy")["area"]))

    def test_indicators_and_groups_of_the_gap(self) -> None:
        kinds = ("Indicator", "Group", "Country")
        indicators, groups, countries = (
            [(f"{kind[0]}{n}", f"{kind} {n:03}") for n in range(150)] for kind in kinds
        )
        asked = {"indicator": ["I120"], "group-words": ["group 14"], "indicator-words": [""]}
        data = MultiValueDict({**asked, "country": ["C7", "C120"]})
        form = GapForm(data, indicators=indicators, groups=groups, countries=countries)
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data["country"], ["C7", "C120"])
        self.assertEqual(form.cleaned_data["indicator"], "I120")
        of_words = ["Group 014", "Group 114", *(f"Group {n}" for n in range(140, 150))]
        for name, labels in (
            ("country", ["Country 007", "Country 120"]),
            ("indicator", ["Indicator 120", "Indicator 000"]),
            ("group", ["All countries with data", *of_words]),
        ):
            self.assertEqual(self.labels(form[name])[: len(labels)], labels)
        self.assertEqual(len(self.labels(form["group"])), 13)
        self.assertTrue(form.is_narrowed)
