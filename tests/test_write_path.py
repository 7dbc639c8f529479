"""Rows of tracked models are written by actions alone, and every action is there to be used."""

from django.contrib import admin
from django.test import SimpleTestCase

from tests.write_path import lists
from tests.write_path.offences import in_module, offences
from tests.write_path.reach import unused
from tests.write_path.source import UNTRACKED, Module, accessors, project, tracked_models
from tests.write_path.writes import ANY, who_writes_what

PLANTED = {
    # The plain forms.
    "row.save()": "row.save",
    "Area.objects.create(code=code)": "Area.objects.create",
    "Area.objects.filter(pk=1).update(name=name)": "Area.objects.filter(pk=1).update",
    "Area.objects.get_or_create(code=code)": "Area.objects.get_or_create",
    "Area.objects.update_or_create(code=code)": "Area.objects.update_or_create",
    "row.delete()": "row.delete",
    "Area.objects.bulk_create(rows)": "Area.objects.bulk_create",
    "Area.objects.bulk_update(rows, ['name'])": "Area.objects.bulk_update",
    # Asynchronous.
    "await row.asave()": "row.asave",
    "await row.adelete()": "row.adelete",
    "await Area.objects.acreate(code=code)": "Area.objects.acreate",
    "await rows.aupdate(name=name)": "rows.aupdate",
    "await Area.objects.aget_or_create(code=code)": "Area.objects.aget_or_create",
    "await Area.objects.aupdate_or_create(code=code)": "Area.objects.aupdate_or_create",
    "await Area.objects.abulk_create(rows)": "Area.objects.abulk_create",
    "await Area.objects.abulk_update(rows, ['name'])": "Area.objects.abulk_update",
    "await thing.contributors.aadd(body)": "thing.contributors.aadd",
    # Under another name.
    "m = Area.objects\nm.create()": "m.create",
    "from recommendations.models import Area as M\nM.objects.create()": "M.objects.create",
    "keep = row.save\nkeep()": "row.save",
    "rows = Area.objects.all()\nrows.update(name=name)": "rows.update",
    "rows = Area.objects.all()\nwrite = rows.update\nwrite(name=name)": "write",
    "found = {}\nfound = rows\nfound.update(name=name)": "found.update",
    "one, write = rows, rows.update\nwrite(name=name)": "write",
    "for write in (rows.update,):\n    write(name=name)": "write",
    "partial(Area.objects.all().update, name=name)": "Area.objects.all().update",
    "list(map(Area.save, rows))": "Area.save",
    "Area.save(row)": "Area.save",
    "models.Model.save(row)": "models.Model.save",
    "QuerySet.update(rows, name=name)": "QuerySet.update",
    "write = QuerySet.update\nwrite(rows, name=name)": "write",
    "row.save_base(raw=True)": "row.save_base",
    "rows._raw_delete(using)": "rows._raw_delete",
    # By a name that is put together, or in a text.
    "getattr(row, 'save')()": "getattr(row, 'save')",
    "getattr(rows, 'update')(name=name)": "getattr(rows, 'update')",
    "getattr(row, verb)()": "getattr(row, verb)",
    "act = getattr(row, verb)\nact()": "act",
    "methodcaller('save')(row)": "methodcaller('save')",
    "operator.attrgetter('save')(row)()": "operator.attrgetter('save')",
    "row.__getattribute__('save')()": "row.__getattribute__('save')",
    "setattr(row, 'name', name)\nrow.save()": "row.save",
    # By forms, form sets, the administration and generic views.
    "form.save()": "form.save",
    "form.save_m2m()": "form.save_m2m",
    "formset.save()": "formset.save",
    "class F(ModelForm):\n    def save(self):\n        super().save()": "super().save",
    "class A(ModelAdmin):\n    def save_model(self, *a):\n        super().save_model(*a)": (
        "super().save_model"
    ),
    "resource.import_data(rows)": "resource.import_data",
    "from django.views.generic import UpdateView as V": (
        "from django.views.generic import UpdateView"
    ),
    "class P(generic.DeleteView):\n    pass": "generic.DeleteView",
    "from recommendations.actions.base import change": (
        "from recommendations.actions.base import change"
    ),
    "call_command('loaddata', path)": "call_command",
    # Through managers of related rows.
    "thing.contributors.add(body)": "thing.contributors.add",
    "thing.contributors.set(bodies)": "thing.contributors.set",
    "thing.contributors.remove(body)": "thing.contributors.remove",
    "thing.contributors.clear()": "thing.contributors.clear",
    "thing.addressees.create(area=area)": "thing.addressees.create",
    "bodies = thing.contributors\nbodies.add(body)": "bodies.add",
    "bodies = kept = thing.contributors\nkept.add(body)": "kept.add",
    "(bodies := thing.contributors).add(body)": "(bodies := thing.contributors).add",
    "(thing.contributors if body else update.editors).clear()": (
        "(thing.contributors if body else update.editors).clear"
    ),
    "getattr(thing, 'contributors').add(body)": "getattr(thing, 'contributors').add",
    "getattr(thing, many.name).set(bodies)": "getattr(thing, many.name).set",
    "put = thing.contributors.add\nput(body)": "thing.contributors.add",
    # In SQL.
    "cursor.execute('UPDATE area SET name = %s', [name])": "'UPDATE area SET name = %s'",
    "cursor.execute('INSERT INTO area VALUES (1)')": "'INSERT INTO area VALUES (1)'",
    "cursor.execute('insert or replace into area values (1)')": (
        "'insert or replace into area values (1)'"
    ),
    "cursor.executemany('DELETE FROM area WHERE id = %s', ids)": (
        "'DELETE FROM area WHERE id = %s'"
    ),
    "cursor.execute('REPLACE INTO area VALUES (1)')": "'REPLACE INTO area VALUES (1)'",
    "cursor.execute('TRUNCATE area')": "'TRUNCATE area'",
    "cursor.execute('MERGE INTO area USING b ON c')": "'MERGE INTO area USING b ON c'",
    "cursor.copy('COPY area (code) FROM STDIN')": "'COPY area (code) FROM STDIN'",
    "Area.objects.raw('WITH a AS (DELETE FROM area) SELECT 1')": (
        "'WITH a AS (DELETE FROM area) SELECT 1'"
    ),
    "cursor.execute(f'UPDATE {table} SET name = 1')": "f'UPDATE {table} SET name = 1'",
    "sql = 'UPDATE area SET name = 1'\nrun(sql)": "'UPDATE area SET name = 1'",
    "sql = ask()\ncursor.execute(sql)": "cursor.execute(sql)",
    "cursor.execute('UPD' + 'ATE area SET name = 1')": (
        "cursor.execute('UPD' + 'ATE area SET name = 1')"
    ),
    "cursor.execute('{} area SET name = 1'.format(verb))": (
        "cursor.execute('{} area SET name = 1'.format(verb))"
    ),
    "cursor.execute(f'{verb} area SET name = 1')": "cursor.execute(f'{verb} area SET name = 1')",
    "cursor.execute('SELECT 1' if a else sql)": "cursor.execute('SELECT 1' if a else sql)",
    "cursor.callproc('forget')": "cursor.callproc('forget')",
}
"""Ways to write a row, each with what is found in it."""

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
)


def found_in(text: str, name: str = "recommendations.views.planted") -> set[str]:
    return {found.call for found in in_module(Module.parsed(name, text), accessors())}


class WritePathTests(SimpleTestCase):
    def test_rows_are_written_by_actions_alone(self) -> None:
        keys = {found.key for found in offences(project())}
        self.assertEqual(keys - set(lists.ALLOWED), set())

    def test_the_list_names_nothing_that_is_gone(self) -> None:
        keys = {found.key for found in offences(project())}
        self.assertEqual(set(lists.ALLOWED) - keys, set())

    def test_every_action_is_used_by_more_than_tests(self) -> None:
        self.assertEqual(unused(project()), [])

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
        for text, call in PLANTED.items():
            with self.subTest(text):
                self.assertIn(call, found_in(text))
            inside = "\n".join(f"    {line}" for line in text.splitlines())
            with self.subTest(inside=text):
                self.assertIn(call, found_in(f"async def act(row, rows, form):\n{inside}"))

    def test_what_only_looks_like_it_is_not(self) -> None:
        for text in HARMLESS:
            with self.subTest(text):
                self.assertEqual(found_in(text), set())

    def test_a_name_is_bound_in_its_own_function(self) -> None:
        text = (
            "def one():\n    bodies = thing.contributors\n    return bodies\n"
            "def two(bodies):\n    bodies.add(1)\n"
        )
        self.assertEqual(found_in(text), set())

    def test_actions_and_the_record_may_write(self) -> None:
        for name in ("recommendations.actions.planted", "recommendations.audit.planted"):
            self.assertEqual(offences({name: Module.parsed(name, "row.save()")}), [])
        name = "recommendations.actionsplanted"
        self.assertEqual(len(offences({name: Module.parsed(name, "row.save()")})), 1)

    def test_an_offence_says_where_it_is(self) -> None:
        text = "class A:\n    def act(self, row):\n        row.save()\n"
        name = "recommendations.views.planted"
        [found] = offences({name: Module.parsed(name, text)})
        self.assertEqual(str(found), f"{name}:3 A.act: row.save")


class UnusedActionTests(SimpleTestCase):
    def unused_in(self, **texts: str) -> list[str]:
        modules = {
            name: Module.parsed(name, text, is_package=name.endswith("actions"))
            for name, text in {
                "recommendations.actions": "",
                **{f"recommendations.{name.replace('__', '.')}": t for name, t in texts.items()},
            }.items()
        }
        return [name for _module, name in unused(modules)]

    def test_an_action_that_nothing_calls(self) -> None:
        self.assertEqual(self.unused_in(actions__x="def act(): ...\ndef _help(): ..."), ["act"])

    def test_to_import_it_is_not_to_use_it(self) -> None:
        uses = "from recommendations.actions.x import act"
        self.assertEqual(self.unused_in(actions__x="def act(): ...", views__v=uses), ["act"])

    def test_actions_that_only_lead_to_each_other(self) -> None:
        text = "def one(): two()\ndef two(): one()"
        self.assertEqual(self.unused_in(actions__x=text), ["one", "two"])

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
            with self.subTest(uses):
                self.assertEqual(self.unused_in(actions__x="def act(): ...", views__v=uses), [])

    def test_through_another_action_a_helper_and_a_table(self) -> None:
        text = "TABLE = {1: act}\ndef act(): ...\ndef _help(): return TABLE\ndef go(): _help()"
        uses = "from recommendations.actions import x\nx.go()"
        self.assertEqual(self.unused_in(actions__x=text, views__v=uses), [])

    def test_through_a_package_that_is_named_like_its_module(self) -> None:
        texts = {
            "actions__seed": "from recommendations.actions.seed.seed import seed",
            "actions__seed__seed": "def seed(): ...",
            "views__v": "from recommendations.actions import seed\nseed.seed()",
        }
        self.assertEqual(self.unused_in(**texts), [])


class WhoWritesWhatTests(SimpleTestCase):
    def writes(self, text: str) -> list[str]:
        models = "from recommendations.models import Recommendation, Source, User\n"
        names = ("Recommendation", "Source", "User")
        modules = {
            "recommendations.models": Module.parsed(
                "recommendations.models", "\n".join(f"class {name}: ..." for name in names)
            ),
            "recommendations.actions.x": Module.parsed("recommendations.actions.x", models + text),
        }
        return who_writes_what(modules).get(("recommendations.actions.x", "act"), [])

    def test_how_types_are_told(self) -> None:
        for text, models in {
            "def act(who: User): who.save()": ["User"],
            "def act(who: 'User | None'): who.save()": ["User"],
            "def act(all: list[User]):\n    for who in all: who.save()": ["User"],
            "def act(): Source.objects.filter(pk=1).update(url='')": ["Source"],
            "def act():\n    made = Source()\n    made.save()": ["Source"],
            "def act(it: Recommendation): it.source.save()": ["Source"],
            "def act(it: Recommendation): it.contributors.add(1)": ["Recommendation.contributors"],
            "def act(it: User): _keep(it)\ndef _keep(row): row.save()": ["User"],
            "def act(it: User): _keep(row=it)\ndef _keep(*, row): type(row).objects.update(a=1)": [
                "User"
            ],
            "def act(it: User): _a(it)\ndef _a(r): _b(r)\ndef _b(r): r.save()": ["User"],
            "def act(it: User): found = _of(it); found.save()\ndef _of(it) -> Source: ...": [
                "Source"
            ],
            "class K:\n    it: User\ndef act(k: K): k.it.save()": ["User"],
            "def act(): ask().save()": [ANY],
            "def act(it: User): found = {}; found.update(a)": [],
        }.items():
            with self.subTest(text):
                self.assertEqual(self.writes(text), models)

    def test_the_project_is_read(self) -> None:
        found = {name: models for (_module, name), models in who_writes_what(project()).items()}
        self.assertIn("StatusUpdate", found["save_update"])
        self.assertEqual(found["add_action"], ["Action"])
