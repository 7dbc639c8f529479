"""One recommendation: a card, and under it one tab at each address; of a past day one page."""

from collections.abc import Callable, Collection
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.choices import Flag
from recommendations.models import Recommendation
from recommendations.permissions import Person
from recommendations.queries.days import Days, NoSuchDays, NotShownAnyMore
from recommendations.queries.deputies import stand_ins_for
from recommendations.queries.frame import frame_for
from recommendations.queries.recommendations.attention import next_update
from recommendations.queries.recommendations.detail import (
    TABS,
    DetailPage,
    Section,
    approval_warning,
    detail_page,
    find_for_detail,
    primary_of,
    tabs_of,
    verification_of,
    waiting_of,
)
from recommendations.queries.recommendations.detail_then import cited_page, detail_then
from recommendations.queries.recommendations.wording import earlier_wordings
from recommendations.queries.rounds import requested_on
from recommendations.views.access import View, open_to, open_to_readers, require_followed_outside
from recommendations.views.accounts import watch_button
from recommendations.views.conditional import shows_record
from recommendations.views.feeds import feed_of
from recommendations.views.history import tabs_for
from recommendations.views.looking_back import looks_back

# ---- One recommendation: a card, and under it one tab at each address

SHOWN = {"evidence": 10, "need": 5, "steps": 15, "timeline": 10, "dates": 5}
"""Rows of each list that stand on its tab; an address that ends in ``?all`` has all of them."""

BRIEF = {**SHOWN, "evidence": 4}
"""The same in a briefing, which is one page."""

NO_LIMITS = dict.fromkeys(SHOWN, 10_000)
"""The same without a limit that anything reaches."""


def _page_of(
    tab: str,
    *sections: Section,
    opened: Callable[[View], View] = open_to_readers,
    limits: dict[str, int] = SHOWN,
) -> View:
    """The page of one tab, for those whom ``opened`` lets in; a past day has one page for all."""

    @require_safe
    @opened
    @shows_record
    @looks_back
    def page(request: HttpRequest, reference: str, days: Days | None = None) -> HttpResponse:
        if days is not None:
            found = _visible(request, reference)
            return _past(request, detail_then(found, days, request.user))
        return _tab(request, reference, tab, sections, limits)

    return page


def _tab(
    request: HttpRequest,
    reference: str,
    tab: str,
    sections: Collection[Section],
    limits: dict[str, int],
) -> HttpResponse:
    limits = NO_LIMITS if "all" in request.GET else limits

    def read(found: Any) -> dict[str, Any]:
        page = detail_page(found, request.user, timezone.localdate(), sections)
        shown = {**card_context(request, page, tab), "limits": limits}
        if tab == "history":
            shown["history_tabs"] = tabs_for(request.user, reference=reference)
        return shown

    return tab_page(request, reference, tab, read)


def tab_page(
    request: HttpRequest, reference: str, tab: str, read: Callable[[Any], dict[str, Any]]
) -> HttpResponse:
    """One tab; ``read`` gives what its template shows of what ``find_for_detail`` found."""
    found = find_or_404(request.user, reference)
    template = template_of(tab, request.user, found)
    is_public = bool(found.published_at and not found.archived_at)
    context = {
        **read(found),
        **watch_button(request, "recommendation", found.pk),
        "feed": feed_of("recommendation-feed", reference, reference, is_public=is_public),
        "tab_label": label_of_tab(tab),
    }
    return render(request, template, context)


def label_of_tab(tab: str) -> Any:
    """What the title of the page says before the recommendation; nothing on its own page."""
    return "" if tab == "detail" else TABS.get(tab, "")


def find_or_404(person: Person, reference: str) -> Any:
    """The recommendation that ``detail_page`` works from."""
    found = find_for_detail(person, reference)
    if found is None:
        raise Http404
    return found


def template_of(tab: str, person: Person, found: Recommendation) -> str:
    """The template of a tab; ``Gone`` where this person may not read it any more."""
    if found.archived_at is None or permissions.can_read_internally(person):
        return f"recommendations/tabs/{tab}.html"
    if tab != "detail":
        require_followed_outside(found, person)
    return "recommendations/public_archived.html"


def card_context(request: HttpRequest, page: DetailPage, tab: str) -> dict[str, Any]:
    """What the card and the tabs of a page show; ``tab`` is the one that is open.

    On a past day nothing may be done, nothing waits, and no age is told.
    """
    shown = {
        "view": page,
        "row": page.row,
        "today": None if page.days else page.today,
        "days": page.days,
        "tab": tab,
        "verification": verification_of(page.row),
    }
    if page.days is not None:
        return shown
    person = request.user
    primary = primary_of(page)
    log = next_update(page.found) if page.may_log else None
    frame = frame_for(person)
    is_asked = page.found is not None and frame.has_open_round
    return {
        **shown,
        "tabs": tabs_of(page, frame.uses),
        "waiting": waiting_of(page),
        "requested": requested_on([page.row.pk]) if is_asked else (),
        "approval_warning": approval_warning(page),
        **_deputies(page, person),
        "primary": primary,
        "log": log if log != primary else None,
        "may_classify": permissions.can_change_recommendations(person),
        "signed": page.signed,
        "may_sign_off": permissions.can_sign_off(person),
        "may_publish": permissions.can_publish(person),
        "may_administer": permissions.can_administer(person),
        "may_review": permissions.can_review(person),
        "may_record_decision": page.row.may_record_decision
        and Flag.DECISION_NEEDED in page.row.flags,
        "may_read_comments": permissions.can_read_drafts(person),
        "may_read_log": permissions.can_read_log(person),
    }


def _deputies(page: DetailPage, person: Person) -> dict[str, Any]:
    """Who stands in today for the lead officer and for the reviewer, in words, if anybody does."""
    if page.found is None:
        return {}
    officer, reviewer = page.found.lead_officer_id, page.found.reviewer_id
    found = stand_ins_for(person, [officer, reviewer])
    return {
        "officer_deputy": found[officer].text if officer in found else "",
        "reviewer_deputy": found[reviewer].text if reviewer in found else "",
    }


_inside = open_to(permissions.can_read_internally)

recommendation_detail = _page_of("detail", Section.STATUS)
recommendation_evidence = _page_of("evidence", Section.EVIDENCE)
recommendation_actions = _page_of("actions", Section.ACTIONS, opened=_inside)
recommendation_indicators = _page_of("indicators", Section.INDICATORS)
recommendation_history = _page_of("history", Section.HISTORY, opened=_inside)
recommendation_brief = _page_of("briefing", Section.STATUS, Section.EVIDENCE, limits=BRIEF)
recommendation_print = _page_of("print", *Section, limits=NO_LIMITS)


@require_safe
@open_to_readers
@shows_record
def recommendation_wording(request: HttpRequest, reference: str) -> HttpResponse:
    """What its title, summary and quotation were before, each with the reason for the change."""
    found = _visible(request, reference)
    require_followed_outside(found, request.user)
    shown = {"found": found, "earlier": earlier_wordings(found, request.user)}
    return render(request, "recommendations/wording.html", shown)


# ---- A past day, and the page that a citation leads to


def _visible(request: HttpRequest, reference: str) -> Recommendation:
    """404 where the reader may open no page of it now."""
    visible = Recommendation.objects.visible_to(request.user)
    found: Recommendation = get_object_or_404(visible, reference=reference)
    return found


def _past(request: HttpRequest, page: DetailPage, *, is_cited: bool = False) -> HttpResponse:
    """The one page of a past day, with all that there is of it."""
    shown = {**card_context(request, page, "print"), "limits": NO_LIMITS, "is_cited": is_cited}
    return render(request, "recommendations/tabs/detail.html", shown)


@require_safe
@open_to_readers
@shows_record
def recommendation_cited(
    request: HttpRequest, reference: str, day: str, entry: str
) -> HttpResponse:
    """What was current on a day, as known at an entry of the audit log; else why there is none."""
    found = _visible(request, reference)
    try:
        page = cited_page(found, day, entry, timezone.localdate(), request.user)
    except NoSuchDays as reason:
        shown = {"found": found, "reason": str(reason)}
        status = 410 if isinstance(reason, NotShownAnyMore) else 404
        return render(request, "recommendations/not_citable.html", shown, status=status)
    return _past(request, page, is_cited=True)
