"""Every page of the site in the states that matter, in the order of a walk through them.

A stop may change what is stored; those that do stand last for their person.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from recommendations.actions import comments, dates, recommendations, relations, themes
from recommendations.actions import saved_views as saved_view_actions
from recommendations.actions.bulk_changes import change_many
from recommendations.actions.updates import replacements
from recommendations.choices import BulkChange, UpdateKind, UpdateState, Visibility
from recommendations.models import (
    Action,
    AuditEvent,
    Evidence,
    ImportRun,
    Observation,
    Recommendation,
    Response,
    StatusUpdate,
    User,
)
from recommendations.queries.bulk_changes import BulkValue, plan_change
from tests.browser.acts import (
    add_no_evidence,
    at,
    choose,
    choose_a_file,
    choose_closed,
    cited,
    confirm_bulk_change,
    copy_citation,
    decide_too_late,
    fail_five_times,
    forget_the_number,
    give_no_day,
    nothing,
    open_citation,
    open_saved_views,
    press,
    put_in_place,
    retract_for_nothing,
    save_a_draft,
    save_over,
    select_two,
    send_too_much,
    send_without_token,
    sign_out,
    submit_too_early,
    submit_what_moved_on,
    unfold_everything,
    untitle,
    update,
    waiting_file,
)
from tests.browser.base import Tab

ATTENTION = "Correct the errors below"
"""The heading above the errors of a form."""


@dataclass(frozen=True)
class Stop:
    """One page in one state: where it is, and what is done there before it is looked at."""

    name: str
    path: str
    status: int = 200
    act: Callable[[Tab], None] = field(default=nothing)
    shows: str = ""
    """Words that only this state shows; without them the stop would prove nothing."""


def signed_out() -> Iterator[Stop]:
    recommendations = at("recommendation-list")
    yield Stop("overview", at("overview"))
    yield Stop("overview, of a source", at("source-detail", "digital-silk-road"))
    yield Stop("list", recommendations)
    yield Stop("list, filtered", f"{recommendations}?status=in_progress&sort=-date")
    yield Stop("list, none", f"{recommendations}?text=xyzzy", shows="No recommendation")
    yield Stop("list, wrong filter", f"{recommendations}?status=no", status=400)
    yield Stop("nothing, past the end of a list", f"{recommendations}?page=9", status=404)
    for number in (1, 2, 3, 4):
        yield Stop(f"DSR-{number}", at("recommendation-detail", f"DSR-{number}"))
    yield from tabs("DSR-1", "evidence", "indicators", "print")
    yield from reading()
    yield Stop(
        "DSR-2, cite",
        at("recommendation-detail", "DSR-2"),
        act=open_citation,
        shows="Cite this status",
    )
    yield from citations()
    yield from account_pages()
    Recommendation.objects.filter(reference="DSR-3").update(
        archived_at=timezone.now(),
        archived_by=User.objects.get(username="manager"),
        archive_reason="duplicate",
    )
    cache.clear()  # Archived past the record.
    yield Stop("DSR-3, archived", at("recommendation-detail", "DSR-3"), shows="Archived on")


def tabs(reference: str, *names: str) -> Iterator[Stop]:
    """The tabs of a recommendation besides that of its status."""
    for name in names:
        yield Stop(f"{reference}, {name}", at(f"recommendation-{name}", reference))


def reading() -> Iterator[Stop]:
    """Pages that look much the same to everybody."""
    yield Stop("evidence", at("evidence-list"))
    yield Stop("evidence, none", at("evidence-list") + "?text=xyzzy", shows="No matching evidence")
    item = (
        Evidence.objects.exclude(url="").filter(visibility=Visibility.PUBLIC).order_by("pk").first()
    )
    yield Stop("evidence item", at("evidence-detail", item.pk if item else 0))
    yield Stop("indicators", at("indicator-list"))
    for code in ("DSR-PERS", "DSR-PAT-OUT", "DEMO-NET"):
        yield Stop(f"indicator {code}", at("indicator-detail", code))
    yield Stop("gap", at("gap"), shows="Gap over time")
    yield Stop("gap, no figures", at("gap") + "?to_year=1900", shows="No data for this selection")
    yield Stop("gap, wrong years", at("gap") + "?from_year=2020&to_year=1", status=400)
    yield Stop("responses", at("response-list", "DSR-1"))
    yield Stop(
        "responses, none",
        at("response-list", "DSR-1") + "?text=xyzzy",
        shows="No matching addressees",
    )
    yield Stop("areas", at("area-list"))
    yield Stop("areas, none", at("area-list") + "?text=xyzzy", shows="No matching areas")
    yield Stop("area", at("area-detail", "demonstration-c"))
    yield Stop("ratings", at("help-ratings"))
    yield Stop("nothing", "/no-such-page/", status=404)


def citations() -> Iterator[Stop]:
    yield Stop("cited", cited("DSR-2"), shows="This is still the current status")
    nowhere = at("recommendation-cited", "DSR-2", "2026-02-30", "1")
    yield Stop("cited, no such day", nowhere, status=404, shows="The address contains no date")


def account_pages() -> Iterator[Stop]:
    viewer = User.objects.get(username="viewer")
    key = urlsafe_base64_encode(force_bytes(viewer.pk))
    link = at("password_reset_confirm", key, default_token_generator.make_token(viewer))
    yield Stop("sign in", at("login"))
    yield Stop("sign in, asked for a page", at("my-work"), shows="Sign in to see this page.")
    yield Stop("sign in, wrong", at("login"), act=press("Sign in"), shows=ATTENTION)
    yield Stop("reset", at("password_reset"))
    yield Stop("reset, wrong", at("password_reset"), act=press("Send link"), shows=ATTENTION)
    yield Stop("reset, sent", at("password_reset_done"))
    yield Stop("reset, old link", at("password_reset_confirm", key, "x-y"), shows="no longer works")
    yield Stop("new password", link, shows="Choose a new")
    yield Stop("new password, wrong", link, act=press("Set password"), shows=ATTENTION)
    yield Stop("new password, set", at("password_reset_complete"))
    yield Stop("Invalid request", at("login"), act=send_too_much, shows="The request is invalid")
    yield Stop(
        "refused, from elsewhere",
        at("login"),
        act=send_without_token,
        shows="This form has expired",
    )
    yield Stop("our fault", "/our-fault/", shows="An error occurred")
    yield Stop("too large", "/too-large/", shows="The upload is too large")
    yield Stop("busy", "/busy/", shows="Try again")
    yield Stop("busy, with words", "/busy-with-words/", shows="Your entries")
    yield Stop("locked out", at("login"), act=fail_five_times, shows="paused")


def viewer() -> Iterator[Stop]:
    change = at("password_change")
    yield Stop("overview", at("overview"))
    yield Stop("DSR-1", at("recommendation-detail", "DSR-1"))
    yield Stop("approved", update("DSR-2", UpdateState.APPROVED).get_absolute_url())
    yield Stop("refused", at("audit-log"), status=403)
    yield Stop("password", change)
    yield Stop("password, wrong", change, act=press("Change password"), shows=ATTENTION)
    yield Stop("password, changed", at("password_change_done"))
    yield Stop("overview, signed out", at("overview"), act=sign_out)


def staff() -> Iterator[Stop]:
    new = at("update-new", "DSR-2")
    yield Stop("overview", at("overview"))
    yield Stop("my work", at("my-work"))
    yield Stop("my work, no change", at("work-no-change"), shows="Confirm no change")
    yield Stop("DSR-1", at("recommendation-detail", "DSR-1"))
    yield Stop("refused", at("review"), status=403)
    ledger = at("recommendation-dates", "DSR-2")
    yield Stop("dates", ledger, shows="Request date change")
    yield Stop("dates, wrong", ledger, act=press("Request date change"), shows=ATTENTION)
    yield from commitments()
    confirmed = at("update-no-change", "DSR-2")
    yield Stop("no change", confirmed, shows="Content to confirm")
    yield Stop("update", new)
    yield Stop("update, at risk", new, act=choose("At risk"), shows="Issue")
    yield Stop("update, closed", new, act=choose_closed, shows="Replaced by recommendation")
    yield Stop("update, wrong day", new, act=give_no_day, shows=ATTENTION)
    yield Stop("update, evidence missing", new, act=add_no_evidence, shows=ATTENTION)
    yield Stop("update, unfolded", new, act=unfold_everything, shows="Request a new target date")
    yield Stop("update, submitted too early", new, act=submit_too_early, shows="Submit anyway?")
    yield Stop("update, saved", new, act=save_a_draft, shows="Draft saved")
    yield Stop("moved on", new, act=submit_what_moved_on, shows="This update has changed")
    yield from files()


def files() -> Iterator[Stop]:
    """For staff: an item of theirs with a file, and where that is given to it."""
    new, mine = at("update-new", "DSR-2"), Evidence.objects.filter(recorded_by__username="staff")
    item = mine.order_by("pk").last()
    assert item is not None
    newer = at("evidence-revise", item.pk)
    yield Stop("update, with a file", new, act=choose_a_file, shows="A long name for a permit.pdf")
    yield Stop("New file", newer)
    yield Stop("newer file, none", newer, act=press("Add new file"), shows=ATTENTION)
    yield Stop("newer file, there", newer, act=put_in_place, shows="The new file is now current")
    yield Stop("evidence, mended", at("evidence-edit", item.pk))
    yield Stop("evidence, wrong", at("evidence-edit", item.pk), act=untitle, shows=ATTENTION)


def commitments() -> Iterator[Stop]:
    """For somebody who may record: what addressees say, and a step; nothing is written."""
    everybody = at("response-list", "DSR-1") + "?ticked=all"
    yield Stop("responses, all ticked", everybody, shows="Record a response")
    said = Response.objects.filter(addressee__recommendation__reference="DSR-1").first()
    proof = at("response-evidence", said.pk if said else 0)
    yield Stop("evidence of a response", proof)
    yield Stop(
        "evidence of a response, wrong", proof, act=press("Add to this response"), shows=ATTENTION
    )
    yield Stop("responses, wrong", everybody, act=press("Record response"), shows=ATTENTION)
    step = Action.objects.filter(recommendation__reference="DSR-1").order_by("pk").last()
    assert step is not None
    yield Stop("action", at("action-new", "DSR-1"))
    yield Stop("action, wrong", at("action-new", "DSR-1"), act=press("Add action"), shows=ATTENTION)
    yield Stop("action, changed", step.get_absolute_url(), shows="Edit action")


def figures() -> Iterator[Stop]:
    """A figure that is recorded, sent empty and proved; a file of figures, and none."""
    new = at("figure-new", "DSR-PERS")
    yield Stop("figure, new", new)
    yield Stop("figure, empty", new, act=press("Record value"), shows=ATTENTION)
    bring = at("figure-import", "DSR-PERS")
    yield Stop("figures, import", bring)
    yield Stop("figures, no file", bring, act=press("Read file"), shows=ATTENTION)
    figure = Observation.objects.filter(indicator__code="DSR-BRIDI").order_by("pk").first()
    yield Stop("evidence for a figure", at("figure-evidence", figure.pk if figure else 0))
    yield Stop("value to confirm", at("value-confirm", figure.pk if figure else 0))
    run = ImportRun.objects.select_related("indicator").order_by("pk").first()
    assert run is not None
    yield Stop("import of values", at("import-detail", run.indicator.code, run.pk))


def other_staff() -> Iterator[Stop]:
    draft = update("DSR-4", UpdateState.DRAFT).get_absolute_url()
    yield Stop("my work", at("my-work"), shows="Update returned")
    yield Stop("returned", update("DSR-3", UpdateState.RETURNED).get_absolute_url())
    yield Stop("submitted", update("DSR-1", UpdateState.SUBMITTED).get_absolute_url())
    yield Stop("draft", draft, shows="No earlier update. Yours will be the first report.")
    yield Stop("draft, saved elsewhere", draft, act=save_over, shows="saved elsewhere")


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
    yield from comments_between_colleagues()
    yield from publication()
    yield from dates_and_no_changes()
    yield from themes_parts_and_relations()
    yield from spreadsheets()
    yield from bulk_changes()
    yield from saved_views()


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
    yield Stop("themes, none", at("theme-list"), shows="No themes yet")
    none = f"{at('bulk-new')}?scope=all&change=remove_theme"
    yield Stop("bulk change, no themes", none, shows="No themes yet")
    yield Stop("theme, new", at("theme-new"), shows="Add theme")
    yield Stop("themes of one, none", at("recommendation-classify", "DSR-3"), shows="No themes yet")
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


def auditor() -> Iterator[Stop]:
    yield Stop("overview", at("overview"))
    yield Stop("draft", update("DSR-4", UpdateState.DRAFT).get_absolute_url())


def admin() -> Iterator[Stop]:
    yield Stop("DSR-4", at("recommendation-detail", "DSR-4"), shows="Edit")
    yield Stop("log", at("audit-log") + "?object_type=user")


def with_nothing_there() -> Iterator[Stop]:
    """What the pages say where nothing has been entered; signed in as a manager."""
    yield Stop("overview", at("overview"), shows="No recommendations yet")
    yield Stop("list", at("recommendation-list"), shows="No recommendations yet")
    yield Stop("evidence", at("evidence-list"), shows="No evidence yet")
    yield Stop("indicators", at("indicator-list"), shows="No matching indicators")
    yield Stop("gap", at("gap"), shows="Data that can be imported")
    yield Stop("my work", at("my-work"), shows="No updates due")
    yield Stop("review", at("review"), shows="No updates or requests await your decision.")


WALKS: dict[str, Callable[[], Iterator[Stop]]] = {
    "": signed_out,
    "viewer": viewer,
    "staff": staff,
    "other_staff": other_staff,
    "manager": manager,
    "auditor": auditor,
    "admin": admin,
}
"""For each person of the demonstration, and for a reader who is not signed in."""
