"""What the tests of the administration share: forms as a browser reads them and sends them."""

from html.parser import HTMLParser
from typing import Any

from django.db import models
from django.test import Client
from django.urls import reverse

from recommendations import audit
from recommendations.actions.oversight import backups
from recommendations.actions.uses import switch_parts
from recommendations.audit.chain import HeadFile
from recommendations.models import AuditEvent, User
from tests.base import LONG_AGO, TrackerTestCase

Data = dict[str, Any]


class FormReader(HTMLParser):
    """The values that a browser would send of the form of a page, before anybody types."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.data: Data = {}
        self._is_inside = False
        self._select: tuple[str, bool] | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._is_inside = values.get("id") == self.form_id
        name = values.get("name") or ""
        if not self._is_inside or "__prefix__" in name or "disabled" in values:
            return
        if tag == "input" and name:
            self._read_input(name, values)
        elif tag == "select" and name:
            self._select = (name, "multiple" in values)
            if "multiple" in values:
                self.data[name] = []
        elif tag == "option" and self._select and not self._select[1]:
            # Where none is selected a browser sends the first.
            chosen, _is_multiple = self._select
            if "selected" in values or chosen not in self.data:
                self.data[chosen] = values.get("value") or ""
        elif tag == "option" and self._select and "selected" in values:
            self.data[self._select[0]].append(values.get("value"))
        elif tag == "textarea":
            self._textarea = name
            self.data[name] = ""

    def _read_input(self, name: str, values: dict[str, str | None]) -> None:
        kind = values.get("type")
        if kind in {"checkbox", "radio"}:
            if "checked" in values:
                self.data[name] = values.get("value") or "on"
        elif kind != "submit":
            self.data[name] = values.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            # A browser drops the first line break, and sends every other one as CRLF.
            self.data[self._textarea] += data.removeprefix("\n").replace("\n", "\r\n")


def read_form(response: Any, form_id: str) -> Data:
    reader = FormReader(form_id)
    reader.feed(response.content.decode())
    return reader.data


def note_backup(name: str, sha256: str, last_event: int) -> None:
    """Let the record tell of a backup that ends with an event."""
    head = HeadFile(last_event, "0" * 64, "", "")
    backups.record(backups.Backup(name, sha256, head, rows=1, files=0, not_copied={}))


def address(model: type[models.Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


class Window:
    """One browser window of one person on the administration."""

    def __init__(self, person: User) -> None:
        self.client = Client()
        self.client.force_login(person)

    def open(self, model: type[models.Model], pk: Any = None) -> Data:
        """The form of a thing, or of a new one."""
        page = address(model, "change", pk) if pk is not None else address(model, "add")
        response = self.client.get(page)
        assert response.status_code == 200, response.status_code
        return read_form(response, f"{model._meta.model_name}_form")

    def send(self, model: type[models.Model], pk: Any, data: Data, **changed: Any) -> Any:
        page = address(model, "change", pk) if pk is not None else address(model, "add")
        sent = {name: value for name, value in {**data, **changed}.items() if value is not None}
        return self.client.post(page, sent)

    def act(
        self, model: type[models.Model], action: str, *things: models.Model, **data: Any
    ) -> Any:
        """Choose things in the list and run an action."""
        chosen = {"action": action, "_selected_action": [thing.pk for thing in things]}
        return self.client.post(address(model, "changelist"), {**chosen, **data}, follow=True)


class AdminTestCase(TrackerTestCase):
    """With a window of the administrator, and the events since the test began; parts are used."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        switch_parts(by=cls.administrator, values={"parts": "on"}, at=LONG_AGO)

    def setUp(self) -> None:
        self.window = Window(self.administrator)
        self.first_event = AuditEvent.objects.count()

    def events(self) -> list[AuditEvent]:
        return list(AuditEvent.objects.order_by("sequence")[self.first_event :])

    def verbs(self) -> list[tuple[str, str]]:
        """What was done to what, in order."""
        return [(event.verb, event.object_type.partition(".")[2]) for event in self.events()]

    def assert_saved(self, response: Any) -> None:
        if response.status_code != 302:
            context = response.context or {}
            errors = context["errors"] if "errors" in context else response.content[:500]
            self.fail(f"not saved: {errors}")

    def assert_whole(self) -> None:
        verdict = audit.verify_chain()
        self.assertTrue(verdict.is_whole, verdict.fault)


def said(response: Any) -> str:
    """The messages of a page, one after the other."""
    return " | ".join(str(message) for message in response.context["messages"])
