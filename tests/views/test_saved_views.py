"""Filters of the list that people keep, share, change and remove on pages."""

from recommendations.models import SavedView
from tests.views.pages import PageTestCase

LIST = "/recommendations/"
VIEWS = "/recommendations/views/"
FILTER = "?sort=title&flag=no_date&page=1&source=&unknown=1"
CANONICAL = "sort=title&flag=no_date"


class SavedViewPageCase(PageTestCase):
    def save(self, person=None, name="No date", **data):
        return self.post(f"{VIEWS}new/{FILTER}", person or self.staff, name=name, **data)

    def view(self) -> SavedView:
        return SavedView.objects.latest("pk")


class SaveTests(SavedViewPageCase):
    def test_what_the_filter_asks_is_kept_and_no_more(self):
        answer = self.save()
        self.assertEqual(self.view().query, CANONICAL)
        self.assertRedirects(answer, f"{LIST}?{CANONICAL}")
        page = self.read(f"{VIEWS}{self.view().pk}/", self.staff)
        self.assert_words(page, "Edit view: No date", "No target date after 180 days")

    def test_without_a_valid_filter_or_a_new_name_nothing_is_saved(self):
        for query in ("", "?page=2", "?confidence=no", "?text=%00", "?due_from=x"):
            path = f"{VIEWS}new/{query}"
            with self.subTest(query):
                self.assert_words(self.read(path, self.staff), "No filter to save")
                self.assertEqual(self.post(path, self.staff, name="A name").status_code, 400)
        self.save()
        for name in ("No date", " ", "x" * 81):
            with self.subTest(name=name[:9]):
                self.assertEqual(self.save(name=name).status_code, 400)
        self.assertEqual(SavedView.objects.count(), 1)

    def test_managers_alone_share(self):
        for person, may_share in ((self.manager, True), (self.staff, False)):
            page = self.get(f"{VIEWS}new/{FILTER}", person).content.decode()
            self.assertEqual("is_shared" in page, may_share)
            self.save(person, is_shared="on")
            self.assertEqual(self.view().is_shared, may_share)


class ListTests(SavedViewPageCase):
    """The list is drawn once for many readers; the views of each are their own all the same."""

    def test_each_reader_finds_their_own_views_and_shared_ones(self):
        self.save(self.viewer, "Of the viewer")
        self.save(self.manager, "Of all", is_shared="on")
        other = self.viewer.__class__.objects.create(username="other_viewer")
        other.groups.set(self.viewer.groups.all())
        for person, own in ((self.viewer, True), (other, False), (self.viewer, True)):
            words = self.read(LIST, person)
            self.assert_words(words, "Of all", "Manage saved views")
            (self.assert_words if own else self.assert_no_words)(words, "Of the viewer")
        with self.settings(PUBLIC_PAGES=True):
            self.assert_no_words(self.read(LIST), "Saved views", "Of all")
        SavedView.objects.update(query="status=former&lead=99999")
        response = self.get(self.view().get_absolute_url(), self.manager)
        self.assertContains(response, "one of the filters is invalid", status_code=400)

    def test_the_current_view_is_marked_and_a_filter_can_be_saved(self):
        self.save()
        html = self.get(f"{LIST}?{CANONICAL}", self.staff).content.decode()
        self.assertIn('aria-current="page">No date</a>', html)
        self.assertNotIn("Save view", html)
        html = self.get(
            f"{LIST}{FILTER.replace('no_date', 'no_lead')}", self.staff
        ).content.decode()
        self.assertIn(f"{VIEWS}new/?sort=title&amp;flag=no_lead", html)
        self.assertNotIn("Save view", self.read(LIST, self.staff))


class ManageTests(SavedViewPageCase):
    def setUp(self):
        super().setUp()
        self.save()
        self.path = f"{VIEWS}{self.view().pk}/"

    def test_it_is_renamed_and_removed_after_confirmation(self):
        self.post(self.path, self.staff, name="Without a date", version=1)
        self.assert_words(self.read(VIEWS, self.staff), "Without a date")
        self.assertEqual(self.post(self.path, self.staff, name="Old", version=1).status_code, 409)
        self.assert_words(self.read(f"{self.path}remove/", self.staff), "Remove view")
        self.assertIsNone(self.view().removed_at)
        self.post(f"{self.path}remove/", self.staff)
        self.assert_words(self.read(VIEWS, self.staff), "No saved views yet")
        for path in (self.path, f"{self.path}remove/"):
            self.assert_led_back(path, VIEWS, self.staff)
            self.assertEqual(self.get(path, self.other_staff).status_code, 404)

    def test_the_views_of_others_are_not_found(self):
        for person in (self.other_staff, self.manager, self.administrator, self.viewer):
            for path in (self.path, f"{self.path}remove/"):
                self.assertEqual(self.get(path, person).status_code, 404)
                self.assertEqual(self.post(path, person, name="Mine").status_code, 404)
        SavedView.objects.update(is_shared=True)
        self.assertEqual(self.get(self.path, self.viewer).status_code, 404)
        self.assertEqual(self.get(self.path, self.manager).status_code, 200)
