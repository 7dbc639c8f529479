"""Words that an administrator takes out are nowhere any more: no answer, file, event or mail."""

import io
import itertools
import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.admin import site
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase, override_settings
from django.utils import timezone

from recommendations import audit, guards
from recommendations.actions import comments
from recommendations.audit.redaction import RedactionMode, TextColumn, columns_by_model
from recommendations.models import (
    Area,
    ChainHead,
    Evidence,
    Indicator,
    Recommendation,
    Redaction,
    Source,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.storage import uploads
from tests.admin.base import read_form
from tests.base import tell_planner
from tests.depth import IS_DEEP, times
from tests.imports.files import csv_bytes
from tests.loaded import SPRING, write_demonstration
from tests.mail import sending
from tests.views.addresses import addresses
from tests.views.pages import client_of

WORDS = "Zacharias-Quill"
"""A name that every kind of column takes: short names and addresses included."""

PAGE = "/admin/recommendations/redaction/take-out/"
PEOPLE = ("admin", "manager", "auditor", "staff", "viewer")
LISTS = ("recommendations", "evidence", "indicators", "audit")
OWN: dict[str, Any] = {"/evidence/<": Evidence, "/areas/": Area, "/indicators/": Indicator}
"""Whose rows an address names, by how it begins."""

CHOSEN = {
    "column_0": "external_id",
    "column_1": "quoted_text",
    "column_2": "reported_status",
    "column_3": "reported_on",
    "column_4": "target_date",
    "column_5": "rationale",
    "date_order": "day_first",
    "known_by": "number",
    "modality": "should",
    "nature": "time_bound",
}
"""What the columns of the list are."""

ROWS = times(1, 3)
"""So many of the newest rows of each table are asked for, of the three that hold the words."""


def planted(column: TextColumn, value: Any, pk: int) -> Any:
    """The words in the place of a value, or in it, as the column takes them."""
    match column.way:
        case RedactionMode.JSON:
            return {"columns": {f"Asked of {WORDS}": "title"}, "x": [WORDS]}
        case RedactionMode.EMAIL:
            return f"{WORDS}-{pk}@example.org"
        case RedactionMode.URL:
            return f"https://example.org/{WORDS}/{pk}"
        case RedactionMode.IDENTIFIER:
            return f"{WORDS}-{pk}"
    longest = column.field.max_length or 20_000
    return f"{value or ''} {WORDS} {pk}".strip()[-longest:]


def files_of(answer: Any) -> bytes:
    """What an answer holds, with what is packed in it."""
    body = b"".join(answer) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return body


@override_settings(DEBUG=True, PUBLIC_PAGES=True)
class WordsTakenOutTests(TestCase):
    """The demonstration, with a name in every text of every table and of the record."""

    @classmethod
    def setUpTestData(cls) -> None:
        write_demonstration(SPRING)
        cls.people = {name: User.objects.get(username=name) for name in PEOPLE}
        cls.admin = cls.people["admin"]
        User.objects.filter(pk=cls.admin.pk).update(is_superuser=True)
        for columns in list(columns_by_model()):
            cls.plant(columns)
        tell_planner()

    @classmethod
    def plant(cls, columns: list[TextColumn]) -> None:
        """Into the newest rows of a table, past the guards, and into the record."""
        model = columns[0].model
        longest = [c for c in columns if (c.field.max_length or 99) >= len(WORDS) + 6]
        kept = {c.name for c in columns if c.name == "username"}
        with audit.entry(by=cls.admin) as entry, guards.lifted(connection, tables()):
            for row in model._base_manager.order_by("-pk")[:3]:
                before = audit.snapshot(row)
                values = {
                    c.name: planted(c, getattr(row, c.name), row.pk)
                    for c in longest
                    if c.name not in kept and getattr(row, c.name) not in ("", None)
                }
                model._base_manager.filter(pk=row.pk).update(**values)
                row.refresh_from_db()
                if model._meta.app_label == "recommendations":
                    after = audit.snapshot(row)
                    entry.record("change", row, before=before, after=after, reason=f"For {WORDS}")

    def setUp(self) -> None:
        uploads.delete_uploads()
        self.addCleanup(uploads.delete_uploads)
        self.clients = {name: client_of(person) for name, person in self.people.items()}
        self.clients["nobody"] = client_of(None)

    def values_of(self, route: str, kind: str, name: str) -> list[Any]:
        """What an address is asked for with: the newest rows, as the kind of a part names them."""
        of = next((model for start, model in OWN.items() if route.startswith(start)), None)
        match kind, name:
            case "str", "day":
                return [timezone.localdate()]
            case "str", "number":
                return [ChainHead.objects.get().last_sequence]
            case "int", _:
                return newest(TargetDateChange if "dates" in route else of or StatusUpdate, "pk")
            case "code", _:
                return newest(of, "code") if of else newest(Recommendation, "reference")
            case "slug", _:
                return newest(Source, "slug")
        return ["MQ"]

    def paths(self) -> Iterator[str]:
        """Every address but those of the administration, and every list as a file."""
        for address in addresses():
            if not address.is_admin:
                route = address.route
                yield from address.paths(lambda kind, name, r=route: self.values_of(r, kind, name))
        for name, code in itertools.product(LISTS, ("csv", "xlsx", "json")):
            yield f"/{name}/export/?format={code}"

    def admin_paths(self) -> Iterator[str]:
        yield "/admin/"
        for model in site._registry:
            base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            yield base
            for pk in newest(model, "pk"):
                yield f"{base}{pk}/change/"

    def where(self, who: str, paths: Iterable[str]) -> tuple[int, list[str], list[str]]:
        """How many answers this person gets, where they read the words, and where they may not."""
        asked, found, refused = 0, [], []
        for path in paths:
            answer = self.clients[who].get(path)
            self.assertLess(answer.status_code, 500, path)
            asked += answer.status_code == 200
            if answer.status_code == 403:
                refused.append(path)
            if WORDS.encode() in files_of(answer) or WORDS in f"{answer.headers}":
                found.append(path)
        return asked, found, refused

    def bring_in(self) -> None:
        """A file with the words in a header, a cell, a status and its own name."""
        head = ("No.", "Recommendation", "Status", "Status date", "Due date", f"Of {WORDS}")
        rows = [("7", f"Ask {WORDS}.", f"{WORDS} said no", "3/2/2025", "3/4/2031", "x")]
        client, source = self.clients["manager"], Source.objects.latest("pk")
        data = csv_bytes(rows, head)
        for is_imported in (True, False):
            file = SimpleUploadedFile(f"{WORDS}.csv", data)
            sent = {"file": file, "source": source.slug}
            address = client.post("/recommendations/import/", sent)["Location"]
            if not is_imported:
                break
            seen = client.post(address, {**CHOSEN, "move": "preview"})
            sent = {**CHOSEN, "move": "import", "seen": seen.context["plan"].digest}
            # To the end: until it is shown, a message stands in the browser's own cookie.
            done = client.post(address, sent, follow=True)
            self.assertContains(done, f"{WORDS}.csv is imported. New: 1")
        self.waiting = address
        file = SimpleUploadedFile(f"{WORDS}.csv", csv_bytes([("x", WORDS)], ("slug", "name")))
        shown = self.clients["admin"].post("/areas/import/", {"file": file, "move": "look"})
        self.assertContains(shown, WORDS)

    def leave_traces(self) -> None:
        self.clients["nobody"].post("/accounts/login/", {"username": WORDS, "password": "wrong"})
        for value in (
            {"review_notes": {"1": f"Ask {WORDS}"}},
            {"_messages": json.dumps([f"{WORDS} said"])},
        ):
            session = SessionStore()
            session.update(value)
            session.save()
        # Its mail waits in the queue.
        comments.add_comment(
            recommendation=Recommendation.objects.earliest("pk"),
            by=self.people["staff"],
            text=f"@manager: ask {WORDS}.",
        )

    def tables_with(self, *words: str) -> dict[str, int]:
        """How often one of the words stands in which table, whatever its case."""
        found = {}
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                held = repr(cursor.fetchall()).lower()
                found[table] = sum(held.count(word.lower()) for word in words)
        return {table: count for table, count in found.items() if count}

    def take_out(self) -> Any:
        client = self.clients["admin"]
        preview = client.post(PAGE, {"words": WORDS, "reason": "Asked for by the person."})
        self.assertContains(preview, "2 sessions containing this text will end")
        self.assertContains(preview, "2 files awaiting import will be deleted")
        with self.captureOnCommitCallbacks(execute=True):
            done = client.post(PAGE, {**read_form(preview, "step_form"), "confirmed": "yes"})
        self.assertEqual(done.status_code, 302, done.context and done.context["form"].errors)
        return preview

    def test_they_are_nowhere_any_more(self) -> None:
        self.bring_in()
        self.leave_traces()
        self.assertEqual(audit.verify_chain().fault, "")
        self.assertGreater(len(self.tables_with(WORDS)), 15)
        # That the walk finds them where they are; a usual run asks for a few pages.
        every = [*self.paths(), *self.admin_paths()]
        _asked, before, _refused = self.where("admin", every[:: times(20, 1)])
        self.assertGreater(len(before), times(5, 100))

        preview = self.take_out()
        listed = Redaction.objects.latest("pk").places
        self.assertEqual(preview.context["count"], listed)
        # Folded, as the map of a spreadsheet keeps the words of a status, they are gone too.
        self.assertEqual(self.tables_with(WORDS, "Zacharias Quill"), {})
        self.assertEqual(list(uploads.list_uploads()), [])
        for session in Session.objects.all():
            self.assertNotIn(WORDS, str(session.get_decoded()))
        self.assertEqual(self.clients["manager"].get(self.waiting).status_code, 404)
        # No table has them any more: who reads most is enough, but for what they may not read, and
        # the public, whose pages differ.
        every = [*self.paths(), *self.admin_paths()]
        asked, read, refused = self.where("admin", every)
        _asked, decided, _refused = self.where("manager", every if IS_DEEP else refused)
        _asked, outside, _refused = self.where("nobody", self.paths())
        self.assertEqual([*read, *decided, *outside], [])
        self.assertGreater(asked, times(150, 250))
        self.assertGreater(len(refused), 3)
        self.assertEqual(audit.verify_chain().fault, "")
        self.assertEqual(guards.faults(connection), {})
        self.assert_later_mail_has_a_mark()

    def assert_later_mail_has_a_mark(self) -> None:
        """What is written after it quotes nothing of what was there before."""
        with sending():
            for found in Recommendation.objects.followed():
                comments.add_comment(
                    recommendation=found, by=self.people["staff"], text="@manager: look."
                )
        self.assertGreater(len(mail.outbox), 2)
        for message in mail.outbox:
            self.assertNotIn(WORDS, str(message.message()))


def newest(model: Any, column: str) -> list[Any]:
    rows = model._base_manager.order_by("-pk")
    return list(rows.values_list(column, flat=True)[:ROWS])


def tables() -> set[str]:
    return {guard.table for guard in guards.GUARDS}
