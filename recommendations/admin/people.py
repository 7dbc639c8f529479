"""People, their deputies, and sign-ins that failed, in the administration."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions, pickers
from recommendations.actions import people as actions
from recommendations.actions.oversight.sign_ins import pause_after, release
from recommendations.admin.framework.base import ReferenceAdmin, TrackedModelAdmin
from recommendations.admin.framework.forms import (
    TrackedForm,
    attempt_each,
    found_or_404,
    hand_over_page,
    language_field,
    page,
    password_link_page,
    succession_page,
)
from recommendations.admin.framework.lists import (
    beside,
    by_row,
    column,
    count,
    day,
    day_text,
    holds,
    is_set,
    yes_no,
)
from recommendations.models import Deputy, Organisation, Recommendation, User
from recommendations.queries.administration import acceptances, workloads
from recommendations.queries.listed import column_names
from recommendations.queries.people import workload_of

# ---- People, the organisations they act for, and the groups that are their roles

admin.site.unregister(Group)


@admin.register(Organisation)
class OrganisationAdmin(ReferenceAdmin):
    add_action = staticmethod(actions.add_organisation)
    change_action = staticmethod(actions.change_organisation)
    beside = ("is_demonstration",)
    pages = {"succeed": ("<path:pk>/succeed/", succession_page), **ReferenceAdmin.pages}
    list_display = (
        "name",
        "kind",
        count(_("leads"), Recommendation.objects.followed, "lead"),
        count(_("people"), lambda: User.objects.filter(is_active=True), "organisation"),
        day("valid_from"),
        day("valid_to"),
        "successor",
    )
    list_filter = (
        *("kind", is_set("valid_to", _("ended")), is_set("successor", _("succeeded"))),
        "is_demonstration",
    )
    list_select_related = ("successor",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("successor",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "kind", "valid_from", "valid_to", "successor", "is_demonstration")
    readonly_fields = ("is_demonstration",)

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        if found is None or not permissions.can_administer(request.user):
            return {}
        page = reverse("admin:recommendations_organisation_succeed", args=[found.pk])
        return {"tools": [(gettext("Record succession"), page)]}


@admin.register(Group)
class GroupAdmin(TrackedModelAdmin):
    """Roles. Which there are and what each may do is kept by the program itself."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name",)

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        return {} if found else {"title": capfirst(_("roles"))}


class _RolesFilter(admin.RelatedFieldListFilter):
    """By a role, which Django calls a group."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("roles")


class PersonForm(TrackedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "language" in self.fields:
            self.fields["language"] = language_field(self.fields["language"])
        if "groups" in self.fields:
            # The wrapper of the administration would hide that there are several boxes.
            self.fields["groups"].widget.use_fieldset = True

    class Meta:
        model = User
        fields = "__all__"
        widgets = {"groups": forms.CheckboxSelectMultiple}
        labels = {"groups": capfirst(_("roles")), "is_staff": capfirst(_("administration"))}
        field_classes = {"username": UsernameField}
        help_texts = {
            "is_active": _("A closed account cannot be used to sign in."),
            "is_staff": "",
            "username": "",
        }


@admin.register(User)
class UserAdmin(TrackedModelAdmin, DjangoUserAdmin):
    """People are deactivated, never deleted: what they wrote keeps its author."""

    add_action = staticmethod(actions.add_user)
    change_action = staticmethod(actions.change_user)
    form = PersonForm
    add_form = PersonForm
    add_form_template = None
    actions = ("deactivate", "reactivate", "invite_again")
    list_display = (
        "username",
        "full_name",
        "organisation",
        "roles",
        beside(_("open items"), workloads),
        day("last_login", _("last sign-in"), empty=_("Never")),
        beside(_("invitation accepted"), acceptances, day_text),
        yes_no("is_active"),
        yes_no("is_staff", _("administration")),
    )
    list_filter = (
        ("groups", _RolesFilter),
        "is_active",
        holds("is_staff", _("administration"), lambda: Q(is_staff=True)),
        is_set("last_login", _("signed in before")),
        ("organisation", by_row(pickers.BODIES)),
        "is_demonstration",
    )
    list_select_related = ("organisation",)
    list_reads = ("first_name", "last_name", "organisation__name")
    search_fields = ("username", "first_name", "last_name", "email", "organisation__name")
    ordering = ("username",)
    autocomplete_fields = ("organisation",)
    filter_horizontal = ()
    readonly_fields = ("password_link", "is_service")
    fieldsets = (
        (None, {"fields": ("username", "password_link")}),
        (
            capfirst(_("person")),
            {
                "fields": (
                    *("first_name", "last_name", "email", "organisation", "language"),
                    "wants_mail",
                )
            },
        ),
        (capfirst(_("roles")), {"fields": ("is_active", "groups", "is_staff", "is_service")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "is_service"),
                "description": _(
                    "The account has no password. After saving, choose “Send a link to set a new "
                    "password”: its owner sets one."
                ),
            },
        ),
        (
            capfirst(_("person")),
            {"fields": ("first_name", "last_name", "email", "organisation")},
        ),
        (capfirst(_("roles")), {"fields": ("groups", "is_staff")}),
    )

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())

    @admin.display(description=_("password"))
    def password_link(self, person: User) -> str:
        """No trace of the password, also not of its hash; nobody sets that of another."""
        address = reverse("admin:recommendations_user_password_link", args=[person.pk])
        return format_html('<a href="{}">{}</a>', address, _("Send a link to set a new password"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look is led to no page that refuses them."""
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        return ((None, {"fields": ("username",)}), *found[1:])

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def invite(self, request: HttpRequest) -> HttpResponse:
        """To the one page on which people are invited."""
        if not permissions.can_invite(request.user):
            raise PermissionDenied
        return redirect("set-up-people")

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        if found is None:
            invite = (gettext("Invite people"), reverse("set-up-people"))
            return {"tools": [invite] if permissions.can_invite(request.user) else []}
        person = request.user
        is_other = found.is_active and found != person
        offered = {
            "hand_over": (permissions.can_hand_over_all(person), gettext("Hand over all work")),
            "close": (
                is_other and self.has_change_permission(request, found),
                gettext("Close the account"),
            ),
        }
        page = "admin:recommendations_user_{}"
        tools = [
            (label, reverse(page.format(name), args=[found.pk]))
            for name, (may, label) in offered.items()
            if may
        ]
        if found.is_service and permissions.can_keep_tokens(person, found):
            tools.append((gettext("API tokens"), reverse("tokens", args=[found.pk])))
        return {"tools": tools}

    @admin.action(description=_("Close the account"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> Any:
        """Ask, then close the accounts."""
        people = [each for each in queryset if each.is_active]
        if people and "confirmed" not in request.POST:
            counts = workloads(people)
            number = len(people)
            told = ngettext("Close account", "Close %(n)d accounts", number) % {"n": number}
            title = gettext("Close the account of %s") % people[0] if number == 1 else told
            context = {"people": [(each, counts.get(each.pk, 0)) for each in people], "do": told}
            return page(self, request, "admin/close_accounts.html", forms.Form(), title, context)
        done = gettext("the account is closed")
        attempt_each(request, queryset, actions.deactivate, "person", done)
        for person in queryset.filter(is_active=False):
            _warn_of_load(request, person)
        return None

    def close_page(self, request: HttpRequest, pk: str) -> HttpResponse:
        """The same for one person, from their own page."""
        person = found_or_404(self, request, pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        found = self.get_queryset(request).filter(pk=person.pk)
        return self.deactivate(request, found) or redirect("admin:recommendations_user_changelist")

    pages = {
        "invite": ("invite/", invite),
        "hand_over": ("<path:pk>/hand-over/", hand_over_page),
        "close": ("<path:pk>/close/", close_page),
        "password_link": ("<path:pk>/password-link/", password_link_page),
    }

    @admin.action(description=_("Reopen the account"), permissions=["change"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done = gettext("the account is reopened")
        attempt_each(request, queryset, actions.reactivate, "person", done)

    @admin.action(description=_("Resend the invitation"), permissions=["change"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done = gettext("the invitation is sent again")
        attempt_each(request, queryset, actions.invite_again, "person", done)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """An account is closed on a page that asks first; what an account is is chosen once."""
        if obj is None:
            return tuple(name for name in self.readonly_fields if name != "is_service")
        fixed = ("is_active",) if getattr(obj, "is_active", False) else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever could change the address of a superuser could become one."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and super().has_change_permission(request, obj)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Not here: nobody sets the password of another."""
        raise PermissionDenied


def _warn_of_load(request: HttpRequest, person: User) -> None:
    """Say what still waits for somebody whose account is closed, and lead to handing it over."""
    if count := workload_of(person).count:
        told = ngettext(
            "%(n)d item still awaits %(who)s.", "%(n)d items still await %(who)s.", count
        ) % {"n": count, "who": person}
        address = reverse("admin:recommendations_user_hand_over", args=[person.pk])
        link = gettext("Hand over all work")
        messages.warning(request, format_html('{} <a href="{}">{}</a>', told, address, link))


# ---- Deputies: named here for anybody, and ended early on their own page


@admin.register(Deputy)
class DeputyAdmin(TrackedModelAdmin):
    """A row is never changed: it is ended early, and another is named."""

    add_action = staticmethod(actions.add_deputy)
    list_display: Any = (
        "person",
        "deputy",
        day("starts_on"),
        day("ends_on"),
        day("ended_at"),
    )
    list_select_related = ("person", "deputy")
    list_reads = tuple(column_names("person", "deputy"))
    search_fields = ("person__username", "deputy__username")
    autocomplete_fields = ("person", "deputy")
    ordering = ("-starts_on", "-pk")
    readonly_fields = ("recorded_at", "recorded_by", "ended_at", "ended_by")
    fields = (
        *("person", "deputy", "starts_on", "ends_on", "reason"),
        *("recorded_at", "recorded_by", "ended_at", "ended_by"),
    )


# ---- Names that somebody fails to sign in with, and from where; an administrator ends a pause


def pauses(attempts: Sequence[AccessAttempt]) -> dict[int, datetime]:
    """Until when those are paused that are now."""
    ends = {row.pk: row.attempt_time + pause_after(row.failures_since_start) for row in attempts}
    return {key: end for key, end in ends.items() if end > timezone.now()}


@admin.register(AccessAttempt)
class AccessAttemptAdmin(TrackedModelAdmin):
    """For administrators alone: what was typed as a name may be anything, a password too."""

    list_display = (
        *("username", "address", "in_known_browser"),
        column(attrgetter("failures_since_start"), _("failures"), ordering="failures_since_start"),
        column(attrgetter("attempt_time"), _("last attempt"), ordering="attempt_time"),
        beside(_("paused until"), pauses),
    )
    list_display_links = None
    search_fields = ("username", "ip_address")
    ordering = ("-failures_since_start", "-attempt_time")
    actions = ("release",)

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        return {} if found else {"title": _("Failed sign-ins")}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return permissions.can_administer(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.can_administer(request.user)

    @admin.display(description=_("address"), ordering="ip_address")
    def address(self, attempt: AccessAttempt) -> str:
        found = attempt.ip_address or ""
        return f"{found}/64" if ":" in found else found

    @admin.display(description=_("known browser"), boolean=True)
    def in_known_browser(self, attempt: AccessAttempt) -> bool:
        return bool(attempt.user_agent)

    @admin.action(description=_("End sign-in pause"), permissions=["view"])
    def release(self, request: HttpRequest, queryset: QuerySet[AccessAttempt]) -> None:
        done = gettext("may sign in again now")
        attempt_each(request, queryset, release, "attempt", done, called=self._called)

    def _called(self, attempt: AccessAttempt) -> str:
        return f"{attempt.username} ({self.address(attempt)})"
