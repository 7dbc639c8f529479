"""Filters are made cheaply for each request; what one request does to its own, no other sees."""

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import RequestFactory, SimpleTestCase

from recommendations.filters.indicators import FigureFilter
from recommendations.filters.recommendations import RecommendationFilter
from recommendations.models import Area, Observation


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
