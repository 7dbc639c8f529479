"""Rows of tracked models are written by actions alone, and every action is there to be used."""

from django.contrib import admin
from django.test import SimpleTestCase

from tests.write_path import lists
from tests.write_path.offences import in_module, offences
from tests.write_path.reach import unused, writing
from tests.write_path.source import UNTRACKED, Module, accessors, project, tracked_models

METHODS = "create get_or_create update_or_create bulk_create bulk_update update save delete".split()
OF_RELATED = "add set remove clear create".split()
PLANTED = (
    # Methods, asynchronous ones too.
    *(f"«Area.objects.{name}»(a=1)" for name in METHODS),
    *(f"await «rows.a{name}»()" for name in METHODS),
    *(f"«thing.contributors.{name}»(body)" for name in OF_RELATED),
    *(f"await «thing.contributors.a{name}»(body)" for name in OF_RELATED),
    "«Area.objects.filter(pk=1).update»(name=name)",
    # Under another name.
    *(
        "m = Area.objects\n«m.create»()",
        "from recommendations.models import Area as M\n«M.objects.create»()",
        "keep = «row.save»\nkeep()",
        "rows = Area.objects.all()\n«rows.update»(name=name)",
        "rows = Area.objects.all()\nwrite = rows.update\n«write»(name=name)",
        "found = {}\nfound = rows\n«found.update»(name=name)",
        "one, write = rows, rows.update\n«write»(name=name)",
        "for write in (rows.update,):\n    «write»(name=name)",
        "partial(«Area.objects.all().update», name=name)",
        "list(map(«Area.save», rows))",
        "«Area.save»(row)",
        "«models.Model.save»(row)",
        "«QuerySet.update»(rows, name=name)",
        "write = QuerySet.update\n«write»(rows, name=name)",
        "«row.save_base»(raw=True)",
        "«rows._raw_delete»(using)",
    ),
    # By a name that is put together, or in a text.
    *(
        "«getattr(row, 'save')»()",
        "«getattr(rows, 'update')»(name=name)",
        "«getattr(row, verb)»()",
        "act = getattr(row, verb)\n«act»()",
        "«methodcaller('save')»(row)",
        "«operator.attrgetter('save')»(row)()",
        "«row.__getattribute__('save')»()",
        "setattr(row, 'name', name)\n«row.save»()",
    ),
    # By forms, form sets, the administration and generic views.
    *(
        "«form.save»()",
        "«form.save_m2m»()",
        "«formset.save»()",
        "class F(ModelForm):\n    def save(self):\n        «super().save»()",
        "class A(ModelAdmin):\n    def save_model(self, *a):\n        «super().save_model»(*a)",
        "«resource.import_data»(rows)",
        "«from django.views.generic import UpdateView» as V",
        "class P(«generic.DeleteView»):\n    pass",
        "«from recommendations.actions.base import change»",
        "«call_command»('loaddata', path)",
    ),
    # Through managers of related rows.
    *(
        "«thing.addressees.create»(area=area)",
        "bodies = thing.contributors\n«bodies.add»(body)",
        "bodies = kept = thing.contributors\n«kept.add»(body)",
        "«(bodies := thing.contributors).add»(body)",
        "«(thing.contributors if body else update.editors).clear»()",
        "«getattr(thing, 'contributors').add»(body)",
        "«getattr(thing, many.name).set»(bodies)",
        "put = «thing.contributors.add»\nput(body)",
    ),
    # In SQL.
    *(
        "cursor.execute(«'UPDATE area SET name = %s'», [name])",
        "cursor.execute(«'INSERT INTO area VALUES (1)'»)",
        "cursor.execute(«'insert or replace into area values (1)'»)",
        "cursor.executemany(«'DELETE FROM area WHERE id = %s'», ids)",
        "cursor.execute(«'REPLACE INTO area VALUES (1)'»)",
        "cursor.execute(«'TRUNCATE area'»)",
        "cursor.execute(«'MERGE INTO area USING b ON c'»)",
        "cursor.copy(«'COPY area (code) FROM STDIN'»)",
        "Area.objects.raw(«'WITH a AS (DELETE FROM area) SELECT 1'»)",
        "cursor.execute(«f'UPDATE {table} SET name = 1'»)",
        "sql = «'UPDATE area SET name = 1'»\nrun(sql)",
        "sql = ask()\n«cursor.execute(sql)»",
        "«cursor.execute('UPD' + 'ATE area SET name = 1')»",
        "«cursor.execute('{} area SET name = 1'.format(verb))»",
        "«cursor.execute(f'{verb} area SET name = 1')»",
        "«cursor.execute('SELECT 1' if a else sql)»",
        "«cursor.callproc('forget')»",
    ),
)
"""Ways to write a row, each with marks around what is found in it."""

HARMLESS = (
    "link.update.recommendation",
    "page_of(link.update)",
    "update = link.update\nname = update.title",
    "seen = set()\nseen.add(1)",
    "seen = {}\nseen.update(a=1)\nseen: dict = dict(a=2)",
    "vars(row).update(name=name)",
    "digest = hashlib.sha256()\ndigest.update(piece)",
    "svg.add(group, 'rect')",
    "cache.set('a', 1)",
    "def save(self):\n    '''UPDATE area SET name = 1, in words.'''",
    "row.updated_at",
    "getattr(row, name)",
    "values = {name: getattr(row, name) for name in names}",
    "sorted(rows, key=attrgetter('name'))",
    "cursor.execute('SELECT 1')",
    "sql = 'SELECT 1' if a else 'PRAGMA foreign_keys'\ncursor.execute(sql)",
    "cursor.execute(f'DROP TRIGGER IF EXISTS {name}')",
    "label = _('Update an area')",
    "updates.submit(update=update, by=by)",
    # A name is bound in its own function.
    "def one():\n    bodies = thing.contributors\ndef two(bodies):\n    bodies.add(1)\n",
)


def found_in(text: str, name: str = "recommendations.views.planted") -> set[str]:
    return {found.call for found in in_module(Module.parsed(name, text), accessors())}


class WritePathTests(SimpleTestCase):
    def test_rows_are_written_by_actions_alone(self) -> None:
        """And the list of what is none names nothing that is gone."""
        keys = {found.key for found in offences(project())}
        self.assertEqual(keys ^ set(lists.ALLOWED), set())

    def test_every_action_is_used_by_more_than_tests(self) -> None:
        self.assertEqual(unused(project()), [])

    def test_actions_that_write_are_told_from_those_that_only_look(self) -> None:
        found = {name for _module, name in writing(project())}
        self.assertLessEqual({"save_update", "add_action", "observe_many"}, found)
        self.assertFalse({"mentioned_in", "approval_obstacles", "part_code"} & found)

    def test_every_model_is_tracked_until_a_reason_is_given(self) -> None:
        tracked = tracked_models()
        self.assertEqual(set(tracked) & set(UNTRACKED), set())
        self.assertIn("Recommendation_contributors", tracked)
        self.assertIn("Recommendation", tracked)

    def test_django_saves_nothing_in_the_administration(self) -> None:
        tracked = set(tracked_models().values())
        for model, page in admin.site._registry.items():
            if model not in tracked:
                continue
            with self.subTest(model=model.__name__):
                self.assert_ours(page, "save_model", "has_add_permission")
                self.assert_ours(page, "save_model", "has_change_permission")
                self.assert_ours(page, "delete_model", "has_delete_permission")

    def assert_ours(self, page: admin.ModelAdmin, save: str, permission: str) -> None:
        """Either it is our code that saves, which the search reads, or nobody may."""
        owners = [
            next(c.__module__ for c in type(page).__mro__ if name in vars(c))
            for name in (save, permission)
        ]
        self.assertTrue(any(owner.startswith("recommendations.") for owner in owners), owners)


class PlantedTests(SimpleTestCase):
    def test_each_way_to_write_is_found(self) -> None:
        for marked in PLANTED:
            call = marked.partition("«")[2].partition("»")[0]
            text = marked.replace("«", "").replace("»", "")
            inside = "\n".join(f"    {line}" for line in text.splitlines())
            for code in (text, f"async def act(row, rows, form):\n{inside}"):
                with self.subTest(code):
                    self.assertIn(call, found_in(code))

    def test_what_only_looks_like_it_is_not(self) -> None:
        for text in HARMLESS:
            with self.subTest(text):
                self.assertEqual(found_in(text), set())

    def test_actions_and_the_record_may_write(self) -> None:
        text = "class A:\n    def act(self, row):\n        row.save()\n"
        for package, found in (
            ("actions.planted", []),
            ("audit.planted", []),
            ("actionsplanted", ["recommendations.actionsplanted:3 A.act: row.save"]),
        ):
            name = f"recommendations.{package}"
            told = [str(each) for each in offences({name: Module.parsed(name, text)})]
            self.assertEqual(told, found)


class UnusedActionTests(SimpleTestCase):
    """Modules of a small project, and the actions in it that nothing uses."""

    ACT = "def act(): ..."

    def assert_unused(self, *names: str, **texts: str) -> None:
        named = {"actions": ""} | {name.replace("__", "."): text for name, text in texts.items()}
        modules = {
            (name := f"recommendations.{each}"): Module.parsed(name, text, each == "actions")
            for each, text in named.items()
        }
        with self.subTest(**texts):
            self.assertEqual([name for _module, name in unused(modules)], [*names])

    def test_what_nothing_calls_is_unused(self) -> None:
        self.assert_unused("act", actions__x=f"{self.ACT}\ndef _help(): ...")
        # To import it is not to use it.
        uses = "from recommendations.actions.x import act"
        self.assert_unused("act", actions__x=self.ACT, views__v=uses)
        # Nor do actions count that only lead to each other.
        self.assert_unused("one", "two", actions__x="def one(): two()\ndef two(): one()")

    def test_ways_to_call_it(self) -> None:
        for uses in (
            "from recommendations.actions import x\nx.act()",
            "from recommendations.actions import x as y\ny.act()",
            "from recommendations.actions.x import act as do\ndo()",
            "import recommendations.actions.x\nrecommendations.actions.x.act()",
            "import recommendations.actions.x as y\ny.act()",
            "from recommendations.actions import x\nattempt(x.act)",
            "def view():\n    from recommendations.actions import x\n    x.act()",
        ):
            self.assert_unused(actions__x=self.ACT, views__v=uses)
        # Through another action, a helper and a table.
        text = "TABLE = {1: act}\ndef act(): ...\ndef _help(): return TABLE\ndef go(): _help()"
        uses = "from recommendations.actions import x\nx.go()"
        self.assert_unused(actions__x=text, views__v=uses)
        # Through a package that is named like its module.
        self.assert_unused(
            actions__seed="from recommendations.actions.seed.seed import seed",
            actions__seed__seed="def seed(): ...",
            views__v="from recommendations.actions import seed\nseed.seed()",
        )
