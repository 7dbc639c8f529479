"""What tests of the pages that write share: people signed in, and forms as a browser sends them."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from recommendations.forms.updates import UpdateForm
from recommendations.models import AuditEvent, Recommendation, StatusUpdate, User
from tests.base import TrackerTestCase
from tests.bench.pages.asking import form_fields
from tests.views.pages import PageTestCase, shown_fields


class Browser:
    """One window: it opens pages, and sends forms with the hidden fields that stood in them."""

    def __init__(self, person: User | None = None) -> None:
        self.client = Client()
        self.form: dict[str, Any] = {}
        self.shown: dict[str, str] = {}
        if person is not None:
            self.client.force_login(person)

    def open(self, name: str, *args: Any, query: str = "", **options: Any) -> Any:
        """Open a page; the fields of its form are kept, as a window keeps them."""
        response = self.client.get(reverse(name, args=args) + query, **options)
        self.keep(response)
        return response

    def keep(self, response: Any) -> None:
        """Fill the window with the form that an answer holds, or with its hidden fields alone."""
        self.shown = shown_fields(response)
        context = response.context
        if context is None or "basis" not in context:
            self.form |= _words_of(response)
            return
        update = context["update"]
        if "form" in context:
            self.form = {field.html_name: _as_sent(field.value()) for field in context["form"]}
        self.form |= {
            "key": str(update.key),
            "version": "" if update._state.adding else str(update.version),
            "basis": str(context["basis"]),
            "told": context["told"] if context.get("is_asked") or context.get("is_told") else "",
        }

    def send(self, name: str, *args: Any, query: str = "", **typed: Any) -> Any:
        """Send the form that the window holds, with what is typed into it now."""
        self.form |= {key.replace("__", "-"): value for key, value in typed.items()}
        response = self.client.post(reverse(name, args=args) + query, self.shown | self.form)
        self.keep(response)
        return response

    def post(self, name: str, *args: Any, **data: Any) -> Any:
        """Send a form of few fields, with what the page that is open has shown."""
        return self.client.post(reverse(name, args=args), self.shown | data)

    def decide(self, name: str, pk: int, *, on: str = "review-item", **data: Any) -> Any:
        """Open the page of what is decided on, press the button of this name, and answer."""
        self.open(on, pk)
        return self.post(name, pk, **data)


def _words_of(response: Any) -> dict[str, str]:
    """What the form of an update holds whose page was drawn before, but for evidence and ticks."""
    page = response.content.decode()
    if 'id="update-form"' not in page:
        return {}
    fields = form_fields(page, "update-form")
    words = UpdateForm.base_fields
    return {name: fields.get(name, "") for name in (*words, "key", "version", "basis", "told")}


def _as_sent(value: Any) -> str:
    return "" if value is None else str(value)


class WritingTestCase(TrackerTestCase):
    """A test about pages on which people write."""

    WORDS = {"implementation_status": "in_progress", "what_happened": "A meeting took place."}

    def at(self, name: str = "update-new", of: Any = "REP-1", by: User | None = None) -> Browser:
        """A window in which this page is open; of the author, unless it is said whose."""
        window = Browser(by or self.staff)
        self.assertEqual(window.open(name, of).status_code, 200)
        return window

    def sent(self, move: str = "save", by: User | None = None, **typed: Any) -> Any:
        """The answer to a new form with some words, and what else is typed."""
        return self.at(by=by).send("update-new", "REP-1", move=move, **{**self.WORDS, **typed})

    def drafted(self, by: User | None = None, **values: Any) -> StatusUpdate:
        """A draft, begun by the page."""
        response = self.sent(by=by, **values)
        self.assertEqual(response.status_code, 302, response.content)
        return self.latest()

    def latest(self, recommendation: Recommendation | None = None) -> StatusUpdate:
        about = recommendation or self.recommendation
        return StatusUpdate.objects.filter(recommendation=about).latest("pk")

    def assertNothingWritten(self, before: int) -> None:
        """No event was added since there were ``before``, so nothing tracked was written."""
        self.assertEqual(AuditEvent.objects.count(), before)

    def assertAnswers(self, response: HttpResponse, status: int, *words: str) -> None:
        """The status, and every one of these words on the page."""
        self.assertEqual(response.status_code, status, response.content[:400])
        for said in words:
            self.assertContains(response, said, status_code=status)


class ProgressTestCase(PageTestCase, WritingTestCase):
    """Pages as their readers get them, and forms as windows send them."""

    def assert_says(
        self, path: str, reader: str, shown: str = "", hidden: str = "", status: int = 200
    ) -> None:
        """What a page says to a person, or hides from them: words between bars."""
        with self.subTest(path, reader=reader):
            text = self.read(path, getattr(self, reader, None), status)
            self.assert_words(text, *filter(None, shown.split(" | ")))
            self.assert_no_words(text, *filter(None, hidden.split(" | ")))

    def exported(self, path: str, person: User | None) -> list[dict[str, Any]]:
        """The rows of a file, as JSON."""
        found: list[dict[str, Any]] = json.loads(self.get(path, person, format="json").getvalue())
        return found
