"""Links to the other pages of a list."""

from django.core.paginator import Paginator
from django.template import Context
from django.test import RequestFactory, SimpleTestCase

from recommendations.templatetags.pagination import pagination


class PaginationTests(SimpleTestCase):
    def test_links_keep_the_filters(self):
        request = RequestFactory().get("/", {"page": "2", "status": ["a b", "c"], "text": ""})
        page = Paginator(range(100), 10).page(2)
        found = pagination(Context({"request": request}), page)
        self.assertEqual(found["next"], "status=a+b&status=c&page=3")
        self.assertEqual(found["links"][0]["query"], "status=a+b&status=c&page=1")
