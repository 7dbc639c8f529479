"""Every page of the site in the states that matter, in the order of a walk through them.

A stop may change what is stored; those that do stand last for their person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from recommendations.actions import decisions, updates
from recommendations.models import Evidence, Indicator, StatusUpdate, User
from recommendations.vocabulary import UpdateKind, UpdateState, Visibility
from tests.browser.base import Tab

ATTENTION = "Something needs your attention"
"""The heading above the errors of a form."""


def nothing(tab: Tab) -> None:
    """The page as it comes."""


@dataclass(frozen=True)
class Stop:
    """One page in one state: where it is, and what is done there before it is looked at."""

    name: str
    path: str
    status: int = 200
    act: Callable[[Tab], None] = field(default=nothing)
    shows: str = ""
    """Words that only this state shows; without them the stop would prove nothing."""


def press(name: str) -> Callable[[Tab], None]:
    """Press one button, and let the site say what is missing, not the browser."""

    def act(tab: Tab) -> None:
        tab.page.evaluate("[...document.forms].forEach(form => { form.noValidate = true; })")
        with tab.page.expect_navigation():
            tab.button(name).click()

    return act


def update(reference: str, state: str, kind: str = UpdateKind.REGULAR) -> StatusUpdate:
    """The last such update of the demonstration."""
    found = StatusUpdate.objects.filter(
        recommendation__reference=reference, state=state, kind=kind
    ).order_by("pk")
    last = found.last()
    assert last is not None, (reference, state, kind)
    return last


def at(name: str, *arguments: Any) -> str:
    return reverse(name, args=arguments)


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
    yield from reading()
    yield from account_pages()


def reading() -> Iterator[Stop]:
    """Pages that look much the same to everybody."""
    yield Stop("evidence", at("evidence-list"))
    yield Stop("evidence, none", at("evidence-list") + "?text=xyzzy", shows="No evidence")
    item = (
        Evidence.objects.exclude(url="").filter(visibility=Visibility.PUBLIC).order_by("pk").first()
    )
    yield Stop("evidence item", at("evidence-detail", item.pk if item else 0))
    yield Stop("indicators", at("indicator-list"))
    for indicator in Indicator.objects.order_by("pk")[:2]:
        yield Stop(f"indicator {indicator.code}", at("indicator-detail", indicator.code))
    yield Stop("ratings", at("help-ratings"))
    yield Stop("nothing", "/no-such-page/", status=404)


def account_pages() -> Iterator[Stop]:
    viewer = User.objects.get(username="viewer")
    key = urlsafe_base64_encode(force_bytes(viewer.pk))
    link = at("password_reset_confirm", key, default_token_generator.make_token(viewer))
    yield Stop("sign in", at("login"))
    yield Stop("sign in, asked for a page", at("my-work"), shows="for people who are signed in")
    yield Stop("sign in, wrong", at("login"), act=press("Sign in"), shows=ATTENTION)
    yield Stop("reset", at("password_reset"))
    yield Stop("reset, wrong", at("password_reset"), act=press("Send the link"), shows=ATTENTION)
    yield Stop("reset, sent", at("password_reset_done"))
    yield Stop("reset, old link", at("password_reset_confirm", key, "x-y"), shows="no longer works")
    yield Stop("new password", link, shows="Choose a new")
    yield Stop("new password, wrong", link, act=press("Set password"), shows=ATTENTION)
    yield Stop("new password, set", at("password_reset_complete"))
    yield Stop("not understood", at("login"), act=_send_too_much, shows="not understand")
    yield Stop("refused, from elsewhere", at("login"), act=_send_without_token, shows="too old")
    yield Stop("our fault", "/our-fault/", shows="Something went wrong here")
    yield Stop("locked out", at("login"), act=_fail_five_times, shows="paused")


def viewer() -> Iterator[Stop]:
    change = at("password_change")
    yield Stop("overview", at("overview"))
    yield Stop("DSR-1", at("recommendation-detail", "DSR-1"))
    yield Stop("approved", update("DSR-2", UpdateState.APPROVED).get_absolute_url())
    yield Stop("refused", at("audit-log"), status=403)
    yield Stop("password", change)
    yield Stop("password, wrong", change, act=press("Change password"), shows=ATTENTION)
    yield Stop("password, changed", at("password_change_done"))
    yield Stop("overview, signed out", at("overview"), act=_sign_out)


def staff() -> Iterator[Stop]:
    new = at("update-new", "DSR-2")
    yield Stop("overview", at("overview"))
    yield Stop("my work", at("my-work"))
    yield Stop("DSR-1", at("recommendation-detail", "DSR-1"))
    yield Stop("refused", at("review"), status=403)
    yield Stop("update", new)
    yield Stop("update, at risk", new, act=_choose("At risk"), shows="The issue")
    yield Stop("update, closed", new, act=_choose_closed, shows="Which recommendation takes")
    yield Stop("update, wrong day", new, act=_give_no_day, shows=ATTENTION)
    yield Stop("update, evidence missing", new, act=_add_no_evidence, shows=ATTENTION)
    yield Stop("update, saved", new, act=_save_a_draft, shows="Draft saved")
    yield Stop("moved on", new, act=_submit_what_moved_on, shows="has moved on")


def other_staff() -> Iterator[Stop]:
    draft = update("DSR-4", UpdateState.DRAFT).get_absolute_url()
    yield Stop("my work", at("my-work"), shows="Returned to you")
    yield Stop("returned", update("DSR-3", UpdateState.RETURNED).get_absolute_url())
    yield Stop("submitted", update("DSR-1", UpdateState.SUBMITTED).get_absolute_url())
    yield Stop("draft", draft, shows="yours will be the first report")
    yield Stop("draft, saved elsewhere", draft, act=_save_over, shows="saved elsewhere")


def manager() -> Iterator[Stop]:
    waiting = update("DSR-1", UpdateState.SUBMITTED)
    approved = update("DSR-1", UpdateState.APPROVED)
    item = at("review-item", waiting.pk)
    yield Stop("overview", at("overview"))
    yield Stop("list", at("recommendation-list"))
    for number in (1, 2, 3, 4):
        yield Stop(f"DSR-{number}", at("recommendation-detail", f"DSR-{number}"))
    yield Stop("review", at("review"), shows="waits for you")
    yield Stop("review, decided", at("review-item", approved.pk))
    yield Stop("waiting update", waiting.get_absolute_url())
    yield Stop("approved update", approved.get_absolute_url())
    for kind in (UpdateKind.RETRACTION, UpdateKind.CORRECTION):
        yield Stop(kind, update("DSR-1", UpdateState.APPROVED, kind).get_absolute_url())
    yield Stop(
        "approved update, retracted for no reason",
        approved.get_absolute_url(),
        act=_retract_for_nothing,
        shows=ATTENTION,
    )
    internal = Evidence.objects.filter(visibility=Visibility.INTERNAL).order_by("pk").first()
    yield Stop("evidence", at("evidence-list"))
    yield Stop("evidence item", at("evidence-detail", internal.pk if internal else 0))
    yield Stop("log", at("audit-log") + "?reference=DSR-4")
    yield Stop("log, wrong filter", at("audit-log") + "?actor=x", status=400)
    yield Stop("my work", at("my-work"))
    yield Stop("review, without a note", item, act=press("Return"), shows=ATTENTION)
    yield Stop("review, too late", item, act=_decide_too_late, shows="Not decided")
    yield Stop("review, nothing there", at("review"), shows="Nothing waits")
    yield Stop("its correction", approved.get_absolute_url(), act=press("Correct the wording"))


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
    yield Stop("evidence", at("evidence-list"), shows="No evidence to show")
    yield Stop("indicators", at("indicator-list"), shows="No indicator to show")
    yield Stop("my work", at("my-work"), shows="Nothing is due")
    yield Stop("review", at("review"), shows="Nothing waits")


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


def _send_too_much(tab: Tab) -> None:
    """More fields than Django reads."""
    with tab.page.expect_navigation():
        tab.page.evaluate("""() => {
            const form = document.querySelector("main form");
            for (let number = 0; number < 1100; number++)
                form.append(Object.assign(document.createElement("input"), {name: number}));
            form.submit();
        }""")


def _send_without_token(tab: Tab) -> None:
    tab.page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').remove()")
    press("Sign in")(tab)


def _fail_five_times(tab: Tab) -> None:
    for _time in range(5):
        tab.page.get_by_label("Username").fill("nobody")
        tab.page.get_by_label("Password").fill("wrong")
        press("Sign in")(tab)


def _sign_out(tab: Tab) -> None:
    tab.page.locator(".person summary").click()
    press("Sign out")(tab)


def _choose(name: str) -> Callable[[Tab], None]:
    return lambda tab: tab.page.get_by_role("radio", name=name).check()


def _choose_closed(tab: Tab) -> None:
    tab.page.get_by_text("Closed …").click()
    _choose("Superseded")(tab)


def _give_no_day(tab: Tab) -> None:
    tab.page.get_by_label("As of").fill("")
    press("Save draft")(tab)


def _save_a_draft(tab: Tab) -> None:
    _choose("Partly implemented")(tab)
    tab.page.get_by_label("What happened").fill("Two laboratories were named.")
    press("Save draft")(tab)


def _add_no_evidence(tab: Tab) -> None:
    tab.page.get_by_text("Add a link or citation").click()
    press("Add to this update")(tab)


def _submit_what_moved_on(tab: Tab) -> None:
    """Press Submit in a window that does not know that it was pressed in another."""
    mine = StatusUpdate.objects.get(pk=int(tab.path.strip("/").split("/")[1]))
    updates.submit(update=mine, by=mine.author, seen=mine.version)
    with tab.page.expect_navigation():
        tab.page.locator("button[value=submit]").click()


def _save_over(tab: Tab) -> None:
    """Save in a window that does not know what was saved in another."""
    draft = update("DSR-4", UpdateState.DRAFT)
    words = {"what_happened": "Written in another window."}
    updates.save_draft(update=draft, by=draft.author, seen=draft.version, values=words)
    tab.page.get_by_label("What happened").fill("Written here.")
    press("Save draft")(tab)


def _retract_for_nothing(tab: Tab) -> None:
    tab.page.get_by_text("Retract it: a fact or a date is wrong").click()
    press("Ask for its retraction")(tab)


def _decide_too_late(tab: Tab) -> None:
    """Press Approve after another manager has returned it."""
    waiting = update("DSR-1", UpdateState.SUBMITTED)
    other = User.objects.get(username="other_manager")
    decisions.return_update(update=waiting, by=other, seen=waiting.version, note="Too early.")
    with tab.page.expect_navigation():
        tab.page.locator("#decision button.btn-primary").click()
