"""What policy staff write: updates, evidence, responses, actions and values."""

from collections.abc import Iterator

from django.utils import timezone

from recommendations.actions.deputies import add_deputy
from recommendations.actions.mail.reminders import queue_reminders
from recommendations.choices import UpdateState
from recommendations.models import (
    Action,
    Evidence,
    ImportRun,
    Observation,
    Reminder,
    Response,
    User,
)
from recommendations.queries.reminders.messages import token_for
from recommendations.views.lists import view_members
from tests.browser.acts import (
    add_no_evidence,
    at,
    choose,
    choose_a_file,
    choose_closed,
    give_no_day,
    look_at_the_wrong_file,
    press,
    put_in_place,
    save_a_draft,
    save_over,
    submit_too_early,
    submit_what_moved_on,
    unfold_everything,
    untitle,
    update,
)
from tests.browser.stops.stop import ATTENTION, Stop


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
    yield Stop("calendar, none", at("calendar-page"), shows="no calendar address yet")
    create = press("Create calendar address")
    yield Stop("calendar", at("calendar-page"), act=create, shows="Do not pass it on")
    yield Stop("notifications, none", at("notifications"), shows="No watched items yet")
    watched = at("recommendation-detail", "DSR-2")
    yield Stop("watched", watched, act=press("Watch"), shows="Stop watching")
    queue_reminders(now=timezone.now(), members=view_members)
    yield Stop("notifications", at("notifications"), shows="Watched since")
    person = User.objects.get(username="staff")
    said = Reminder.objects.filter(person=person).first()
    yield Stop("message", at("message", said.pk if said else 0), shows="Needs your action")
    yield Stop("deputies", at("deputies"), shows="No deputy named yet")
    yield Stop("deputies, wrong", at("deputies"), act=press("Name deputy"), shows=ATTENTION)
    today = timezone.localdate()
    away = {"person": person, "deputy": User.objects.get(username="other_staff")}
    add_deputy(by=person, values={**away, "starts_on": today, "ends_on": today})
    yield Stop("deputies, one", at("deputies"), shows="End now")
    off = at("unsubscribe", token_for(person))
    yield Stop("unsubscribe", off, shows="Turn reminders off?")
    yield Stop("unsubscribed", off, act=press("Turn reminders off"), shows="are turned off")
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
    yield Stop(
        "newer file, there", newer, act=put_in_place, shows="The new file awaits another manager"
    )
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
    told = "The file contradicts the indicator."
    yield Stop("figures, of something else", bring, act=look_at_the_wrong_file, shows=told)
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
