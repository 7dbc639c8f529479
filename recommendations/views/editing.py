"""What becomes of a form: its page, or the action it asks for, or why that was not done.

A page that asks for one thing is a function that gives an ``Edit``; ``edit_page`` makes the view of
it. A form that stands on another page ends in ``answer``, a button alone in ``press``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations.actions.base import ActionRefused, NotAsSeen, StaleWrite
from recommendations.characters import parse_int
from recommendations.forms.fields import Attempt, attempt
from recommendations.models import Recommendation
from recommendations.queries.shown import Shown
from recommendations.views.access import View, actor, open_to

Told = str | Callable[[Any], str]
"""What is said once it is done; a function is given what the action returned."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One form, the action that takes it, how its page puts it, and where it leads then."""

    act: Callable[..., Any]
    """Takes ``by``; ``values`` of a form; ``expected_version`` of a row; ``seen`` of a decision."""
    done: Told
    to: Any
    """What ``redirect`` takes; a function is given what the action returned."""
    form: Callable[[Any], Any] | None = None
    """Makes the form of what was sent, or of ``None``; without one only a button is asked for."""
    row: Any = None
    """What is changed, if it is there already: the version that was shown goes with the form."""
    decides: tuple[str, int] | None = None
    """Kind and key of what is decided on: what its page showed goes with the form (``Shown``)."""
    title: Any = ""
    here: Any = ""
    button: Any = ""
    note: Any = ""
    asked: Sequence[Any] = ()
    """Sentences above the button of a page without a form."""
    back: str = ""
    about: Recommendation | None = None
    parents: Sequence[tuple[Any, str]] = ()
    template: str = "edit.html"
    apart: tuple[type[ActionRefused], ...] = (StaleWrite, NotAsSeen)
    """Refusals for which the page has a place of its own, outside the form."""
    is_removed: bool = False
    """Whether what the page is about was removed meanwhile; it says so, and leads ``back``."""
    beside: Callable[[Attempt], Mapping[str, Any]] = field(default=lambda _attempted: {})
    """What a template of its own shows beside the form, read after the form was answered."""
    status: int = 200
    """That of the page where nothing was sent: 400 where its address asks for what cannot be."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The page with the form, or where it leads once it is done."""
        if self.is_removed:
            messages.info(request, _("This was removed meanwhile."))
            return redirect(self.back)
        row, sent = self.row, request.POST if request.method == "POST" else None
        form: Any = (self.form or Form)(sent)
        given: dict[str, Any] = {}

        def page(attempted: Attempt) -> HttpResponse:
            stale = attempted.stale
            version = given.get("expected_version")
            if row is not None and (stale or sent is None):
                # What the form was shown goes back with it, until it shows what is stored now.
                version = stale.current.version if stale else row.version if row.pk else 0
            context = {
                "edit": self,
                "form": form,
                "version": version,
                "stale": stale,
                "refusal": attempted.refusal if isinstance(attempted.refusal, self.apart) else None,
                **self.beside(attempted),
            }
            return render(request, self.template, context, status=attempted.status)

        if sent is None:
            return page(Attempt(self.status, form=form))
        given["by"] = actor(request)
        if row is not None:
            given["expected_version"] = parse_int(sent.get("version", "")) or 0
        if self.decides is not None:
            given["seen"] = Shown.sent(sent, *self.decides)

        def act() -> Any:
            if self.form is not None:
                given["values"] = form.values() if hasattr(form, "values") else form.cleaned_data
            return self.act(**given)

        return answer(request, form, act, page, done=self.done, to=self.to, apart=self.apart)


def by_field(act: Callable[..., Any], **about: Any) -> Callable[..., Any]:
    """For an ``Edit``: an action that takes each field of the form under its own name."""
    return lambda values, **given: act(**about, **given, **values)


EditOf = Callable[..., Edit | HttpResponse]


def edit_page(is_open: Callable[[Any], bool]) -> Callable[[EditOf], View]:
    """Makes a function that gives an ``Edit`` for a request into its view.

    ``is_open`` is a function of ``permissions``; the function itself refuses whom else it must, or
    answers where there is nothing to ask for.
    """

    def made(edit_of: EditOf) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @open_to(is_open)
        @wraps(edit_of)
        def page(request: HttpRequest, **about: Any) -> HttpResponse:
            edit = edit_of(request, **about)
            return edit.answer(request) if isinstance(edit, Edit) else edit

        # For programs, which send the same form to the same action.
        page.edit_of, page.is_open = edit_of, is_open  # type: ignore[attr-defined]
        return page

    return made


def answer(
    request: HttpRequest,
    form: BaseForm,
    act: Callable[[], Any],
    page: Callable[[Attempt], HttpResponse],
    *,
    done: Told,
    to: Any,
    apart: tuple[type[ActionRefused], ...] = (),
) -> HttpResponse:
    """Do what a form asks that was sent; else ``page`` makes its page of what came of it.

    Refusals ``apart`` are not shown on the form: the page has a place of its own for them.
    """
    attempted = attempt(form, act, shown_apart=apart)
    if not attempted.is_done:
        return page(attempted)
    return _led_on(request, attempted.made, done, to)


def press(
    request: HttpRequest,
    act: Callable[[], Any],
    *,
    done: Told,
    to: Any,
) -> HttpResponse:
    """Do what a button asks; the page that it leads to says so, or why that was refused."""
    try:
        made = act()
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(to)
    return _led_on(request, made, done, to)


def press_each(
    request: HttpRequest,
    things: Iterable[Any],
    act: Callable[[Any], Any],
    called: Callable[[Any], str] = str,
) -> list[str]:
    """Do what a button asks with each thing; what those are ``called`` with which it was done.

    A refusal becomes a message that names its thing, and takes nothing else back.
    """
    done = []
    for thing in things:
        name = called(thing)
        try:
            act(thing)
        except (ActionRefused, PermissionDenied, ValidationError) as refusal:
            words = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            messages.error(request, f"{name}: {' '.join(words)}")
        else:
            done.append(name)
    return done


def _led_on(request: HttpRequest, made: Any, done: Told, to: Any) -> HttpResponse:
    messages.success(request, done(made) if callable(done) else done)
    return redirect(to(made) if callable(to) else to)
