"""Every change of the administration goes through an action: each form of each model is tried."""

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.test import RequestFactory

from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.choices import BulkChange, Role
from recommendations.models import AuditEvent, User
from tests.admin.base import AdminTestCase, Window, address
from tests.admin.tries import LIST_TRIES, ROW_TRIES, TRIES, RowTry, Try, filled, keeper
from tests.base import make_person


def form_writes(model_admin: admin.ModelAdmin) -> bool:
    """Whether a form of a model writes something of its own."""
    assert isinstance(model_admin, TrackedModelAdmin)
    return model_admin.add_action is not None or model_admin.change_action is not None


class EveryFormCase(AdminTestCase):
    """Each model is tried in a transaction of its own, in which only its own events count."""

    colleague: User

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.colleague = make_person("colleague", Role.ADMINISTRATOR, is_staff=True)
        cls.readers = [keeper(role) for role in (Role.MANAGER, Role.AUDITOR)]

    def start(self) -> None:
        self.first_event = AuditEvent.objects.count()

    def add(self, model: type[models.Model], tried: Try, **more: Any) -> Any:
        sent = filled({**tried.adds, **more}, type(self))
        data = self.window.open(model)
        self.start()
        return self.window.send(model, None, data, **sent)

    def added(self, model: type[models.Model], tried: Try) -> models.Model:
        self.assert_saved(self.add(model, tried))
        found: models.Model = model._default_manager.latest("pk")
        return found

    def assert_one_event(self, verb: str, model: type[models.Model]) -> None:
        [event] = self.events()
        self.assertEqual((event.verb, event.object_type), (verb, model._meta.label_lower))
        self.assertEqual(event.actor, self.administrator)

    def assert_refused(self, response: Any) -> None:
        """The form comes back, and neither it nor anything else was written."""
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.context["errors"])
        self.assertEqual(self.events(), [])


class EveryModelTests(EveryFormCase):
    def test_each_form_that_writes_is_tried_and_no_other_is(self) -> None:
        writing = {model for model, found in admin.site._registry.items() if form_writes(found)}
        self.assertEqual(set(TRIES), writing)
        changing = {
            model
            for model, found in admin.site._registry.items()
            if getattr(found, "change_action", None) is not None
        }
        self.assertEqual({model for model, tried in TRIES.items() if tried.changes}, changing)

    def test_adding_and_changing_leave_one_event_each_and_saving_unchanged_none(self) -> None:
        for model, tried in TRIES.items():
            with self.subTest(model=model.__name__):
                pk = self.added(model, tried).pk
                self.assert_one_event(tried.verbs[0], model)
                if not tried.changes:
                    continue
                data = self.window.open(model, pk)
                self.start()
                self.assert_saved(self.window.send(model, pk, data))
                self.assertEqual(self.events(), [])
                changes = filled(tried.changes, type(self))
                self.assert_saved(self.window.send(model, pk, data, **changes))
                self.assert_one_event(tried.verbs[1], model)
        self.assert_whole()

    def test_what_is_refused_is_told_and_writes_nothing(self) -> None:
        for model, tried in TRIES.items():
            with self.subTest(model=model.__name__):
                before = model._default_manager.count()
                self.assert_refused(self.add(model, tried, **tried.refused))
                self.assertEqual(model._default_manager.count(), before)

    def test_a_stale_form_is_refused(self) -> None:
        other = Window(self.colleague)
        for model, tried in TRIES.items():
            if not tried.changes:
                continue
            with self.subTest(model=model.__name__):
                pk = self.added(model, tried).pk
                mine, theirs = self.window.open(model, pk), other.open(model, pk)
                sent = filled(tried.theirs, type(self))
                self.assert_saved(other.send(model, pk, theirs, **sent))
                self.start()
                changes = filled(tried.changes, type(self))
                self.assert_refused(self.window.send(model, pk, mine, **changes))
                stored = model._default_manager.get(pk=pk)
                for name, value in sent.items():
                    self.assertEqual(str(getattr(stored, name)), str(value))

    def test_who_may_only_read_adds_and_changes_nothing(self) -> None:
        for model, tried in TRIES.items():
            pk = self.added(model, tried).pk
            sent = filled(tried.adds, type(self))
            self.start()
            for reader in self.readers:
                window = Window(reader)
                with self.subTest(model=model.__name__, reader=reader.username):
                    self.assertEqual(window.send(model, None, {}, **sent).status_code, 403)
                    changed = window.send(model, pk, {}, **filled(tried.changes, type(self)))
                    self.assertEqual(changed.status_code, 403)
            self.assertEqual(self.events(), [])

    def test_what_no_form_writes_cannot_be_written_by_a_superuser(self) -> None:
        root = Window(make_person("root", is_staff=True, is_superuser=True))
        for model, found in admin.site._registry.items():
            adds, changes = (getattr(found, f"{verb}_action", None) for verb in ("add", "change"))
            with self.subTest(model=model.__name__):
                if adds is None:
                    answer = root.client.post(address(model, "add"), {})
                    self.assertEqual(answer.status_code, 403)
                row = model._default_manager.first()
                if changes is None and row is not None:
                    answer = root.client.post(address(model, "change", row.pk), {})
                    self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.events(), [])


class EveryRowTests(EveryFormCase):
    """Rows under a thing: each is added, changed and removed by an action of its own."""

    def send(self, parent: Any, tried: RowTry, values: dict[str, Any]) -> Any:
        """Send the form of the parent with these values of the last of its rows."""
        model = type(parent)
        data = self.window.open(model, parent.pk)
        there = int(data[f"{tried.prefix}-INITIAL_FORMS"])
        is_new = set(tried.adds) <= set(values)
        row = there if is_new else there - 1
        self.start()
        sent = {f"{tried.prefix}-{row}-{name}": each for name, each in values.items()}
        return self.window.send(model, parent.pk, data, **sent)

    def test_each_kind_of_rows_that_is_written_is_tried_and_no_other_is(self) -> None:
        writing = {
            (model, inline.model)
            for model, found in admin.site._registry.items()
            for inline in found.inlines
            if any(getattr(inline, f"{verb}_action") for verb in ("add", "change", "remove"))
        }
        self.assertEqual(set(ROW_TRIES), writing)

    def test_each_leaves_one_event(self) -> None:
        for (_model, rows), tried in ROW_TRIES.items():
            with self.subTest(under=_model.__name__, rows=rows.__name__):
                parent = tried.under(type(self))
                values = filled(tried.adds, type(self))
                self.assert_saved(self.send(parent, tried, values))
                verbs = list(tried.verbs)
                self.assert_one_event(verbs.pop(0), rows)
                if tried.changes:
                    changes = filled(tried.changes, type(self))
                    self.assert_saved(self.send(parent, tried, changes))
                    self.assert_one_event(verbs.pop(0), rows)
                if tried.is_removable:
                    self.assert_saved(self.send(parent, tried, {"DELETE": "on"}))
                    self.assert_one_event(verbs.pop(0), rows)
                self.assertEqual(verbs, [])
        self.assert_whole()

    def test_a_row_that_changed_meanwhile_is_not_removed_unseen(self) -> None:
        for (model, rows), tried in ROW_TRIES.items():
            if tried.changes and tried.is_removable:
                name = {"under": model.__name__, "rows": rows.__name__}
                with self.subTest(**name), transaction.atomic():
                    self.remove_what_changed(rows, tried)
                    transaction.set_rollback(True)

    def remove_what_changed(self, rows: type[models.Model], tried: RowTry) -> None:
        """Two windows on the same row: one changes it, then the other wants to remove it."""
        parent, other = tried.under(type(self)), Window(self.colleague)
        model = type(parent)
        self.assert_saved(self.send(parent, tried, filled(tried.adds, type(self))))
        mine, theirs = self.window.open(model, parent.pk), other.open(model, parent.pk)
        last = f"{tried.prefix}-{int(mine[f'{tried.prefix}-INITIAL_FORMS']) - 1}"
        values = filled(tried.changes, type(self))
        changes = {f"{last}-{name}": value for name, value in values.items()}
        self.assert_saved(other.send(model, parent.pk, theirs, **changes))
        self.start()
        refused = self.window.send(model, parent.pk, mine, **{f"{last}-DELETE": "on"})
        self.assert_refused(refused)
        self.assertIsNone(rows._default_manager.latest("pk").removed_at)


class EveryListActTests(EveryFormCase):
    """Acts on ticked rows of a list, each by an action, and by nobody who only reads."""

    def test_each_act_is_tried_and_no_other_is(self) -> None:
        request = RequestFactory().get("/")
        request.user = self.administrator
        found = {
            (model, name)
            for model, model_admin in admin.site._registry.items()
            for name in model_admin.get_actions(request)
            if name not in BulkChange.values and not name.startswith("export-")
        }
        self.assertEqual(set(LIST_TRIES), found)

    def test_each_leaves_one_event_and_none_of_a_reader(self) -> None:
        for (model, name), tried in LIST_TRIES.items():
            with self.subTest(model=model.__name__, act=name), transaction.atomic():
                row = tried.make(type(self))
                self.start()
                for reader in self.readers:
                    Window(reader).act(model, name, row)
                self.assertEqual(self.events(), [])
                self.window.act(model, name, row, confirmed="yes")
                self.assert_one_event(tried.verb, model)
                transaction.set_rollback(True)
