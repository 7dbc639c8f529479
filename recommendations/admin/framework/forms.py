"""Forms of the administration, their refusals, and pages that ask before a step."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field as dataclasses_field
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import EMPTY_VALUES
from django.db import models
from django.forms import BaseForm
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import InlineForeignKeyField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import permissions, pickers
from recommendations.actions import people
from recommendations.actions.base import ActionRefused, StaleWrite, timestamp_text
from recommendations.audit.snapshots import written
from recommendations.authentication import throttled_address
from recommendations.forms.fields import (
    DayField,
    ProseFormField,
    ReasonField,
    add_form_errors,
    attempt,
)
from recommendations.models import AuditEvent
from recommendations.models.base import Versioned
from recommendations.pickers import RowField
from recommendations.queries.fields import field_label, field_text, value_in_words
from recommendations.queries.people import hand_over_obstacles, holdings_of, workload_of
from recommendations.views.access import actor
from recommendations.views.editing import press_each

# ---- Forms that another write overtook: what is stored by now, beside what was typed.
# Nothing of such a form is saved. Sending it again is an answer to what it shows: fields that one
# had left alone show the new value, so that sending it again does not undo it.


def show_conflict(form: Any, current: models.Model) -> None:
    """Say on a form, field by field, what is stored and what was sent.

    ``current`` is the row that the action found; for a form that adds one, the row like it.
    """
    if not form.is_there:
        form.show_row(current)
        form.add_error(None, _recorded(form, current))
        return
    if getattr(form.instance, "removed_at", None) is not None:
        form.add_error(None, _removed(form.instance))
        return
    form.add_error(None, headline(form.instance))
    form.show("seen", form.stored["seen"])
    for name in form.overtaken_fields():
        mine = form.cleaned_data[name]
        words = {
            "theirs": value_in_words(form.instance, name, getattr(form.instance, name))
            or _("(empty)"),
            "mine": value_in_words(form.instance, name, mine) or _("(empty)"),
        }
        if name in form.changed_data:
            note = _("Saved meanwhile: “%(theirs)s”. Your version, not saved yet: “%(mine)s”.")
        else:
            form.show(name, form.stored[name])
            note = _(
                "Changed meanwhile from “%(mine)s” to “%(theirs)s”. The new version is shown here."
            )
        form.add_error(name, note % words)


def headline(thing: models.Model) -> str:
    """Who changed a thing last, and when; without a name where no event tells of the change."""
    events = AuditEvent.objects.filter(object_type=thing._meta.label_lower, object_id=str(thing.pk))
    if hasattr(thing, "updated_at"):
        events = events.filter(at__gte=thing.updated_at) if thing.updated_at else events.none()
    event = events.select_related("actor").order_by("-sequence").first()
    if event is None:
        return _("This record was changed after you opened it. Your changes were not saved.")
    return _("%(who)s changed this on %(when)s, after you opened it. %(what)s") % {
        "who": event.actor or capfirst(_("the system")),
        "when": timestamp_text(event.at),
        "what": _("Your changes are not saved yet. Check them, then save again."),
    }


def _recorded(form: Any, row: Any) -> str:
    """What stands already where a row was to be added."""
    words = {name: value_in_words(row, name, getattr(row, name)) for name in form.values()}
    told = [f"{field_label(row, name)} “{value}”" for name, value in words.items() if value]
    return _(
        "%(who)s recorded this on %(when)s: %(what)s. Your changes are not saved yet. "
        "Check them, then save again to add a revision."
    ) % {
        "who": row.recorded_by or capfirst(_("the system")),
        "when": timestamp_text(row.recorded_at),
        "what": ", ".join(told),
    }


def _removed(row: Any) -> str:
    return _(
        "%(who)s removed this row on %(when)s. Your change cannot be saved. Select "
        "“Delete?” to continue."
    ) % {"who": row.removed_by, "when": timestamp_text(row.removed_at)}


# ---- What one request of the administration writes, and what the actions refused of it.
# A form of the administration may write a thing and rows under it, each by an action of its own, in
# one transaction, once all of them can be read. Where an action refuses, all that was written is
# taken back, and each form that was refused tells why, with all that was typed.


class RolledBack(Exception):
    """An action refused, so nothing that the request wrote stays."""


@dataclass
class RequestWrites:
    """The outcome of the actions that one request called."""

    formsets: list[Any] = dataclasses_field(default_factory=list)
    """The rows under the thing."""
    refusals: dict[str, Exception] = dataclasses_field(default_factory=dict)
    """By the prefix of the form; that of the thing itself has none."""
    notes: list[str] = dataclasses_field(default_factory=list)
    """What the person is told once all is written."""

    def attempt(self, form: BaseForm, act: Callable[[], Any]) -> Any:
        """What the action of a form returns; ``None`` where it refused."""
        try:
            return act()
        except (ActionRefused, PermissionDenied, ValidationError) as refusal:
            self.refusals[form.prefix or ""] = refusal
            return None

    def show_refusals(self, form: Any) -> None:
        """Put what was refused on the form of the thing and those of its rows.

        What a row that is to go cannot show is said above the rows.
        """
        rows = [each for formset in self.formsets for each in formset.forms]
        for each in (form, *rows):
            if (refusal := self.refusals.get(each.prefix or "")) is not None:
                show_refusal(each, refusal)
        for formset in self.formsets:
            gone = [f for f in formset.initial_forms if formset.is_to_go(f)]
            told = [f.instance for f in gone if f.prefix in self.refusals]
            formset.non_form_errors().extend(f"{row}: {headline(row)}" for row in told)


def writes_of(request: HttpRequest) -> RequestWrites:
    """The writes of this request."""
    writes: RequestWrites = request.__dict__.setdefault("admin_writes", RequestWrites())
    return writes


def show_refusal(form: Any, refusal: Exception) -> None:
    """Put what an action refused on its form: to the fields that it names, else to the form."""
    if isinstance(refusal, StaleWrite):
        show_conflict(form, refusal.current)
    elif isinstance(refusal, ValidationError):
        add_form_errors(form, refusal)
    else:
        form.add_error(None, str(refusal))


# ---- Forms and formsets of the administration: they clean fields; all else the actions check


class TextOfRecord(ProseFormField):
    """Prose that counts as changed only where more than its blank edges did."""

    def has_changed(self, initial: object, data: object) -> bool:
        return super().has_changed(self.to_python(initial), data)


def language_field(field: forms.Field) -> forms.ChoiceField:
    """A choice among the languages of the site in place of a field that takes any code."""
    return forms.ChoiceField(
        choices=[("", gettext_lazy("Browser language")), *settings.LANGUAGES],
        required=False,
        label=field.label,
        help_text=field.help_text,
    )


class SeenField(forms.CharField):
    """What the form showed, signed; never a change by itself.

    One field a form, whatever it shows: a request may have 1,000 fields.
    """

    widget = forms.HiddenInput

    def has_changed(self, initial: object, data: object) -> bool:
        return False


class ShownValue(forms.Widget):
    """What a row is about, in words: a box that cannot be used would look for it once more."""

    def __init__(self, row: models.Model, name: str) -> None:
        super().__init__()
        self.row, self.name = row, name

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html("<span>{}</span>", field_text(self.row, self.name))


class TrackedForm(forms.ModelForm):
    """The form of one row: it says what to write, and an action writes it.

    Of a row that is there those values are written that differ from what the form showed, so
    nothing that others wrote meanwhile is undone unseen.
    """

    write: ClassVar[Any] = None
    """Writes the whole request once it can be read; whether no action refused."""
    fixed: ClassVar[tuple[str, ...]] = ()
    """Fields that cannot be changed once the row is there."""

    seen = SeenField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_there = self.instance.pk is not None
        if self.is_there:
            for name in self.fixed:
                self.fields[name].disabled = True
                self.fields[name].widget = ShownValue(self.instance, name)
            self.stored = dict(self.initial)
            self.initial["seen"] = self.stored["seen"] = self._sign(self._snapshot())
        sent = self._unsign() if self.is_bound else None
        self.is_complete = sent is not None or not (self.is_bound and self.is_there)
        self.shown: dict[str, Any] = sent or (self._snapshot() if self.is_there else {})
        if self.is_there and sent is not None:
            self.initial |= sent["values"]

    def is_valid(self) -> bool:
        """Whether it can be read; of a form that writes also whether no action refused."""
        return super().is_valid() and (self.write is None or self.write(self))

    def values(self) -> dict[str, Any]:
        """What to write, by column: of a row that is there what was changed.

        Of a new row what was left empty takes the default of its column.
        """
        is_left_out = self._is_unchanged if self.is_there else self._takes_default
        return {
            column.name: self.cleaned_data[column.name]
            for column in _columns(self.instance)
            if column.name in self.cleaned_data
            and not isinstance(self.fields[column.name], InlineForeignKeyField)
            and not is_left_out(column)
        }

    def expected(self) -> int | dict[str, Any]:
        """What the action compares: the version shown, or the values of a row that has none."""
        if isinstance(self.instance, Versioned):
            return int(self.shown["version"])
        values = self.shown["values"]
        columns = [f for f in self.instance._meta.concrete_fields if f.name in values]
        return {column.name: column.to_python(values[column.name]) for column in columns}

    def shown_row(self) -> int:
        """Of a row to be added: the key of the row like it that a refusal has shown, 0 for none."""
        return int(self.shown.get("key", 0))

    def show_row(self, row: models.Model) -> None:
        """Let the form, when it is sent again, say that this row was shown."""
        self.show("seen", self._sign({"key": row.pk}))

    def show(self, name: str, value: object) -> None:
        """Show a value in place of the one that was sent."""
        self.fields[name].bound_data = lambda data, initial: value  # type: ignore[method-assign]

    def overtaken_fields(self) -> list[str]:
        """Fields that hold by now neither what the form showed nor what it sends."""
        shown = self.shown["values"]
        sent = {n: _plain(self.fields[n], value) for n, value in self.cleaned_data.items()}
        return [
            name
            for name, value in self._snapshot()["values"].items()
            if value not in (shown.get(name), sent.get(name))
        ]

    def _post_clean(self) -> None:
        """The model is checked by the action alone."""
        if not self.is_complete and self.has_changed():
            self.add_error(None, gettext_lazy("This form is incomplete. Open the form again."))

    def _is_unchanged(self, column: Any) -> bool:
        return column.name not in self.changed_data

    def _takes_default(self, column: Any) -> bool:
        return column.has_default() and self.cleaned_data[column.name] in EMPTY_VALUES

    def _snapshot(self) -> dict[str, Any]:
        """The version and the values of the row that the form shows, as JSON can hold them."""
        values = {
            column.name: _plain(self.fields[column.name], self.stored.get(column.name))
            for column in _columns(self.instance)
            if column.name in self.fields and not self.fields[column.name].disabled
        }
        return {"version": getattr(self.instance, "version", 0), "values": values}

    def _sign(self, shown: Mapping[str, Any]) -> str:
        return signing.dumps(shown, salt=self._salt(), compress=True)

    def _unsign(self) -> dict[str, Any] | None:
        sent = self["seen"].data or ""
        with suppress(signing.BadSignature):
            shown: dict[str, Any] = signing.loads(sent, salt=self._salt())
            return shown
        return None

    def _salt(self) -> str:
        return f"admin.seen.{self.instance._meta.label_lower}.{self.instance.pk}"


MOST_NAMED = 4
"""Rows that the heading of those that are folded away names."""


class TrackedFormSet(forms.BaseInlineFormSet):
    """Rows under a thing. They are sent back as they were shown, whatever others did meanwhile."""

    writes: ClassVar[RequestWrites] = RequestWrites()
    inline: ClassVar[Any] = None
    """The rows as they are administered (``TrackedInline``)."""
    newest: ClassVar[int | None] = None
    """How many rows are shown, the newest; all where it is ``None``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writes.formsets.append(self)

    @cached_property
    def empty_form(self) -> Any:
        """Made once: a page asks for it again and again while it draws these rows."""
        return super().empty_form

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name each field by the heading of its column, which is where its help text is shown."""
        super().add_fields(form, index)
        for field in form.fields.values():
            if not field.widget.is_hidden and field.label:
                widget = getattr(field.widget, "widget", field.widget)
                widget.attrs["aria-label"] = capfirst(field.label)
            field.help_text = ""

    def get_queryset(self) -> Any:
        """The rows to show; when the form is sent, those that it sends, in its order.

        The admin pairs forms and rows by their order, and others may have added rows since.
        """
        if not hasattr(self, "_rows"):
            self._rows = self._sent_rows() if self.is_bound else self._shown_rows()
        return self._rows

    @cached_property
    def _sent(self) -> int:
        """How many rows were sent, whatever number of them is claimed."""
        row = re.compile(rf"{re.escape(str(self.prefix))}-(\d+)-")
        return len({found[1] for name in self.data if (found := row.match(name))})

    def total_form_count(self) -> int:
        """No more than were sent: a number alone would have as many rows made and drawn."""
        count = super().total_form_count()
        return min(count, self._sent) if self.is_bound else count

    def initial_form_count(self) -> int:
        count = super().initial_form_count()
        return min(count, self._sent) if self.is_bound else count

    def clean(self) -> None:
        """Nothing is compared here: the actions run one after another and refuse a repetition."""
        claimed = max(super().total_form_count(), super().initial_form_count())
        if claimed > self._sent:
            raise ValidationError(gettext_lazy("This form is incomplete. Open the form again."))

    @property
    def told(self) -> str:
        """How many rows there are, and the names of the first."""
        rows = [form.instance for form in self.initial_forms if form.instance.pk]
        names = ", ".join(str(getattr(row, self.inline.called, row)) for row in rows[:MOST_NAMED])
        if not rows:
            return _("No entries yet")
        return _("%(label)s: %(value)s") % {"label": len(rows), "value": Truncator(names).chars(80)}

    def is_to_go(self, form: Any) -> bool:
        """Whether “Delete?” is ticked on a row."""
        return bool(self.can_delete and form.cleaned_data.get(DELETION_FIELD_NAME))

    def shown_rows(self) -> set[int]:
        """Keys of the rows that the form showed."""
        return {form.instance.pk for form in self.initial_forms if form.instance.pk}

    def _shown_rows(self) -> Any:
        rows = super().get_queryset()
        if self.newest is None:
            return rows
        shown = rows.order_by("-pk").values("pk")[: self.newest]
        return rows.filter(pk__in=shown)

    def _sent_rows(self) -> list[Any]:
        model: Any = self.model
        prefixes = [self.add_prefix(index) for index in range(self.initial_form_count())]
        sent = [self.data.get(f"{prefix}-{model._meta.pk.name}", "") for prefix in prefixes]
        keys = [int(key) for key in sent if key.isdecimal() and len(key) < 19]
        found = {row.pk: row for row in super().get_queryset().filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]


def _columns(thing: models.Model) -> list[Any]:
    """What a form may write of a thing."""
    options = thing._meta
    return [f for f in (*options.concrete_fields, *options.many_to_many) if not f.primary_key]


def _plain(field: forms.Field, value: object) -> Any:
    """A value as JSON can hold it: keys of related rows, texts of days and numbers."""
    value = field.prepare_value(value)
    return sorted(value) if isinstance(value, list) else written(value)


# ---- Steps that take more than a form of one thing: looked at first, then done as they were shown


class HandOverAllForm(forms.Form):
    """Who takes over, and whether the account closes with it."""

    to = RowField(picker=pickers.HEIRS, label=gettext_lazy("Hand over to"))
    reason = ReasonField(required=False)
    is_deactivated = forms.BooleanField(
        label=gettext_lazy("Close the account as well"), required=False
    )


class SuccessionForm(forms.Form):
    """Which organisation takes the place of another, and what goes with it."""

    successor = RowField(picker=pickers.ORGANISATIONS, label=capfirst(gettext_lazy("succeeded by")))
    on = DayField(label=capfirst(gettext_lazy("last day")), required=True)
    moves_work = forms.BooleanField(
        label=gettext_lazy("Move its recommendations"), required=False, initial=True
    )
    moves_people = forms.BooleanField(
        label=gettext_lazy("Move its people"), required=False, initial=True
    )


def hand_over_page(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """All the work of one person goes to another."""
    if not permissions.can_hand_over_all(request.user):
        raise PermissionDenied(_("You cannot hand over the work of others."))
    of = found_or_404(model_admin, request, pk)
    form = HandOverAllForm(request.POST if request.method == "POST" else None)
    if not permissions.can_administer(request.user):
        # A manager hands work over, and closes no account.
        del form.fields["is_deactivated"]
    to_field: Any = form.fields["to"]
    to_field.offer(request.user, but=str(of.pk))

    def act(expected: str) -> str:
        given = {"expected": expected, **form.cleaned_data}
        done = people.hand_over_all(of=of, by=actor(request), **given)
        told = _("Handed over to %(to)s: %(n)d.")
        return told % {"to": form.cleaned_data["to"], "n": done.count}

    def context(is_ready: bool) -> dict[str, Any]:
        load = workload_of(of)
        hindering = hand_over_obstacles(load, of, form.cleaned_data["to"]) if is_ready else []
        return {
            "load": load,
            "obstacles": hindering,
            "is_shown": is_ready and not hindering,
            "expected": load.digest,
            "look": _("Preview"),
            "do": _("Hand over all work"),
        }

    title = _("Hand over all work of %s") % of
    return step_page(model_admin, request, "admin/hand_over.html", form, title, act, context)


def succession_page(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """One organisation takes the place of another."""
    if not permissions.can_administer(request.user):
        raise PermissionDenied(_("Only an administrator can do this."))
    body = found_or_404(model_admin, request, pk)
    form = SuccessionForm(request.POST if request.method == "POST" else None)
    successor: Any = form.fields["successor"]
    successor.offer(request.user, but=str(body.pk))

    def act(expected: str) -> str:
        people.succeed(organisation=body, by=actor(request), expected=expected, **form.cleaned_data)
        told = _("%(old)s is succeeded by %(new)s.")
        return told % {"old": body, "new": form.cleaned_data["successor"]}

    def context(is_ready: bool) -> dict[str, Any]:
        holdings = holdings_of(body)
        return {
            "holdings": holdings,
            "is_shown": is_ready,
            "expected": holdings.digest,
            "look": _("Preview"),
            "do": _("Confirm succession"),
        }

    title = _("%s is succeeded by another organisation") % body
    return step_page(model_admin, request, "admin/succession.html", form, title, act, context)


def password_link_page(
    model_admin: admin.ModelAdmin, request: HttpRequest, pk: str
) -> HttpResponse:
    """A link by mail, under which the owner of an account sets another password."""
    person = found_or_404(model_admin, request, pk)
    if not model_admin.has_change_permission(request, person):
        raise PermissionDenied(_("You cannot change that account."))
    form = forms.Form(request.POST if request.method == "POST" else None)

    def act(expected: str) -> str:
        client = throttled_address(request)
        people.send_password_link(person=person, by=actor(request), address=expected, client=client)
        return _("The link is sent to %(email)s.") % {"email": person.email}

    def context(_is_ready: bool) -> dict[str, Any]:
        now = found_or_404(model_admin, request, pk)
        return {"person": now, "expected": now.email, "do": _("Send link")}

    title = _("Send %s a link to set a new password") % person
    return step_page(model_admin, request, "admin/password_link.html", form, title, act, context)


def attempt_each(
    request: HttpRequest,
    things: Iterable[Any],
    act: Callable[..., Any],
    noun: str,
    done: str,
    called: Callable[[Any], str] = str,
) -> None:
    """Make one move on each thing, and say of each how it went.

    The action ``act`` takes it under its ``noun``. ``done`` completes a sentence that begins with
    what the thing is ``called``.
    """
    by = actor(request)
    for name in press_each(request, things, lambda thing: act(by=by, **{noun: thing}), called):
        messages.success(request, f"{name}: {done}.")


def found_or_404(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> Any:
    """The thing of this key, as far as its list has it."""
    thing = model_admin.get_object(request, pk)
    if thing is None:
        raise Http404
    return thing


def step_page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    template: str,
    form: forms.BaseForm,
    title: str,
    act: Callable[[str], str],
    context: Callable[[bool], dict[str, Any]],
) -> HttpResponse:
    """Ask before a step; once that is confirmed, take it and go back to the list.

    ``act`` takes what the page said is ``expected`` and returns what is told; ``context`` is read
    after it, and given whether the form is complete.
    """
    is_ready = form.is_valid()
    if is_ready and "confirmed" in request.POST:
        attempted = attempt(form, lambda: act(request.POST.get("expected", "")))
        if attempted.is_done:
            messages.success(request, attempted.made)
            meta = model_admin.opts
            return redirect(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return page(model_admin, request, template, form, title, context(is_ready))


def page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    template: str,
    form: forms.BaseForm,
    title: str,
    context: dict[str, Any],
) -> HttpResponse:
    site: admin.AdminSite = model_admin.admin_site
    shown = {**site.each_context(request), "title": title, "opts": model_admin.opts, "form": form}
    status = 400 if form.errors else 200
    return TemplateResponse(request, template, {**shown, **context}, status=status)
