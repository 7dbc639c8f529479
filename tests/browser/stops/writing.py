"""What policy staff write: updates, evidence, responses, actions and values."""

from collections.abc import Iterator

from django.utils import timezone

from recommendations.actions.mail.letters import queue_reminders
from recommendations.actions.people import add_deputy
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
from recommendations.queries.reminders import token_for
from recommendations.views.lists import view_members
from tests.browser.acts import (
    WRONG_FILE,
    add_no_evidence,
    at,
    choose,
    choose_a_file,
    choose_closed,
    give_no_day,
    press,
    put_in_place,
    save_a_draft,
    save_over,
    submit_too_early,
    submit_what_moved_on,
    unfold_everything,
    untitle,
    update,
    watch,
)
from tests.browser.stops.stop import ATTENTION, Stop, seldom, wrong


def staff() -> Iterator[Stop]:
    new = at("update-new", "DSR-2")
    yield Stop("overview", at("overview"))
    yield Stop("my work", at("my-work"))
    yield Stop("my work, no change", at("work-no-change"), "Confirm no change")
    yield seldom("refused", at("review"), status=403)
    ledger = at("recommendation-dates", "DSR-2")
    yield Stop("dates", ledger, "Request a new target date")
    yield Stop("dates, wrong", ledger, ATTENTION, press("Request a new target date"))
    yield from commitments()
    yield Stop("calendar", at("calendar-page"), "Keep it private")
    yield Stop("tokens", at("tokens"), "Programs use a token")
    yield seldom("notifications, none", at("notifications"), "No watched items yet")
    watched = at("recommendation-detail", "DSR-2")
    yield Stop("watched", watched, "More", watch)
    queue_reminders(now=timezone.now(), members=view_members)
    yield Stop("notifications", at("notifications"), "Watched since")
    person = User.objects.get(username="staff")
    said = Reminder.objects.filter(person=person).first()
    yield Stop("message", at("message", said.pk if said else 0), "Needs your action")
    yield seldom("deputies", at("deputies"), "No deputy named yet")
    yield wrong("deputies, wrong", at("deputies"), "Name a deputy")
    today = timezone.localdate()
    away = {"person": person, "deputy": User.objects.get(username="other_staff")}
    add_deputy(by=person, values={**away, "starts_on": today, "ends_on": today})
    yield Stop("deputies, one", at("deputies"), "End now")
    off = at("unsubscribe", token_for(person))
    yield Stop("unsubscribe", off, "Turn reminders off")
    yield Stop("unsubscribed", off, "are turned off", press("Turn reminders off"))
    confirmed = at("update-no-change", "DSR-2")
    yield Stop("no change", confirmed, "Current update")
    yield Stop("update", new)
    yield Stop("update, at risk", new, "Public reason", choose("At risk"))
    yield Stop("update, closed", new, "Replaced by recommendation", choose_closed)
    yield Stop("update, wrong day", new, ATTENTION, give_no_day)
    yield Stop("update, evidence missing", new, ATTENTION, add_no_evidence)
    # Before the form that is saved in the background while the next page opens.
    yield Stop("update, submitted too early", new, "Submit anyway", submit_too_early)
    yield Stop("update, unfolded", new, "Request a new target date", unfold_everything)
    yield Stop("update, saved", new, "Draft saved", save_a_draft)
    yield Stop("moved on", new, "This update has changed", submit_what_moved_on)
    yield from files()


def files() -> Iterator[Stop]:
    """For staff: an item of theirs with a file, and where that is given to it."""
    new, mine = at("update-new", "DSR-2"), Evidence.objects.filter(recorded_by__username="staff")
    item = mine.order_by("pk").last()
    assert item is not None
    newer = at("evidence-revise", item.pk)
    yield Stop("update, with a file", new, "A long name for a permit.pdf", choose_a_file)
    yield Stop("New file", newer)
    yield wrong("newer file, none", newer, "Add new file")
    yield Stop("newer file, there", newer, "The new file awaits another manager", put_in_place)
    yield Stop("evidence, mended", at("evidence-edit", item.pk))
    yield Stop("evidence, wrong", at("evidence-edit", item.pk), ATTENTION, untitle)


def commitments() -> Iterator[Stop]:
    """For somebody who may record: what addressees say, and a step; nothing is written."""
    everybody = at("response-list", "DSR-1") + "?ticked=all"
    yield Stop("responses, all ticked", everybody, "Select addressees")
    said = Response.objects.filter(addressee__recommendation__reference="DSR-1").first()
    proof = at("response-evidence", said.pk if said else 0)
    yield Stop("evidence of a response", proof)
    yield wrong("evidence of a response, wrong", proof, "Add to this response")
    yield wrong("responses, wrong", everybody, "Record response")
    step = Action.objects.filter(recommendation__reference="DSR-1").order_by("pk").last()
    assert step is not None
    yield Stop("action", at("action-new", "DSR-1"))
    yield wrong("action, wrong", at("action-new", "DSR-1"), "Add action")
    yield Stop("action, changed", step.get_absolute_url(), "Update action")


def figures() -> Iterator[Stop]:
    """A figure that is recorded, sent empty and proved; a file of figures, and none."""
    new = at("figure-new", "DSR-PERS")
    yield Stop("figure, new", new)
    yield wrong("figure, empty", new, "Record value")
    bring = at("figure-import", "DSR-PERS")
    yield Stop("figures, import", bring)
    yield wrong("figures, no file", bring, "Read file")
    told = "The file contradicts the indicator."
    yield Stop("figures, of something else", bring, told, WRONG_FILE)
    figure = Observation.objects.filter(indicator__code="DSR-BRIDI").order_by("pk").first()
    yield Stop("evidence for a figure", at("figure-evidence", figure.pk if figure else 0))
    yield Stop("value to confirm", at("value-confirm", figure.pk if figure else 0))
    run = ImportRun.objects.select_related("indicator").order_by("pk").first()
    assert run is not None
    yield Stop("import of values", at("import-detail", run.indicator.code, run.pk))


def other_staff() -> Iterator[Stop]:
    draft = update("DSR-4", UpdateState.DRAFT).get_absolute_url()
    yield Stop("my work", at("my-work"), "Update returned")
    yield Stop("returned", update("DSR-3", UpdateState.RETURNED).get_absolute_url())
    yield seldom("draft", draft, "Submit to")
    yield Stop("draft, saved elsewhere", draft, "saved elsewhere", save_over)
