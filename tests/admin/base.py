"""What the tests of the administration share: forms as a browser reads them and sends them."""

from typing import Any

from django.db import models
from django.test import Client
from django.urls import reverse
from lxml import html

from recommendations import audit
from recommendations.actions.oversight import backups
from recommendations.actions.uses import switch_parts
from recommendations.audit.chain import HeadFile
from recommendations.models import AuditEvent, User
from tests.base import LONG_AGO, TrackerTestCase

Data = dict[str, Any]


def read_form(response: Any, form_id: str) -> Data:
    """The values that a browser would send of the form of a page, before anybody types."""
    data: Data = {}
    for field in html.fromstring(response.content.decode()).get_element_by_id(form_id).inputs:
        is_left = "disabled" in field.attrib or field.get("type") == "submit"
        is_off = field.get("type") in {"checkbox", "radio"} and not field.checked
        if not field.name or "__prefix__" in field.name or is_left or is_off:
            continue
        if isinstance(field.value, str | None):
            # A browser drops the first line break, and sends every other one as CRLF.
            data[field.name] = (field.value or "").removeprefix("\n").replace("\n", "\r\n")
        else:
            data[field.name] = list(field.value)
    return data


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
