"""People, the organisations they act for, and the groups that are their roles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UsernameField
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from recommendations.admin.base import AuditedModelAdmin, ViewOnlyAdmin
from recommendations.admin.forms import AuditedForm
from recommendations.admin.visits import watched, writing
from recommendations.models import Organisation, User
from recommendations.models.fields import validate_single_line

admin.site.unregister(Group)


@admin.register(Organisation)
class OrganisationAdmin(AuditedModelAdmin):
    list_display = ("name", "slug", "kind", "valid_from", "valid_to", "successor")
    list_filter = ("kind",)
    list_select_related = ("successor",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("successor",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "kind", "valid_from", "valid_to", "successor")


@admin.register(Group)
class GroupAdmin(ViewOnlyAdmin):
    """Roles. Which there are and what each may do is kept by the program itself."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name",)


class _PersonFields(AuditedForm):
    """Checks that adding and changing a person share."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first_name", "last_name"):
            if name in self.fields:
                self.fields[name].validators.append(validate_single_line)
        if "language" in self.fields:
            label, help_text = self.fields["language"].label, self.fields["language"].help_text
            self.fields["language"] = forms.ChoiceField(
                choices=[("", _("As the browser asks")), *settings.LANGUAGES],
                required=False,
                label=label,
                help_text=help_text,
            )


class PersonForm(_PersonFields):
    class Meta:
        model = User
        fields = "__all__"
        field_classes = {"username": UsernameField}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        entry = self.visit.entry
        if entry is not None and entry.by is not None and entry.by.pk == self.instance.pk:
            for name in ("is_active", "is_staff"):
                if not self.cleaned_data.get(name, True):
                    self.add_error(name, _("You cannot shut yourself out: ask a colleague."))
        return cleaned


class NewPersonForm(_PersonFields, AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User


@admin.register(User)
class UserAdmin(AuditedModelAdmin, DjangoUserAdmin):
    """People are deactivated, never deleted: what they wrote keeps its author."""

    form = PersonForm
    add_form = NewPersonForm
    list_display = (
        "username",
        "full_name",
        "organisation",
        "roles",
        "is_active",
        "is_staff",
        "is_demonstration",
    )
    list_filter = ("is_active", "is_staff", "is_demonstration", "groups")
    list_select_related = ("organisation",)
    search_fields = ("username", "first_name", "last_name", "email", "organisation__name")
    ordering = ("username",)
    autocomplete_fields = ("organisation",)
    filter_horizontal = ("groups",)
    readonly_fields = ("password_link", "is_demonstration", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password_link")}),
        (
            _("Who it is"),
            {"fields": ("first_name", "last_name", "email", "organisation", "language")},
        ),
        (
            _("What they may do"),
            {
                "fields": ("is_active", "groups", "is_staff", "is_superuser"),
                "description": _(
                    "Untick “Active” in place of deleting. The groups are the roles; "
                    "being a superuser opens this administration and no decision."
                ),
            },
        ),
        (
            _("Other"),
            {"fields": ("wants_mail", "is_demonstration", "last_login", "date_joined")},
        ),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "usable_password", "password1", "password2"),
            },
        ),
        (
            _("Who it is"),
            {"fields": ("first_name", "last_name", "email", "organisation")},
        ),
        (_("What they may do"), {"fields": ("groups", "is_staff")}),
    )

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())

    @admin.display(description=_("password"))
    def password_link(self, person: User) -> str:
        """No trace of the password, also not of its hash."""
        address = reverse("admin:auth_user_password_change", args=[person.pk])
        return format_html('<a href="{}">{}</a>', address, _("Set another password"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only a superuser makes another one."""
        fixed = () if request.user.is_superuser else ("is_superuser",)
        return (*super().get_readonly_fields(request, obj), *fixed)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever could set the password of a superuser could become one."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and super().has_change_permission(request, obj)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        show = super().user_change_password
        if request.method != "POST":
            return show(request, id, form_url)
        with writing(request) as visit:
            person = self.get_object(request, id)
            if person is None:
                return show(request, id, form_url)
            return watched(visit, person, lambda: show(request, id, form_url), verb="set_password")
