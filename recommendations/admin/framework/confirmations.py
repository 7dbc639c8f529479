"""Steps that take more than a form of one thing: looked at first, then done as they were shown."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import permissions
from recommendations.actions import organisations, password_links, people
from recommendations.actions.errors import ActionRefused
from recommendations.admin.framework.forms import language_field
from recommendations.authentication import throttled_address
from recommendations.forms.fields import (
    DayField,
    ProseFormField,
    TickedRowsField,
    add_form_errors,
)
from recommendations.models import User
from recommendations.pickers import kinds
from recommendations.pickers.fields import RowField
from recommendations.queries.people import hand_over_obstacles, holdings_of, workload_of


class HandOverAllForm(forms.Form):
    """Who takes over, and whether the account closes with it."""

    to = RowField(picker=kinds.HEIRS, label=gettext_lazy("Hand over to"))
    reason = ProseFormField(label=gettext_lazy("Reason"), rows=2)
    is_deactivated = forms.BooleanField(
        label=gettext_lazy("Close the account as well"), required=False
    )


class SuccessionForm(forms.Form):
    """Which organisation takes the place of another, and what goes with it."""

    successor = RowField(picker=kinds.ORGANISATIONS, label=gettext_lazy("Succeeded by"))
    on = DayField(label=gettext_lazy("Last day"), required=True)
    moves_work = forms.BooleanField(
        label=gettext_lazy("Move its recommendations"), required=False, initial=True
    )
    moves_people = forms.BooleanField(
        label=gettext_lazy("Move its people"), required=False, initial=True
    )


class InvitationForm(forms.ModelForm):
    """Who is invited, and as what; the action checks all else than that the fields can be read."""

    class Meta:
        model = User
        fields = (*people.INVITED, "groups")
        widgets = {"groups": forms.CheckboxSelectMultiple}
        field_classes = {"groups": TickedRowsField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["language"] = language_field(self.fields["language"])
        for name in ("groups", "language"):
            self.fields[name].help_text = ""

    def _post_clean(self) -> None:
        """Nothing of the model is checked here."""


def hand_over_page(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """All the work of one person goes to another."""
    if not permissions.can_hand_over_all(request.user):
        raise PermissionDenied(
            _("Only managers and administrators can hand over the work of others.")
        )
    of = _found(model_admin, request, pk)
    form = HandOverAllForm(request.POST if request.method == "POST" else None)
    if not permissions.can_administer(request.user):
        # A manager hands work over, and closes no account.
        del form.fields["is_deactivated"]
    to_field: Any = form.fields["to"]
    to_field.offer(request.user, but=str(of.pk))
    is_ready = form.is_valid()
    load = workload_of(of)
    if is_ready and "confirmed" in request.POST:
        by: Any = request.user

        def act() -> str:
            expected = request.POST.get("expected", "")
            done = people.hand_over_all(of=of, by=by, expected=expected, **form.cleaned_data)
            told = _("Handed over to %(to)s: %(n)d.")
            return told % {"to": form.cleaned_data["to"], "n": done.count}

        if answer := attempt_action(model_admin, request, form, act):
            return answer
        load = workload_of(of)
    hindering = hand_over_obstacles(load, of, form.cleaned_data["to"]) if is_ready else []
    context = {
        "load": load,
        "obstacles": hindering,
        "is_shown": is_ready and not hindering,
        "expected": load.digest,
        "look": _("Preview"),
        "do": _("Hand over all work"),
    }
    title = _("Hand over all work of %s") % of
    return page(model_admin, request, "admin/hand_over.html", form, title, context)


def succession_page(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """One organisation takes the place of another."""
    if not permissions.can_administer(request.user):
        raise PermissionDenied(_("Only an administrator can do this."))
    body = _found(model_admin, request, pk)
    form = SuccessionForm(request.POST if request.method == "POST" else None)
    successor: Any = form.fields["successor"]
    successor.offer(request.user, but=str(body.pk))
    is_ready = form.is_valid()
    if is_ready and "confirmed" in request.POST:
        by: Any = request.user

        def act() -> str:
            expected = request.POST.get("expected", "")
            organisations.succeed(organisation=body, by=by, expected=expected, **form.cleaned_data)
            told = _("%(old)s is succeeded by %(new)s.")
            return told % {"old": body, "new": form.cleaned_data["successor"]}

        if answer := attempt_action(model_admin, request, form, act):
            return answer
    holdings = holdings_of(body)
    context = {
        "holdings": holdings,
        "is_shown": is_ready,
        "expected": holdings.digest,
        "look": _("Preview"),
        "do": _("Confirm succession"),
    }
    title = _("%s is succeeded by another organisation") % body
    return page(model_admin, request, "admin/succession.html", form, title, context)


def invitation_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """An account without a password, and the link by mail under which its owner sets one."""
    if not permissions.can_administer(request.user):
        raise PermissionDenied(_("Only an administrator can do this."))
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by: Any = request.user
        values = {name: form.cleaned_data[name] for name in people.INVITED}

        def act() -> str:
            person = people.invite(by=by, values=values, roles=form.cleaned_data["groups"])
            return _("%(who)s is invited. The link is sent to %(email)s.") % {
                "who": person,
                "email": person.email,
            }

        if answer := attempt_action(model_admin, request, form, act):
            return answer
    context = {"look": _("Invite")}
    return page(model_admin, request, "admin/step.html", form, _("Invite a person"), context)


def password_link_page(
    model_admin: admin.ModelAdmin, request: HttpRequest, pk: str
) -> HttpResponse:
    """A link by mail, under which the owner of an account sets another password."""
    person = _found(model_admin, request, pk)
    if not model_admin.has_change_permission(request, person):
        raise PermissionDenied(_("You may not change that account."))
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid() and "confirmed" in request.POST:
        by: Any = request.user

        def act() -> str:
            password_links.send_password_link(
                person=person,
                by=by,
                address=request.POST.get("expected", ""),
                client=throttled_address(request),
            )
            return _("The link is sent to %(email)s.") % {"email": person.email}

        if answer := attempt_action(model_admin, request, form, act):
            return answer
        person = _found(model_admin, request, pk)
    context = {"person": person, "expected": person.email, "do": _("Send link")}
    title = _("Send %s a link to set a new password") % person
    return page(model_admin, request, "admin/password_link.html", form, title, context)


def _found(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> Any:
    thing = model_admin.get_object(request, pk)
    if thing is None:
        raise Http404
    return thing


def attempt_action(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    form: forms.BaseForm,
    act: Callable[[], str],
) -> HttpResponse | None:
    """Do it and go back to the list; nothing where it was refused, and then the form says why."""
    try:
        said = act()
    except ValidationError as error:
        add_form_errors(form, error)
        return None
    except ActionRefused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, said)
    meta = model_admin.opts
    return redirect(f"admin:{meta.app_label}_{meta.model_name}_changelist")


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
