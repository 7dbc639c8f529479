"""What is read, signed out and by people who only read; and pages with nothing on them."""

from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from recommendations.actions import people
from recommendations.choices import Role, UpdateState, Visibility
from recommendations.models import Evidence, Recommendation, User
from recommendations.queries.people import token_of
from tests.browser.acts import (
    at,
    cited,
    fail_five_times,
    open_citation,
    press,
    send_too_much,
    send_without_token,
    sign_out,
    update,
)
from tests.browser.stops.stop import ATTENTION, Stop, seldom, wrong


def signed_out() -> Iterator[Stop]:
    recommendations = at("recommendation-list")
    yield Stop("overview", at("overview"))
    yield Stop("overview, of a source", at("source-detail", "digital-silk-road"))
    yield Stop("list", recommendations)
    yield seldom("list, filtered", f"{recommendations}?status=in_progress&sort=-date")
    yield seldom("list, none", f"{recommendations}?text=xyzzy", "No recommendation")
    yield seldom("list, wrong filter", f"{recommendations}?status=no", status=400)
    yield seldom("nothing, past the end of a list", f"{recommendations}?page=9", status=404)
    yield Stop("DSR-1", at("recommendation-detail", "DSR-1"))
    for number in (2, 3, 4):
        yield seldom(f"DSR-{number}", at("recommendation-detail", f"DSR-{number}"))
    yield from tabs("DSR-1", "evidence", "indicators", "print")
    yield from reading()
    yield Stop(
        "DSR-2, cite", at("recommendation-detail", "DSR-2"), "Cite this status", open_citation
    )
    yield from citations()
    yield from past_days()
    yield from invitation_pages()
    yield from account_pages()
    Recommendation.objects.filter(reference="DSR-3").update(
        archived_at=timezone.now(),
        archived_by=User.objects.get(username="manager"),
        archive_reason="duplicate",
    )
    cache.clear()  # Archived past the record.
    yield Stop("DSR-3, archived", at("recommendation-detail", "DSR-3"), "Archived on")


def past_days() -> Iterator[Stop]:
    """Pages of a day in spring, by what was known some months later."""
    today = timezone.localdate()
    days = f"as_of={today - timedelta(days=200)}&known={today - timedelta(days=60)}"
    yield seldom("look back", at("home-look-back"), "Choose a past day")
    yield seldom("look back, source", at("source-look-back", "digital-silk-road"))
    yield Stop("look back, DSR-1", at("recommendation-look-back", "DSR-1"))
    yield Stop("past source", f"{at('source-detail', 'digital-silk-road')}?{days}")
    yield Stop("wording", at("recommendation-wording", "DSR-1"), "No earlier wording")
    yield seldom("open data", at("open-data"), "Open data")
    yield seldom("embedded", at("embed-recommendation", "DSR-1"), "Narrow the digital")
    yield seldom("embedded source", at("embed-source", "digital-silk-road"), "Digital Silk Road")
    yield seldom("past list", f"{at('recommendation-list')}?{days}&only=open")
    yield Stop("past DSR-1", f"{at('recommendation-detail', 'DSR-1')}?{days}")
    yield seldom("no such day", f"{at('overview')}?as_of={today + timedelta(days=9)}", status=400)


def tabs(reference: str, *names: str) -> Iterator[Stop]:
    """The tabs of a recommendation besides that of its status."""
    for name in names:
        yield Stop(f"{reference}, {name}", at(f"recommendation-{name}", reference))


def reading() -> Iterator[Stop]:
    """Pages that look much the same to everybody."""
    yield Stop("evidence", at("evidence-list"))
    yield seldom("evidence, none", at("evidence-list") + "?text=xyzzy", "No matching evidence")
    item = (
        Evidence.objects.exclude(url="").filter(visibility=Visibility.PUBLIC).order_by("pk").first()
    )
    yield Stop("evidence item", at("evidence-detail", item.pk if item else 0))
    yield Stop("indicators", at("indicator-list"))
    for code in ("DSR-PERS", "DSR-PAT-OUT", "DEMO-NET"):
        is_seldom = code == "DSR-PAT-OUT"
        yield Stop(f"indicator {code}", at("indicator-detail", code), is_seldom=is_seldom)
    yield Stop("gap", at("gap"), "Gap over time")
    yield seldom("gap, no figures", at("gap") + "?to_year=1900", "No data for this selection")
    yield seldom("gap, wrong years", at("gap") + "?from_year=2020&to_year=1", status=400)
    yield Stop("responses", at("response-list", "DSR-1"))
    yield seldom(
        "responses, none", at("response-list", "DSR-1") + "?text=xyzzy", "No matching addressees"
    )
    yield Stop("areas", at("area-list"))
    yield seldom("areas, none", at("area-list") + "?text=xyzzy", "No matching areas")
    yield Stop("area", at("area-detail", "demonstration-c"))
    yield Stop("ratings", at("help-ratings"))
    yield Stop("choices", at("help-choices"), "Level of obligation")
    yield Stop("nothing", "/no-such-page/", status=404)


def citations() -> Iterator[Stop]:
    yield Stop("cited", cited("DSR-2"), "This is still the current status")
    nowhere = at("recommendation-cited", "DSR-2", "2026-02-30", "1")
    yield Stop("cited, no such day", nowhere, "The address contains no date", status=404)


def account_pages() -> Iterator[Stop]:
    viewer = User.objects.get(username="viewer")
    key = urlsafe_base64_encode(force_bytes(viewer.pk))
    link = at("password_reset_confirm", key, default_token_generator.make_token(viewer))
    yield Stop("sign in", at("login"))
    yield seldom("sign in, asked for a page", at("my-work"), "Sign in to see this page.")
    yield Stop("sign in, wrong", at("login"), ATTENTION, press("Sign in"))
    yield Stop("reset", at("password_reset"))
    yield wrong("reset, wrong", at("password_reset"), "Send link")
    yield Stop("reset, sent", at("password_reset_done"))
    yield seldom("reset, old link", at("password_reset_confirm", key, "x-y"), "no longer works")
    yield Stop("new password", link, "Choose a new")
    yield wrong("new password, wrong", link, "Set password")
    yield Stop("new password, set", at("password_reset_complete"))
    yield Stop("Invalid request", at("login"), "The request is invalid", send_too_much)
    yield Stop(
        "refused, without its token", at("login"), "This form has expired", send_without_token
    )
    yield Stop("our fault", "/our-fault/", "An error occurred")
    yield Stop("too large", "/too-large/", "The upload is too large")
    yield Stop("busy", "/busy/", "Try again")
    yield Stop("busy, with words", "/busy-with-words/", "Your entries")
    yield Stop("locked out", at("login"), "paused", fail_five_times)


def invitation_pages() -> Iterator[Stop]:
    """Behind the link of an invitation, by whoever is not signed in."""
    by = User.objects.get(username="admin")
    made = people.invite(by=by, email="new.person@example.org", role=Role.STAFF)
    link = at("invitation", token_of(made.token_salt))
    create = press("Create account")
    yield Stop("invitation", link, "Create account")
    yield Stop("invitation, wrong", link, ATTENTION, create)
    yield seldom("invitation, no such", at("invitation", "x"), "does not work", status=404)
    people.withdraw_invitation(invitation=made, by=by)
    yield Stop("invitation, withdrawn", link, "was withdrawn", status=410)


def viewer() -> Iterator[Stop]:
    change = at("password_change")
    yield Stop("approved", update("DSR-2", UpdateState.APPROVED).get_absolute_url())
    yield Stop("refused", at("audit-log"), status=403)
    yield Stop("password", change)
    yield wrong("password, wrong", change, "Change password")
    yield Stop("password, changed", at("password_change_done"))
    yield Stop("overview, signed out", at("overview"), act=sign_out)


def auditor() -> Iterator[Stop]:
    yield seldom("draft", update("DSR-4", UpdateState.DRAFT).get_absolute_url())


def with_nothing_there() -> Iterator[Stop]:
    """What the pages say where nothing has been entered; signed in as a manager."""
    yield Stop("overview", at("overview"), "No recommendations yet")
    yield Stop("list", at("recommendation-list"), "No recommendations yet")
    yield seldom("evidence", at("evidence-list"), "No evidence yet")
    yield seldom("indicators", at("indicator-list"), "No matching indicators")
    yield seldom("gap", at("gap"), "Data that can be imported")
    yield Stop("my work", at("my-work"), "No updates due")
    yield seldom("sign-offs", at("sign-off-list"), "No sign-offs yet")
    yield seldom("review", at("review"), "No updates or requests await your decision.")
