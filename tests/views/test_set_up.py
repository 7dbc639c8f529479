"""The set-up: its first page, and the step of the source."""

from recommendations.models import Source
from tests.views.pages import PageTestCase, words_of

PAGE = "/set-up/source/"


class SourceTests(PageTestCase):
    def test_who_opens_it(self):
        for page in ("/set-up/", PAGE):
            self.assert_turned_away(page)
            for person in (self.viewer, self.staff, self.auditor):
                self.assertEqual(self.get(page, person).status_code, 403)
            for person in (self.manager, self.administrator):
                self.assertEqual(self.get(page, person).status_code, 200)

    def test_title_and_prefix_make_a_source(self):
        response = self.post(
            PAGE, self.administrator, title="Rural Broadband Review", reference_prefix="RBR"
        )
        self.assertRedirects(response, "/set-up/people/")
        made = Source.objects.get(reference_prefix="RBR")
        self.assertEqual((made.slug, made.short_title), ("rural-broadband-review", made.title))

    def test_what_is_wrong_is_said_beside_it(self):
        for data, words in (
            ({"title": "", "reference_prefix": "RBR"}, "Enter the title of the source."),
            ({"title": "A", "reference_prefix": ""}, "Enter the prefix of the references."),
            ({"title": "A", "reference_prefix": "REP"}, "already exists"),
            ({"title": "A", "reference_prefix": "R B"}, "valid “slug”"),
            ({"title": "A", "reference_prefix": "RB", "url": "no"}, "Enter a valid URL."),
        ):
            with self.subTest(data=data):
                response = self.post(PAGE, self.administrator, **data)
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
        self.assertEqual(Source.objects.count(), 1)

    def test_a_manager_is_told_who_adds_sources(self):
        text = self.read(PAGE, self.manager)
        self.assert_words(text, "An administrator adds sources. Administrator")
        self.assert_no_words(text, "Add source")
        response = self.post(PAGE, self.manager, title="A", reference_prefix="AAA")
        self.assertEqual(response.status_code, 403)
