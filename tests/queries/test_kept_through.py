"""What is kept while only progress is reported: it holds that long, and no longer."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations import audit
from recommendations.filters.base import ListFilter, RowFilter
from recommendations.models import AuditEvent, Organisation, SavedView, StatusUpdate
from recommendations.pickers.rows import first_options
from recommendations.queries.cache import Drawing
from recommendations.queries.kept_through import (
    PROGRESS,
    ListedRows,
    kept_through_progress,
    since_it_shows_the_same,
    version_of_set_up,
)
from recommendations.queries.version import Version, set_version, version_of
from tests.views.pages import PageTestCase


class KeptThroughTests(PageTestCase):
    def setUp(self):
        super().setUp()
        self.computed = 0

    def ask(self):
        """What is kept, as the next request asks for it."""
        set_version(self.manager, version_of("default"))
        return kept_through_progress(
            "something", self.compute, person=self.manager, audience="those who test"
        )

    def compute(self):
        self.computed += 1
        return self.computed

    def happen(self, model):
        happen(self.manager, model)

    def test_progress_leaves_it_and_anything_else_does_not(self):
        self.happen(StatusUpdate)
        self.assertEqual(self.ask(), 1)
        for model in PROGRESS:
            with self.subTest(model.__name__):
                self.happen(model)
                self.assertEqual(self.ask(), 1)
        for n, other in enumerate((Organisation, SavedView, AuditEvent), start=2):
            with self.subTest(other.__name__):
                self.happen(StatusUpdate)
                self.happen(other)
                self.happen(StatusUpdate)
                self.assertEqual(self.ask(), n)

    def test_of_a_record_that_a_backup_put_back_nothing_holds(self):
        """The numbers of events are given out again there; their hashes are not."""
        self.happen(StatusUpdate)
        last = version_of("default").sequence
        set_version(self.manager, Version(last, "what stood there before"))
        kept_through_progress(
            "something", self.compute, person=self.manager, audience="those who test"
        )
        self.happen(StatusUpdate)
        self.assertEqual(self.ask(), 2)

    def test_a_request_that_reads_an_older_moment_gets_nothing_of_a_later_one(self):
        """A copy of the database is read as of the beginning of the request, beside others."""
        self.happen(StatusUpdate)
        older = version_of("default")
        self.happen(Organisation)
        self.assertEqual(self.ask(), 1)
        set_version(self.manager, older)
        self.assertEqual(version_of_set_up(self.manager), older.hash)

    def test_what_filters_offer_reads_nothing_of_progress(self):
        tables = [model._meta.db_table for model in (*PROGRESS, AuditEvent)]
        filters = [each for each in subclasses(ListFilter) if row_filters(each)]
        self.assertTrue(filters)
        for person in (self.staff, self.manager, self.viewer):
            for each in filters:
                pickers = [entry.picker for entry in row_filters(each)]
                with CaptureQueriesContext(connection) as asked:
                    first_options((picker, picker.rows(person, {})) for picker in pickers)
                statement = asked[-1]  # the first may ask for the roles
                for table in tables:
                    with self.subTest(each.__name__, table=table):
                        self.assertNotIn(f'"{table}"', statement["sql"])


class FirstVersionTests(PageTestCase):
    """A list is drawn anew where it shows something else, and only there."""

    def setUp(self):
        super().setUp()
        self.another = self.make_recommendation("Another")
        self.shown = ListedRows((self.recommendation.pk,), ("one in all",))

    def ask(self, audience="those who test", version=None):
        version = version or version_of("default")
        set_version(self.manager, version)
        drawing = Drawing("rows", audience, version.hash, ("here",))
        return since_it_shows_the_same(drawing, lambda: self.shown, self.manager).version

    def test_progress_on_another_recommendation_leaves_it(self):
        first = self.ask()
        for model in PROGRESS:
            with self.subTest(model.__name__):
                happen(self.manager, model, self.another)
                with CaptureQueriesContext(connection) as asked:
                    self.assertEqual(self.ask(), first)
                # The version, that progress alone was reported, and that no row was touched.
                self.assertEqual(len(asked), 3)

    def test_what_a_list_shows_makes_it_another(self):
        changes = {
            "a row was touched": lambda: happen(self.manager, StatusUpdate, self.recommendation),
            "something else was recorded": lambda: happen(self.manager, Organisation),
            "other rows": lambda: self.show((self.another.pk, self.recommendation.pk)),
            "something beside them": lambda: self.show((self.another.pk,), "two in all"),
        }
        for what, change in changes.items():
            with self.subTest(what):
                before = self.ask()
                change()
                happen(self.manager, StatusUpdate)
                self.assertNotEqual(self.ask(), before)
                self.assertEqual(self.ask(), version_of("default").hash)

    def test_who_reads_an_older_moment_draws_under_its_own_event(self):
        """Or all that come after would read the rows as they were."""
        happen(self.manager, StatusUpdate)
        older = version_of("default")
        happen(self.manager, StatusUpdate, self.recommendation)
        newer = self.ask()
        self.assertEqual(newer, version_of("default").hash)
        self.assertEqual(self.ask(version=older), older.hash)
        self.assertEqual(self.ask(), newer)

    def show(self, ids, beside="one in all"):
        self.shown = ListedRows(ids, (beside,))

    def test_each_audience_has_its_own(self):
        first = self.ask()
        happen(self.manager, StatusUpdate)
        self.assertNotEqual(self.ask("others"), first)


def happen(by, model, recommendation=None):
    """Something is recorded of a row of this model, of this recommendation or of none."""
    with audit.entry(by=by) as entry:
        entry.record_counts("approve", "1", {}, object_type=model._meta.label_lower)
        if recommendation:
            entry.touch(recommendation._meta.label_lower, recommendation.pk, recommendation.pk)


def subclasses(of):
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def row_filters(each):
    return [entry for entry in each.base_filters.values() if isinstance(entry, RowFilter)]
