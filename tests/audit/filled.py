"""A database in which every tracked table has rows, all of them written by actions."""

from datetime import timedelta
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from recommendations.actions import (
    areas,
    comments,
    indicators,
    personal,
    redaction,
    signoffs,
)
from recommendations.actions import people as deputies
from recommendations.actions.imports.figures import FigureOptions
from recommendations.actions.imports.openings import approve_batch, go_on_with_row, leave_out
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.actions.open_data import record_release
from recommendations.actions.rounds import close_round, extend_round, remind
from recommendations.actions.updates import drafts, steering
from recommendations.actions.uses import switch_parts
from recommendations.actions.word_templates import set_template
from recommendations.choices import UpdateState
from recommendations.exports.briefings.word import stock_template
from recommendations.management import demo
from recommendations.models import (
    Area,
    EvidenceLink,
    Indicator,
    Recommendation,
    Source,
    StoredFile,
    User,
)
from tests.edits import edit, observe, redact
from tests.figures import files as figures
from tests.imports import files
from tests.imports.openings import ROWS as ROWS_TAKEN_OVER
from tests.imports.openings import brought, list_of, seen
from tests.imports.run import import_figures, import_spreadsheet
from tests.loaded import FIXTURES
from tests.rounds import sent_round
from tests.rows import write_once
from tests.undoing import undo_batch
from tests.updates import begin_draft, save_draft, submit

WORDS = "Xanthippe of the fourth floor"
"""Taken out of a comment and of a draft."""

HEAD = ("id", "title", "lead", "contributors", "status", "status date", "due date")
ROWS = (
    ("7", "Write it down", "Ministry A", "Agency B", "Closed acceptable", "3/2/2025", "1/5/2031"),
    ("8", "Say so", "Ministry A", "", "Supported in part", "3/2/2025", ""),
)


def write_filled() -> None:
    """The demonstration with imports, a hand-over, comments and redactions, in empty tables."""
    with mock.patch.object(settings, "DEBUG", True):
        write_once("filled", _fill)


def _fill() -> None:
    demo.seed(folder=FIXTURES, now=timezone.now())
    people = {person.username: person for person in User.objects.all()}
    import_lists(people["admin"], Source.objects.get(slug="digital-silk-road"))
    take_over(people, Source.objects.get(slug="digital-silk-road"))
    _confirm(people)
    _work(people)
    _redact(people["admin"])


def import_lists(by: User, source: Source) -> None:
    """A spreadsheet, the same once more with other words, and values of an indicator."""
    for rows in (ROWS, [(number, f"{title} twice", *rest) for number, title, *rest in ROWS]):
        data = files.csv_bytes(rows, HEAD)
        options = SpreadsheetOptions(files.map_for(data), create_organisations=True)
        import_spreadsheet(upload=files.upload(data), source=source, by=by, options=options)
    for value in ("5", "6.50"):
        import_figures(
            upload=figures.upload(figures.long_csv(f"KEN,2023,{value}", "KEN,2024,-0.5")),
            indicator=Indicator.objects.earliest("pk"),
            by=by,
            options=FigureOptions(accept_doubts=True),
        )


def take_over(people: dict[str, Any], source: Source) -> None:
    """Opening statuses: one approved, one left out and gone on with, and a batch undone."""
    batch = brought(list_of(), source, people["manager"])
    leave_out(row=batch.rows.get(number=2), by=people["manager"], reason=f"Ask {WORDS}.")
    go_on_with_row(row=batch.rows.get(number=2), by=people["manager"])
    approve_batch(batch=batch, by=people["other_manager"], seen=seen(batch))
    row = ("8", *ROWS_TAKEN_OVER[0][1:])
    undone = brought(list_of([row]), source, people["manager"])
    approve_batch(batch=undone, by=people["other_manager"], seen=seen(undone))
    undo_batch(batch=undone, by=people["manager"], seen=1, reason="The wrong list.")


def _confirm(people: dict[str, Any]) -> None:
    """A value that a second person confirms."""
    first = Indicator.objects.earliest("pk")
    indicator = edit(first, people["admin"], asks_confirmation=True)
    value = observe(indicator, Area.objects.get(code="KEN"), "2025", "7", people["manager"])
    indicators.confirm_value(observation=value, by=people["other_manager"])


def _work(people: dict[str, Any]) -> None:
    """Who wrote an update changes hands; a comment calls somebody; a group gets a member."""
    about = Recommendation.objects.get(reference="DSR-4")
    text = f"@manager, ask {WORDS}."
    comments.add_comment(recommendation=about, by=people["manager"], text=text)
    view = {"name": "No target date", "query": "flag=no_date", "is_shared": True}
    personal.save_view(by=people["manager"], values=view)
    deputies.invite(by=people["admin"], email="guest@example.org", role="Viewer")
    personal.create_calendar_address(by=people["manager"])
    personal.create_token(of=people["manager"], by=people["manager"], values={"name": WORDS})
    hook = {"name": WORDS, "url": "https://example.org/", "on_round": True}
    personal.create_webhook(by=people["manager"], values=hook)
    deputies.add_deputy(
        by=people["manager"],
        values={
            "person": people["manager"],
            "deputy": people["other_manager"],
            "starts_on": timezone.localdate(),
            "ends_on": timezone.localdate(),
        },
    )
    _decide(people["manager"])
    _propose(people["manager"])
    personal.watch(by=people["manager"], kind="indicator", key=Indicator.objects.earliest("pk").pk)
    personal.set_notifications(by=people["manager"], values={"frequency": "weekly"})
    switch_parts(by=people["admin"], values={"rounds": "on"})
    _ask(about, people["manager"])
    record_release(
        by=people["admin"],
        told={
            "sequence": 1,
            "record_hash": "0",
            "known_at": timezone.now(),
            "digest": "0",
            "files": {"a.csv": [1, "0"]},
            "changes": {"areas": {"named": ["KEN"]}},
        },
        texts={},
        put_in_place=lambda: None,
    )
    for _time in range(2):
        set_template(by=people["admin"], file=ContentFile(stock_template(), "office.docx"))
    signoffs.record_sign_off(
        about=about, by=people["manager"], as_of=timezone.localdate(), remark=f"{WORDS} agreed."
    )
    draft = begin_draft(
        recommendation=about,
        by=people["manager"],
        values={"implementation_status": "in_progress", "what_happened": f"{WORDS} called."},
    )
    draft = drafts.hand_over(
        update=draft,
        to=people["other_manager"],
        by=people["manager"],
        expected_version=draft.version,
    )
    draft = save_draft(
        update=draft, by=people["other_manager"], values={"next_steps": "Call back."}
    )
    submit(update=draft, by=people["other_manager"], expected_version=draft.version)
    member = {
        "group": Area.objects.filter(kind="group").first(),
        "member": Area.objects.get(code="KEN"),
    }
    areas.add_member(by=people["admin"], values=member)


def _decide(by: User) -> None:
    """What an update asks for is decided."""
    asking = Recommendation.objects.get(reference="DSR-3").current_update
    assert asking is not None
    said = {"body": "Cabinet", "decided_on": asking.as_of, "decision": f"{WORDS} is asked."}
    steering.record_decision(update=asking, by=by, values=said)


def _propose(by: User) -> None:
    """Other words of public evidence await a second manager."""
    approved = EvidenceLink.objects.filter(
        evidence__visibility="public", update__state=UpdateState.APPROVED
    )
    item = approved.earliest("pk").evidence
    edit(item, by, description=f"{WORDS} signed it.")


def _ask(about: Recommendation, by: User) -> None:
    """A round that is extended, chased and closed."""
    edit(about, by, lead=by.organisation, lead_officer=by)
    round = sent_round([about], by)
    remind(round=round, by=by)
    extend_round(
        round=round,
        organisation=by.organisation,
        new_day=round.reply_by + timedelta(days=9),
        reason="A new officer.",
        shown_day=round.reply_by,
        by=by,
    )
    close_round(round=round, shown_in=0, by=by)


def _redact(by: User) -> None:
    reason = "Asked for by the person."
    redact(WORDS, by, reason=reason)
    redaction.redact_file(file=StoredFile.objects.earliest("pk"), by=by, reason=reason)
