"""Filters are made cheaply for each request; what one request does to its own, no other sees."""

import re

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import RequestFactory, SimpleTestCase
from django.utils.datastructures import MultiValueDict

from recommendations.filters.indicators import FigureFilter
from recommendations.filters.recommendations import RecommendationFilter
from recommendations.forms.indicators import GapForm
from recommendations.models import Area, Observation
from recommendations.pickers.rows import MOST_FOUND


class FilterFormTests(SimpleTestCase):
    def made(self, **asked):
        data = QueryDict(mutable=True)
        data.update(asked)
        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        return RecommendationFilter(data, request=request)

    def test_a_field_that_is_changed_is_changed_in_one_form_alone(self):
        first, second = self.made(), self.made()
        first.form.fields["text"].help_text = "Mine"
        first.form["status"].field.widget.attrs["class"] = "mine"
        self.assertEqual(second.form.fields["text"].help_text, "")
        self.assertNotIn("mine", str(second.form["status"]))
        self.assertNotIn("Mine", str(self.made().form["text"]))

    def test_choices_that_are_given_are_those_of_one_filter_alone(self):
        area = Area(code="CHE", name="Switzerland")
        area.shown_name = area.name
        given = FigureFilter(QueryDict(), queryset=Observation.objects.none(), areas=[area])
        other = FigureFilter(QueryDict(), queryset=Observation.objects.none())
        self.assertIn("Switzerland", str(given.form["area"]))
        self.assertNotIn("Switzerland", str(other.form["area"]))

    def test_methods_are_those_of_the_filter_that_is_asked(self):
        first, second = self.made(nature="continuous"), self.made()
        for name in ("flag", "archived"):
            self.assertIs(first.filters[name].filter.f.parent, first)
            self.assertIs(second.filters[name].filter.f.parent, second)
        self.assertTrue(first.form.is_bound)
        self.assertEqual(first.form["nature"].value(), "continuous")
        self.assertIsNone(second.form["nature"].value())


class ListedChoicesTests(SimpleTestCase):
    """Choices that a page reads anyway: all of a hundred, of more what is chosen and found."""

    def areas(self, count, asked=""):
        areas = [Area(code=f"A{n}", name=f"Area {n:03}") for n in range(count)]
        for area in areas:
            area.shown_name = area.name
        queryset = Observation.objects.none()
        return FigureFilter(QueryDict(asked), queryset=queryset, areas=areas).form

    def labels(self, bound):
        return re.findall(r"<option[^>]*>([^<]+)<", str(bound))

    def test_a_hundred_are_all_there(self):
        html = str(self.areas(100)["area"])
        self.assertEqual(html.count("<option"), 100)
        self.assertTrue(html.startswith('<select name="area" size="6"'))

    def test_of_more_the_first_are_there_and_those_that_are_chosen(self):
        form = self.areas(101, "area=A77&area=A99")
        self.assertEqual(form["area"].value(), ["A77", "A99"])
        self.assertEqual(self.labels(form["area"])[:3], ["Area 077", "Area 099", "Area 000"])
        self.assertEqual(len(self.labels(form["area"])), 2 + MOST_FOUND)
        self.assertTrue(form.is_valid())

    def test_words_find_others(self):
        form = self.areas(400, "area-words=AREA+05&area=A77")
        found = ["Area 005", *(f"Area {n:03}" for n in range(50, 60))]
        self.assertEqual(self.labels(form["area"])[:12], ["Area 077", *found])
        self.assertIn("The first 20", str(self.areas(400, "area-words=area")["area"]))
        self.assertIn("No results.", str(self.areas(400, "area-words=xyzzy")["area"]))

    def test_any_of_them_can_be_chosen_and_no_other(self):
        self.assertTrue(self.areas(400, "area=A399").is_valid())
        self.assertFalse(self.areas(400, "area=A400").is_valid())

    def test_indicators_and_groups_of_the_gap(self):
        indicators = [(f"I{n}", f"Indicator {n:03}") for n in range(150)]
        groups = [(f"G{n}", f"Group {n:03}") for n in range(150)]
        data = {"indicator": "I120", "group-words": "group 14", "indicator-words": ""}
        countries = [(f"C{n}", f"Country {n:03}") for n in range(150)]
        data = MultiValueDict({name: [value] for name, value in data.items()})
        data.setlist("country", ["C7", "C120"])
        form = GapForm(data, indicators=indicators, groups=groups, countries=countries)
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data["country"], ["C7", "C120"])
        self.assertEqual(self.labels(form["country"])[:2], ["Country 007", "Country 120"])
        self.assertEqual(form.cleaned_data["indicator"], "I120")
        self.assertEqual(self.labels(form["indicator"])[:2], ["Indicator 120", "Indicator 000"])
        of_words = ["Group 014", "Group 114", *(f"Group {n}" for n in range(140, 150))]
        found = ["All countries with data", *of_words]
        self.assertEqual(self.labels(form["group"]), found)
        self.assertTrue(form.is_narrowed)
