"""Briefings: pages as PDFs, of the same rows, for whom the pages are."""

from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.actions.word_templates import set_template, template_in_use
from recommendations.exports.briefings import word
from recommendations.exports.briefings.pages import MOST_ROWS, briefing_of
from recommendations.exports.briefings.typesetting import (
    BriefingsBusyError,
    BriefingTimeoutError,
    Document,
    is_installed,
    turn,
    typeset,
)
from recommendations.forms.setup import WordTemplateForm
from recommendations.models import User, WordTemplate
from recommendations.queries.dates import day_text
from recommendations.queries.days import days_of
from recommendations.storage.evidence import open_file
from recommendations.views.access import View, open_to
from recommendations.views.editing import Edit, edit_page
from recommendations.views.history import changes
from recommendations.views.oversight import exception_report
from recommendations.views.recommendations.detail import (
    recommendation_brief,
    recommendation_detail,
    recommendation_print,
)
from recommendations.views.recommendations.pages import (
    overview,
    recommendation_list,
    source_detail,
)

# ---- A page as a PDF, or the page that says why there is none

BUSY, TOO_LONG = 10, 120
"""Seconds after which a program is asked to try again."""

OWN = "briefing/"
"""How the address of a PDF ends after that of its page."""


def pdf_of(request: HttpRequest, page: View, name: str, **about: str) -> HttpResponseBase:
    """What the view ``page`` answers this reader, as a file; or its refusal, as it is.

    A list has more rows than on a screen (``lists.requested_page``).
    """
    vars(request)["most_rows"] = MOST_ROWS
    asked = request.GET.copy()
    is_word = asked.pop("format", [""])[-1] == "docx"
    vars(request)["GET"] = asked.copy()
    answer = page(request, **about)
    # What waits to be told to the reader is for a page that is looked at.
    waiting: Any = get_messages(request)
    waiting.used = False
    if answer.status_code != HTTPStatus.OK or answer.streaming:
        return answer
    if not (word.is_offered() if is_word else is_installed()):
        return _none(request, HTTPStatus.NOT_IMPLEMENTED, is_word=is_word)
    asked.pop("page", None)
    path = request.path.removesuffix(OWN) + (f"?{asked.urlencode()}" if asked else "")
    today = timezone.localdate()
    days = days_of(request.GET, today)
    words = {"day": day_text(days.as_of if days else today)}
    if days:
        name = f"{name}-{days.as_of}-known-{days.known_on}"
        words["known"] = day_text(days.known_on)
        day = _("Current on %(day)s, as known on %(known)s") % words
    else:
        day = _("Current on %(day)s") % words
    document = briefing_of(
        answer.content.decode(),  # type: ignore[attr-defined]
        address=request.build_absolute_uri(path),
        day=day,
        audience=_("Internal") if permissions.can_read_internally(request.user) else "",
    )
    try:
        with turn():
            content = _word(document) if is_word else typeset(document)
    except BriefingsBusyError:
        return _later(request, BUSY)
    except BriefingTimeoutError:
        return _later(request, TOO_LONG)
    media_type, ending = (word.DOCX, "docx") if is_word else ("application/pdf", "pdf")
    file = HttpResponse(content, content_type=media_type, headers=_validators(answer))
    file["Content-Disposition"] = f'attachment; filename="{name}-{today:%Y-%m-%d}.{ending}"'
    return file


def _word(document: Document) -> bytes:
    """The document in the template of the office, if that can be filled still, or in ours."""
    try:
        return word.word_document(document, _template())
    except word.TemplateRefused:
        return word.word_document(document, word.stock_template())


def _template() -> bytes:
    """That of the office, unless its file is gone or may not be given; else that of the site."""
    if (row := template_in_use()) is None or not row.file.is_given:
        return word.stock_template()
    try:
        with open_file(row.file_id) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return word.stock_template()


def _validators(answer: HttpResponseBase) -> dict[str, str]:
    """By what a browser that holds the file asks whether it is still the same."""
    return {name: answer[name] for name in ("Cache-Control", "ETag") if name in answer}


def _later(request: HttpRequest, seconds: int) -> HttpResponse:
    answer = _none(request, HTTPStatus.SERVICE_UNAVAILABLE, is_busy=seconds == BUSY)
    answer["Retry-After"] = str(seconds)
    add_never_cache_headers(answer)
    return answer


def _none(
    request: HttpRequest, status: HTTPStatus, *, is_busy: bool = False, is_word: bool = False
) -> HttpResponse:
    context = {
        "is_word": is_word,
        "is_installed": status != HTTPStatus.NOT_IMPLEMENTED,
        "is_busy": is_busy,
        "may_administer": permissions.can_administer(request.user),
    }
    return render(request, "briefings/none.html", context, status=status)


# ---- Briefings: pages as PDFs, of the same rows, for whom the pages are


def _briefing(page: View, name: str) -> View:
    """The view of the PDF of a page; ``name`` is that of the file."""

    @wraps(page)
    def answer(request: HttpRequest, **about: str) -> HttpResponseBase:
        return pdf_of(request, page, name.format(*about.values(), **about), **about)

    return answer


def _or_own(page: View) -> View:
    """A page of a recommendation; of what is archived the one page that the public has."""

    @wraps(page)
    def answer(request: HttpRequest, reference: str) -> HttpResponseBase:
        try:
            return page(request, reference)
        except Http404:
            return recommendation_detail(request, reference)

    return answer


@wraps(recommendation_list.page)
def _first_rows(request: HttpRequest) -> HttpResponseBase:
    """The list; words that are a reference lead to no other page, since a page is named."""
    asked = request.GET.copy()
    asked.setdefault("page", "1")
    vars(request)["GET"] = asked
    return recommendation_list.page(request)


recommendation_pdf = _briefing(_or_own(recommendation_brief), "{reference}")
record_pdf = _briefing(_or_own(recommendation_print), "{reference}-record")
home_pdf = _briefing(overview, "home")
source_pdf = _briefing(source_detail, "{slug}")
list_pdf = _briefing(_first_rows, "recommendations")
changes_pdf = _briefing(changes, "changes-{0}")
exception_report_pdf = _briefing(exception_report, "exceptions")


# ---- The template of briefings as Word documents


@edit_page(permissions.can_administer)
def word_template(request: HttpRequest) -> Edit | HttpResponse:
    """Which template is in use, and another in its place."""
    if not word.is_offered():
        return _none(request, HTTPStatus.NOT_IMPLEMENTED, is_word=True)

    def take(values: dict[str, Any], by: User) -> WordTemplate | None:
        if (file := values["file"]) is not None:
            try:
                word.check_template(file)
            except word.TemplateRefused as refusal:
                raise ValidationError({"file": str(refusal)}) from refusal
        return set_template(by=by, file=file)

    return Edit(
        take,
        _("Saved."),
        "word-template",
        form=lambda sent: WordTemplateForm(sent, request.FILES if sent is not None else None),
        title=capfirst(WordTemplate._meta.verbose_name),
        button=_("Save"),
        back=reverse("overview"),
        template="briefings/word_template.html",
        beside=lambda _attempted: {"now": template_in_use(), "names": word.NAMES},
    )


@require_safe
@open_to(permissions.can_administer)
def word_template_file(_request: HttpRequest) -> HttpResponse:
    """The template that is in use, to be changed by an office."""
    if not word.is_offered():
        raise Http404
    headers = {"Content-Disposition": 'attachment; filename="briefing-template.docx"'}
    return HttpResponse(_template(), content_type=word.DOCX, headers=headers)
