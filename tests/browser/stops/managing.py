"""What managers and administrators decide, publish, import and change."""

from collections.abc import Iterator

from recommendations.actions import (
    comments,
    dates,
    invitations,
    recommendations,
    relations,
    themes,
)
from recommendations.actions import saved_views as saved_view_actions
from recommendations.actions.bulk_changes import change_many
from recommendations.actions.evidence.changes import change_item
from recommendations.actions.imports.figures import undo_import
from recommendations.actions.signoffs import record_sign_off
from recommendations.actions.updates import replacements
from recommendations.choices import BulkChange, UpdateKind, UpdateState, Visibility
from recommendations.models import (
    AuditEvent,
    Evidence,
    ImportRun,
    Recommendation,
    Source,
    StatusUpdate,
    User,
)
from recommendations.queries.bulk_changes import BulkValue, plan_change
from tests.base import days_ago
from tests.browser.acts import (
    at,
    confirm_bulk_change,
    copy_citation,
    decide_too_late,
    forget_the_number,
    look_at_members,
    open_saved_views,
    paste_rows,
    press,
    retract_for_nothing,
    select_two,
    update,
    waiting_file,
)
from tests.browser.stops.openings import openings
from tests.browser.stops.reading import citations, tabs
from tests.browser.stops.rounds import rounds
from tests.browser.stops.stop import ATTENTION, Stop
from tests.browser.stops.writing import figures


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
    change_item(
        evidence=item,
        by=staff,
        expected_version=item.version,
        values={"title": f"{item.title}, second edition"},
    )
    change = item.changes.get().get_absolute_url()
    yield Stop("evidence, newer version", item.get_absolute_url(), shows="A newer version awaits")
    yield Stop("evidence change", change, shows="Proposed version")
    yield Stop("evidence change, no note", change, act=press("Reject change"), shows=ATTENTION)


def manager() -> Iterator[Stop]:
    waiting = update("DSR-1", UpdateState.SUBMITTED)
    approved = update("DSR-1", UpdateState.APPROVED)
    item = at("review-item", waiting.pk)
    yield Stop("overview", at("overview"))
    yield Stop("list", at("recommendation-list"))
    for number in (1, 2, 3, 4):
        yield Stop(f"DSR-{number}", at("recommendation-detail", f"DSR-{number}"))
    yield from tabs("DSR-1", "evidence", "actions", "indicators", "history", "print")
    cite = at("recommendation-detail", "DSR-2")
    yield Stop("DSR-2, copied", cite, act=copy_citation, shows="Copied")
    yield from citations()
    yield Stop("review", at("review"), shows="your review")
    yield Stop("review, decided", at("review-item", approved.pk))
    yield Stop("waiting update", waiting.get_absolute_url())
    yield Stop(
        "update, evidence offered", at("update-new", "DSR-1"), shows="Evidence of the update as of"
    )
    yield Stop("approved update", approved.get_absolute_url())
    for kind in (UpdateKind.RETRACTION, UpdateKind.CORRECTION):
        yield Stop(kind, update("DSR-1", UpdateState.APPROVED, kind).get_absolute_url())
    yield Stop(
        "approved update, retracted for no reason",
        approved.get_absolute_url(),
        act=retract_for_nothing,
        shows=ATTENTION,
    )
    internal = Evidence.objects.filter(visibility=Visibility.INTERNAL).order_by("pk").first()
    yield Stop("evidence", at("evidence-list"))
    yield Stop("evidence item", at("evidence-detail", internal.pk if internal else 0))
    yield from evidence_changes()
    yield Stop("log", at("audit-log") + "?reference=DSR-4")
    yield Stop("log, wrong filter", at("audit-log") + "?actor=x", status=400)
    yield Stop("my work", at("my-work"))
    yield Stop("review, without a note", item, act=press("Return update"), shows=ATTENTION)
    yield Stop("review, too late", item, act=decide_too_late, shows="Not decided:")
    yield Stop(
        "review, nothing there", at("review"), shows="No updates or requests await your decision."
    )
    yield Stop("its correction", approved.get_absolute_url(), act=press("Correct wording"))
    yield from figures()
    yield from undone_imports()
    yield from comments_between_colleagues()
    yield from publication()
    yield from dates_and_no_changes()
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
    yield Stop("sign off", one, shows="cannot be changed or removed")
    to_come = days_ago(-9).isoformat()
    yield Stop("sign off, wrong day", f"{one}?as_of={to_come}", status=400, shows="in the future")
    source = Source.objects.get(slug="universal-access-plan")
    yield Stop("sign off source", at("source-sign-off", source.slug), shows="Records signed")
    manager = User.objects.get(username="manager")
    signed = record_sign_off(
        about=source, by=manager, as_of=days_ago(0), remark="Demonstration: agreed."
    )
    page = signed.get_absolute_url()
    yield Stop("sign-offs", listing, shows=signed.title)
    yield Stop("sign-off", page, shows="Cite this sign-off")
    yield Stop("sign-off, verified", f"{page}?verify", shows="Verified.")
    changes = at("source-changes", source.slug)
    yield Stop("changes", f"{changes}?since=2001-01-01", shows="The record begins on")
    yield Stop(
        "changes, since a sign-off", f"{changes}?sign_off={signed.pk}", shows="Nothing changed"
    )
    yield Stop(
        "status over time",
        at("source-over-time", source.slug),
        shows="Target dates compared with the original",
    )
    over_time = at("recommendation-over-time", "DSR-2")
    yield Stop("over time, of one", over_time, shows="Target dates stated over time")
    of_one = at("recommendation-changes", "DSR-1")
    yield Stop("changes of one, wrong day", f"{of_one}?since={to_come}", status=400)
    yield Stop("source, signed off", source.get_absolute_url(), shows="Signed off by")
    yield Stop("exceptions", at("exception-report"), shows="Never reported")
    for rule, words in (
        ("quick-approvals", "Approved within 5 minutes"),
        ("own-evidence", "recorded all evidence"),
        ("failed-emails", "Delivery of the email failed"),
    ):
        yield Stop(f"exceptions of {rule}", at("exception-list", rule), shows=words)


def undone_imports() -> Iterator[Stop]:
    """What undoing an import of values changes, without a reason, and undone."""
    run = ImportRun.objects.select_related("indicator").order_by("pk").first()
    assert run is not None
    page = at("import-undo", run.indicator.code, run.pk)
    undo = f"Undo import of {run.new + run.revised} values"
    yield Stop("undo import", page, shows="Values withdrawn")
    yield Stop("undo import, no reason", page, act=press(undo), shows=ATTENTION)
    undo_import(run=run, by=User.objects.get(username="manager"), reason="The wrong file.")
    yield Stop("import, undone", run.get_absolute_url(), shows="Undone on")
    yield Stop("undo import, too late", page, shows="Undone on")


def saved_views() -> Iterator[Stop]:
    """Saved views of the list: none yet, one saved, changed and removed."""
    listing, every, new = (
        at(name) for name in ("recommendation-list", "saved-view-list", "saved-view-new")
    )
    yield Stop("saved views, none", every, shows="No saved views yet")
    yield Stop("save view, no filter", new, shows="No filter to save")
    yield Stop("save view", f"{new}?flag=no_date&sort=title", shows="Needs attention")
    yield Stop("save view, no name", f"{new}?flag=no_date", act=press("Save view"), shows=ATTENTION)
    manager = User.objects.get(username="manager")
    values = {"name": "No target date", "query": "flag=no_date", "is_shared": True}
    view = saved_view_actions.save_view(by=manager, values=values)
    yield Stop(
        "list, saved views",
        f"{listing}?flag=no_date",
        act=open_saved_views,
        shows="Manage saved views",
    )
    yield Stop("saved views", every, shows="No target date")
    yield Stop("edit view", at("saved-view-edit", view.pk), shows="Needs attention")
    yield Stop("remove view", at("saved-view-remove", view.pk), shows="disappears for everyone")


def bulk_changes() -> Iterator[Stop]:
    """Of all recommendations in the list: a value, the preview, the result, and undoing it."""
    start = at("bulk-new")
    preview = f"{start}?scope=all&change=priority&value=low"
    yield Stop("list, two selected", at("recommendation-list"), act=select_two, shows="2 selected")
    yield Stop("bulk change", f"{start}?scope=all&change=lead_officer", shows="Preview changes")
    yield Stop("bulk change, nothing selected", f"{start}?change=priority", status=400)
    yield Stop(
        "bulk change, wrong value", f"{start}?scope=all&change=interval_months&value=0", status=400
    )
    yield Stop("bulk change, preview", preview, shows="Row by row")
    yield Stop("bulk publication", f"{start}?scope=all&change=publish", shows="Row by row")
    yield Stop("bulk archive", f"{start}?scope=all&change=archive", shows="Reason for archiving")
    yield Stop(
        "bulk archive, preview",
        f"{start}?scope=all&change=archive&value=closed",
        shows="leave counts, summaries",
    )
    confirm = confirm_bulk_change("Change")
    yield Stop(
        "bulk change, no reason", preview, act=confirm_bulk_change("Change", ""), shows=ATTENTION
    )
    yield Stop("bulk change, done", preview, act=confirm, shows="Undo this bulk change")
    event = changed_in_bulk()
    undo = at("bulk-undo", event.sequence)
    yield Stop("bulk change, undo", undo, shows="Row by row")
    yield Stop(
        "bulk change, undone", undo, act=confirm_bulk_change("Undo"), shows="Bulk change undone"
    )
    yield Stop(
        "bulk change, told to be undone", at("bulk-change", event.sequence), shows="Undone by"
    )


def changed_in_bulk() -> AuditEvent:
    """A bulk change that is there to undo, also where nobody does what the stops say."""
    value = BulkValue(BulkChange.INTERVAL_MONTHS, 9)
    plan = plan_change(Recommendation.objects.values_list("pk", flat=True), value)
    manager = User.objects.get(username="manager")
    return change_many(value=value, shown=plan.shown, by=manager, reason="Demonstration: plan.")


def publication() -> Iterator[Stop]:
    unpublish = at("recommendation-unpublish", "DSR-4")
    yield Stop("unpublish", unpublish)
    yield Stop("unpublish, no reason", unpublish, act=press("Unpublish"), shows=ATTENTION)
    yield Stop("archive", at("recommendation-archive", "DSR-4"))
    yield Stop("restore, done", at("recommendation-restore", "DSR-4"), shows="Already completed")
    Recommendation.objects.filter(reference="DSR-4").update(published_at=None, published_by=None)
    yield Stop(
        "publish", at("recommendation-publish", "DSR-4"), shows="Public page after publication"
    )


def comments_between_colleagues() -> Iterator[Stop]:
    """For a manager: none yet, then those of an update and of its recommendation."""
    about = update("DSR-1", UpdateState.APPROVED)
    both = at("recommendation-comments", "DSR-1")
    yield Stop("comments, none", both, shows="No comments yet.")
    comments.add_comment(
        recommendation=about.recommendation,
        by=User.objects.get(username="staff"),
        text="Demonstration: which school was it, @manager?",
        update=about,
    )
    yield Stop("comments", both, shows="which school was it")
    yield Stop("comments of an update", at("update-comments", about.pk), shows="which school")
    yield Stop("comments, wrong", both, act=press("Comment"), shows=ATTENTION)


def spreadsheets() -> Iterator[Stop]:
    """For a manager: a spreadsheet on its way in, none of it written."""
    page = at("recommendation-import")
    preview = press("Preview import")
    yield Stop("import", page)
    yield Stop("import, no file", page, act=press("Read file"), shows=ATTENTION)
    address = waiting_file()
    yield Stop("import, what is what", address, shows="Map columns")
    yield Stop(
        "import, what would happen",
        address,
        act=preview,
        shows="Some rows are rejected. Correct the file, or choose to skip rejected rows.",
    )
    yield Stop("import, no number", address, act=forget_the_number, shows=ATTENTION)
    yield Stop("reported", at("recommendation-reported", "DSR-1"), shows="No imported status")


def themes_parts_and_relations() -> Iterator[Stop]:
    """For a manager: none first, then one of each."""
    by = User.objects.get(username="manager")
    of = Recommendation.objects.get(reference="DSR-3")
    dependent, other = (Recommendation.objects.get(reference=f"DSR-{n}") for n in (2, 4))
    yield Stop("theme, new", at("theme-new"), shows="Add theme")
    theme = themes.add_theme(by=by, values={"name": "Standards", "description": "Of products."})
    recommendations.revise_recommendation(
        recommendation=of, by=by, expected_version=of.version, values={"themes": [theme]}
    )
    yield Stop("themes", at("theme-list"), shows="A recommendation counts under each")
    yield Stop("theme, edit", at("theme-edit", theme.pk), shows="Save theme")
    yield Stop("themes of one", at("recommendation-classify", "DSR-3"), shows="Standards")
    bulk = f"{at('bulk-new')}?scope=all&change=add_theme"
    yield Stop("bulk change, theme", bulk, shows="Theme to add")
    yield Stop("bulk change, theme, preview", f"{bulk}&value={theme.pk}", shows="Row by row")
    yield Stop("overview, by theme", at("overview"), shows="By theme")
    yield Stop("relation, new", at("relation-new", "DSR-2"), shows="Other recommendation")
    relation = relations.add_relation(
        by=by, values={"recommendation": dependent, "other": other, "kind": "depends_on"}
    )
    yield Stop("DSR-2, relations", at("recommendation-detail", "DSR-2"), shows="Depends on")
    yield Stop("relation, remove", at("relation-remove", relation.pk), shows="The record keeps")
    yield Stop("part, new", at("part-new", "DSR-3"), shows="Add part")
    part = of.parts.living().get(label="a")
    yield Stop("part, edit", at("part-edit", part.pk), shows="Remove this part")


def dates_and_no_changes() -> Iterator[Stop]:
    """For a manager: dates to set and to decide on, and what says “no change”."""
    no_change = at("review-no-change")
    yield Stop("no change, none", no_change, shows="No “no change” updates await your review")
    yield Stop("lead organisations", at("lead-list"), shows="Most overdue first")
    yield Stop("dates of the source", at("source-dates", "digital-silk-road"))
    yield Stop("Set target date", at("recommendation-dates", "DSR-4"), shows="Set target date")
    set_date = press("Set target date")
    yield Stop(
        "first date, wrong", at("recommendation-dates", "DSR-4"), act=set_date, shows=ATTENTION
    )
    staff_member = User.objects.get(username="staff")
    found = Recommendation.objects.get(reference="DSR-2")
    asked = dates.request(
        recommendation=found, by=staff_member, new_date=None, reason="Demonstration: no plan yet."
    )
    yield Stop("dates, asked for", at("recommendation-dates", "DSR-2"), shows="Awaiting decision")
    yield Stop(
        "review, a date",
        at("review-date", asked.pk),
        shows="date change awaits your decision",
    )
    reject = press("Reject")
    yield Stop("review, a date, no note", at("review-date", asked.pk), act=reject, shows=ATTENTION)
    yield Stop("no change, to confirm", at("update-no-change", found.reference))
    replacements.no_change(recommendation=found, by=staff_member)
    yield Stop("no change", no_change, shows="Confirms the update")
    both = StatusUpdate.objects.get(recommendation=found, state=UpdateState.SUBMITTED)
    at_both = at("review-item", both.pk)
    yield Stop("review, an update with a date", at_both, shows="Decision on both")
    approve = press("Approve")
    yield Stop("review, without the date", at_both, act=approve, shows=ATTENTION)


def set_up() -> Iterator[Stop]:
    """For an administrator: a source, people, an invitation that is withdrawn, groups of areas."""
    bring = at("area-import")
    yield Stop("areas, import", bring)
    yield Stop("areas, no file", bring, act=press("Read file"), shows=ATTENTION)
    yield Stop("areas, preview", bring, act=look_at_members, shows="New groups")
    source, people = at("set-up-source"), at("set-up-people")
    yield Stop("set-up", at("set-up"), shows="Check list")
    yield Stop("approvers", at("recommendation-approvers", "DSR-1"), shows="Cannot approve")
    yield Stop("set-up, source", source, shows="New source")
    yield Stop("set-up, source, wrong", source, act=press("Add source"), shows=ATTENTION)
    yield Stop("set-up, people", people, shows="No invitation is open")
    yield Stop("set-up, people, wrong", people, act=press("Send invitations"), shows=ATTENTION)
    rows = at("set-up-recommendations")
    yield Stop("set-up, recommendations", rows, shows="Paste from a spreadsheet")
    preview = paste_rows("Connect every school\tContinuous")
    yield Stop("set-up, preview", rows, act=preview, shows="Add 1 recommendation")
    wrong = paste_rows("Connect every school\tEternal\t\tNo such person")
    yield Stop("set-up, wrong rows", rows, act=wrong, shows="Row 1, Nature")
    by = User.objects.get(username="admin")
    made = invitations.invite(by=by, email="new.person@example.org", role="Viewer")
    yield Stop("set-up, people, invited", people, shows="Show link")
    yield Stop("withdraw", at("invitation-withdraw", made.pk), shows="no longer works")


def admin() -> Iterator[Stop]:
    yield from set_up()
    yield Stop("DSR-4", at("recommendation-detail", "DSR-4"), shows="Edit")
    yield Stop("log", at("audit-log") + "?object_type=user")
