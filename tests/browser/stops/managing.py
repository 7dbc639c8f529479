"""What managers and administrators decide, publish, import and change."""

from collections.abc import Iterator

from recommendations.actions import comments, dates, structure
from recommendations.actions import people as invitations
from recommendations.actions import personal as saved_view_actions
from recommendations.actions.bulk_changes import change_many
from recommendations.actions.imports.undoing import request_undo, withdraw_undo
from recommendations.actions.signoffs import record_sign_off
from recommendations.actions.updates import decisions
from recommendations.actions.updates.steering import record_decision
from recommendations.choices import BulkChange, UpdateKind, UpdateState, Visibility
from recommendations.models import (
    AuditEvent,
    Evidence,
    ImportRun,
    Recommendation,
    Source,
    StatusUpdate,
    UndoRequest,
    User,
)
from recommendations.queries.bulk_changes import BulkValue, plan_change
from tests.base import days_ago
from tests.browser.acts import (
    MEMBERS,
    at,
    confirm_bulk_change,
    copy_citation,
    decide_too_late,
    forget_the_number,
    open_saved_views,
    paste_rows,
    press,
    retract_for_nothing,
    select_two,
    update,
    waiting_file,
)
from tests.browser.stops.openings import openings
from tests.browser.stops.reading import tabs
from tests.browser.stops.rounds import rounds
from tests.browser.stops.stop import ATTENTION, Stop, seldom, wrong
from tests.browser.stops.writing import figures
from tests.edits import edit
from tests.undoing import undo_import


def evidence_changes() -> Iterator[Stop]:
    """Another title of evidence on which an approved update rests, to be decided by who reads."""
    staff = User.objects.get(username="staff")
    item = Evidence.objects.filter(
        recorded_by=staff,
        visibility=Visibility.PUBLIC,
        links__removed_at__isnull=True,
        links__update__state=UpdateState.APPROVED,
    ).first()
    assert item is not None
    edit(item, staff, title=f"{item.title}, second edition")
    change = item.changes.get().get_absolute_url()
    yield seldom("evidence, newer version", item.get_absolute_url(), "A newer version awaits")
    yield Stop("evidence change", change, "Proposed version")
    yield wrong("evidence change, no note", change, "Reject")


def a_decision() -> Iterator[Stop]:
    """What was decided on what an update asks for: recorded here, and shown."""
    current = Recommendation.objects.get(reference="DSR-3").current_update
    assert current is not None
    form = at("update-decision", current.pk)
    yield Stop("decision", form, "Body that decided")
    yield wrong("decision, wrong", form, "Record decision")
    person = User.objects.get(username="manager")
    said = {"body": "Cabinet", "decided_on": current.as_of, "decision": "Granted."}
    record_decision(update=current, by=person, values=said)
    yield Stop("DSR-3, decided", at("recommendation-detail", "DSR-3"), "Decided by Cabinet")
    yield seldom("update, decided", current.get_absolute_url(), "Recorded by")


def manager() -> Iterator[Stop]:
    waiting = update("DSR-1", UpdateState.SUBMITTED)
    approved = update("DSR-1", UpdateState.APPROVED)
    item = at("review-item", waiting.pk)
    yield Stop("overview", at("overview"))
    yield Stop("list", at("recommendation-list"))
    yield Stop("DSR-1", at("recommendation-detail", "DSR-1"))
    yield from tabs("DSR-1", "actions", "history")
    cite = at("recommendation-detail", "DSR-2")
    yield Stop("DSR-2, copied", cite, "Copied", copy_citation)
    yield Stop("review", at("review"), "your review")
    yield Stop("review, decided", at("review-item", approved.pk))
    yield Stop("waiting update", waiting.get_absolute_url())
    yield seldom(
        "update, evidence offered", at("update-new", "DSR-1"), "Evidence of the update as of"
    )
    yield Stop("approved update", approved.get_absolute_url())
    for kind in (UpdateKind.RETRACTION, UpdateKind.CORRECTION):
        yield Stop(kind, update("DSR-1", UpdateState.APPROVED, kind).get_absolute_url())
    yield Stop(
        "approved update, retracted for no reason",
        approved.get_absolute_url(),
        ATTENTION,
        retract_for_nothing,
    )
    internal = Evidence.objects.filter(visibility=Visibility.INTERNAL).order_by("pk").first()
    yield Stop("evidence item", at("evidence-detail", internal.pk if internal else 0))
    yield from evidence_changes()
    yield Stop("log", at("audit-log") + "?reference=DSR-4")
    yield seldom("log, wrong filter", at("audit-log") + "?actor=x", status=400)
    yield Stop("my work", at("my-work"))
    yield Stop("review, without a note", item, ATTENTION, press("Return update"))
    yield Stop("review, too late", item, "Not decided:", decide_too_late)
    yield Stop("review, nothing there", at("review"), "a change awaits your decision")
    yield Stop("its correction", approved.get_absolute_url(), act=press("Correct wording"))
    yield from a_decision()
    yield from figures()
    yield from undone_imports()
    yield from comments_between_colleagues()
    yield from publication()
    yield from dates_and_no_changes()


def manager_of_many() -> Iterator[Stop]:
    """What a manager does with many at once, and what a source has."""
    yield from themes_parts_and_relations()
    yield from spreadsheets()
    yield from bulk_changes()
    yield from saved_views()
    yield from rounds()
    yield from sign_offs()
    yield from openings()


def sign_offs() -> Iterator[Stop]:
    """Sign-offs of a recommendation and of a source: the decision, the page, and its check."""
    listing, one = at("sign-off-list"), at("recommendation-sign-off", "DSR-1")
    yield Stop("sign off", one, "cannot be changed or removed")
    to_come = days_ago(-9).isoformat()
    yield seldom("sign off, wrong day", f"{one}?as_of={to_come}", "in the future", status=400)
    source = Source.objects.get(slug="universal-access-plan")
    yield seldom("sign off source", at("source-sign-off", source.slug), "Records signed")
    manager = User.objects.get(username="manager")
    signed = record_sign_off(
        about=source, by=manager, as_of=days_ago(0), remark="Demonstration: agreed."
    )
    page = signed.get_absolute_url()
    yield Stop("sign-offs", listing, signed.title)
    yield seldom("sign-offs, first of all", at("home-history"), signed.title)
    yield seldom("sign-offs of source", at("source-sign-offs", source.slug), signed.title)
    yield seldom("sign-offs of one", at("recommendation-sign-offs", "DSR-1"), "No sign-offs yet")
    yield seldom("changes, of those who signed", at("source-history", source.slug), "since the")
    yield Stop("sign-off", page, "Cite this sign-off")
    yield Stop("sign-off, verified", f"{page}?verify", "Verified.")
    changes = at("source-changes", source.slug)
    yield Stop("changes", f"{changes}?since=2001-01-01", "The record begins on")
    yield seldom("changes, since a sign-off", f"{changes}?sign_off={signed.pk}", "Nothing changed")
    yield Stop(
        "status over time",
        at("source-over-time", source.slug),
        "Target dates compared with the original",
    )
    over_time = at("recommendation-over-time", "DSR-2")
    yield Stop("over time, of one", over_time, "Target dates stated over time")
    of_one = at("recommendation-changes", "DSR-1")
    yield seldom("changes of one, wrong day", f"{of_one}?since={to_come}", status=400)
    yield seldom("source, signed off", source.get_absolute_url(), "Signed off by")
    yield Stop("exceptions", at("exception-report"), "Never reported")
    for rule, words in (
        ("quick-approvals", "Approved within 5 minutes"),
        ("own-evidence", "recorded all evidence"),
        ("failed-emails", "The email could not be delivered"),
    ):
        is_seldom = rule != "own-evidence"
        yield Stop(f"exceptions of {rule}", at("exception-list", rule), words, is_seldom=is_seldom)


def undone_imports() -> Iterator[Stop]:
    """What undoing an import of values changes, without a reason, and undone."""
    run = ImportRun.objects.select_related("indicator").order_by("pk").first()
    assert run is not None
    page = at("import-undo", run.indicator.code, run.pk)
    yield Stop("undo import", page, "Values withdrawn")
    yield wrong("undo import, no reason", page, "Request to undo")
    request_undo(of=run, by=User.objects.get(username="admin"), reason="The wrong file.")
    yield Stop("undo import, to decide", page, "Requested by")
    withdraw_undo(request=UndoRequest.objects.get(), by=User.objects.get(username="admin"))
    undo_import(run=run, by=User.objects.get(username="manager"), reason="The wrong file.")
    yield Stop("import, undone", run.get_absolute_url(), "Undone by")
    yield seldom("undo import, too late", page, "Undone by")


def saved_views() -> Iterator[Stop]:
    """Saved views of the list: none yet, one saved, changed and removed."""
    listing, every, new = (
        at(name) for name in ("recommendation-list", "saved-view-list", "saved-view-new")
    )
    yield seldom("saved views, none", every, "No saved views yet")
    yield seldom("save view, no filter", new, "No filter to save")
    yield Stop("save view", f"{new}?flag=no_date&sort=title", "Needs attention")
    yield wrong("save view, no name", f"{new}?flag=no_date", "Save view")
    manager = User.objects.get(username="manager")
    values = {"name": "No target date", "query": "flag=no_date", "is_shared": True}
    view = saved_view_actions.save_view(by=manager, values=values)
    yield Stop(
        "list, saved views", f"{listing}?flag=no_date", "Manage saved views", open_saved_views
    )
    yield Stop("saved views", every, "No target date")
    yield seldom("edit view", at("saved-view-edit", view.pk), "Needs attention")
    yield Stop("remove view", at("saved-view-remove", view.pk), "disappears for everyone")


def bulk_changes() -> Iterator[Stop]:
    """Of all recommendations in the list: a value, the preview, the result, and undoing it."""
    start = at("bulk-new")
    preview = f"{start}?scope=all&change=priority&value=low"
    yield Stop("list, two selected", at("recommendation-list"), "2 selected", select_two)
    yield Stop("import data", at("indicator-import"), "Read file")
    yield Stop("bulk change", f"{start}?scope=all&change=lead_officer", "Preview changes")
    yield seldom("bulk change, nothing selected", f"{start}?change=priority", status=400)
    yield seldom(
        "bulk change, wrong value", f"{start}?scope=all&change=interval_months&value=0", status=400
    )
    yield Stop("bulk change, preview", preview, "Row by row")
    yield seldom("bulk publication", f"{start}?scope=all&change=publish", "Row by row")
    yield Stop("bulk archive", f"{start}?scope=all&change=archive", "Reason for archiving")
    yield seldom(
        "bulk archive, preview",
        f"{start}?scope=all&change=archive&value=closed",
        "leave counts, summaries",
    )
    confirm = confirm_bulk_change("Change")
    yield Stop("bulk change, no reason", preview, ATTENTION, confirm_bulk_change("Change", ""))
    yield Stop("bulk change, done", preview, "Undo bulk change", confirm)
    event = changed_in_bulk()
    undo = at("bulk-undo", event.sequence)
    yield Stop("bulk change, undo", undo, "Row by row")
    yield Stop("bulk change, undone", undo, "Bulk change undone", confirm_bulk_change("Undo"))
    yield seldom("bulk change, told to be undone", at("bulk-change", event.sequence), "Undone by")


def changed_in_bulk() -> AuditEvent:
    """A bulk change that is there to undo, also where nobody does what the stops say."""
    value = BulkValue(BulkChange.INTERVAL_MONTHS, 9)
    plan = plan_change(Recommendation.objects.values_list("pk", flat=True), value)
    manager = User.objects.get(username="manager")
    return change_many(value=value, shown=plan.shown, by=manager, reason="Demonstration: plan.")


def publication() -> Iterator[Stop]:
    unpublish = at("recommendation-unpublish", "DSR-4")
    yield Stop("unpublish", unpublish)
    yield wrong("unpublish, no reason", unpublish, "Unpublish")
    yield Stop("archive", at("recommendation-archive", "DSR-4"))
    yield seldom("restore, done", at("recommendation-restore", "DSR-4"), "Already completed")
    Recommendation.objects.filter(reference="DSR-4").update(published_at=None, published_by=None)
    yield Stop("publish", at("recommendation-publish", "DSR-4"), "Public page after publication")


def comments_between_colleagues() -> Iterator[Stop]:
    """For a manager: none yet, then those of an update and of its recommendation."""
    about = update("DSR-1", UpdateState.APPROVED)
    both = at("recommendation-comments", "DSR-1")
    yield seldom("comments, none", both, "No comments yet.")
    comments.add_comment(
        recommendation=about.recommendation,
        by=User.objects.get(username="staff"),
        text="Demonstration: which school was it, @manager?",
        update=about,
    )
    yield Stop("comments", both, "which school was it")
    yield seldom("comments of an update", at("update-comments", about.pk), "which school")
    yield wrong("comments, wrong", both, "Comment")


def spreadsheets() -> Iterator[Stop]:
    """For a manager: a spreadsheet on its way in, none of it written."""
    page = at("recommendation-import")
    preview = press("Preview import")
    yield Stop("import", page)
    yield wrong("import, no file", page, "Read file")
    address = waiting_file()
    yield Stop("import, what is what", address, "Map columns")
    yield Stop(
        "import, what would happen",
        address,
        "Some rows cannot be imported.",
        preview,
    )
    yield Stop("import, no number", address, ATTENTION, forget_the_number)
    yield Stop("webhooks", at("webhooks"), "Events are sent to another program")
    yield Stop("reported", at("recommendation-reported", "DSR-1"), "No imported status")


def themes_parts_and_relations() -> Iterator[Stop]:
    """For a manager: none first, then one of each."""
    by = User.objects.get(username="manager")
    of = Recommendation.objects.get(reference="DSR-3")
    dependent, other = (Recommendation.objects.get(reference=f"DSR-{n}") for n in (2, 4))
    yield Stop("theme, new", at("theme-new"), "Add theme")
    theme = structure.add_theme(by=by, values={"name": "Standards", "description": "Of products."})
    edit(of, by, themes=[theme])
    yield Stop("themes", at("theme-list"), "A recommendation counts under each")
    yield seldom("theme, edit", at("theme-edit", theme.pk), "Save theme")
    yield Stop("themes of one", at("recommendation-classify", "DSR-3"), "Standards")
    bulk = f"{at('bulk-new')}?scope=all&change=add_theme"
    yield seldom("bulk change, theme", bulk, "Theme to add")
    yield seldom("bulk change, theme, preview", f"{bulk}&value={theme.pk}", "Row by row")
    yield Stop("overview, by theme", at("overview"), "By theme")
    yield Stop("relation, new", at("relation-new", "DSR-2"), "Other recommendation")
    relation = structure.add_relation(
        by=by, values={"recommendation": dependent, "other": other, "kind": "depends_on"}
    )
    yield Stop("DSR-2, relations", at("recommendation-detail", "DSR-2"), "Depends on")
    yield Stop("relation, remove", at("relation-remove", relation.pk), "The record keeps")
    yield Stop("part, new", at("part-new", "DSR-3"), "Add part")
    part = of.parts.living().get(label="a")
    yield Stop("part, edit", at("part-edit", part.pk), "Remove this part")


def dates_and_no_changes() -> Iterator[Stop]:
    """For a manager: dates to set and to decide on, and what says “no change”."""
    no_change = at("review-no-change")
    yield seldom("no change, none", no_change, "No confirmations await your review")
    yield Stop("lead organisations", at("lead-list"), "Most overdue first")
    yield Stop("dates of the source", at("source-dates", "digital-silk-road"))
    yield Stop("Set target date", at("recommendation-dates", "DSR-4"), "Set target date")
    set_date = press("Set target date")
    yield Stop("first date, wrong", at("recommendation-dates", "DSR-4"), ATTENTION, set_date)
    staff_member = User.objects.get(username="staff")
    found = Recommendation.objects.get(reference="DSR-2")
    asked = dates.request(
        recommendation=found, by=staff_member, new_date=None, reason="Demonstration: no plan yet."
    )
    yield seldom("dates, asked for", at("recommendation-dates", "DSR-2"), "Awaiting decision")
    yield Stop("review, a date", at("review-date", asked.pk), "date change awaits your decision")
    reject = press("Reject")
    yield Stop("review, a date, no note", at("review-date", asked.pk), ATTENTION, reject)
    yield seldom("no change, to confirm", at("update-no-change", found.reference))
    decisions.no_change(recommendation=found, by=staff_member)
    yield Stop("no change", no_change, "Confirms the update")
    both = StatusUpdate.objects.get(recommendation=found, state=UpdateState.SUBMITTED)
    at_both = at("review-item", both.pk)
    yield Stop("review, an update with a date", at_both, "Decision on both")
    approve = press("Approve")
    yield Stop("review, without the date", at_both, ATTENTION, approve)


def set_up() -> Iterator[Stop]:
    """For an administrator: a source, people, an invitation that is withdrawn, groups of areas."""
    bring = at("area-import")
    yield Stop("areas, import", bring)
    yield wrong("areas, no file", bring, "Read file")
    yield Stop("areas, preview", bring, "New groups", MEMBERS)
    source, people = at("set-up-source"), at("set-up-people")
    yield Stop("set-up", at("set-up"), "Check list")
    yield Stop("approvers", at("recommendation-approvers", "DSR-1"), "Cannot approve")
    yield Stop("set-up, source", source, "New source")
    yield wrong("set-up, source, wrong", source, "Add source")
    yield Stop("set-up, people", people, "No invitation is open")
    yield wrong("set-up, people, wrong", people, "Send invitations")
    rows = at("set-up-recommendations")
    yield Stop("set-up, recommendations", rows, "Or rows pasted from a spreadsheet")
    preview = paste_rows("Connect every school\tContinuous")
    yield Stop("set-up, preview", rows, "All rows", preview)
    refused = paste_rows("Connect every school\tEternal\t\tNo such person")
    yield Stop("set-up, wrong rows", rows, "“Eternal” is none of: ", refused)
    by = User.objects.get(username="admin")
    made = invitations.invite(by=by, email="new.person@example.org", role="Viewer")
    yield Stop("set-up, people, invited", people, "Show link")
    yield Stop("withdraw", at("invitation-withdraw", made.pk), "stops working")


def admin() -> Iterator[Stop]:
    yield Stop("uses", at("tracker-uses"), "A part appears with its first use")
    yield Stop("word template", at("word-template"), "Placeholders")
    yield from set_up()
    yield seldom("DSR-4", at("recommendation-detail", "DSR-4"), "Edit")
