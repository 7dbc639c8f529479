"""Forms of a person's own: signing in, passwords, deputies, notifications, saved views."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
)
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions, pickers
from recommendations.actions import people, personal
from recommendations.actions.mail import letters
from recommendations.authentication import forget_failures, throttled_address
from recommendations.choices import ReminderFrequency, WebhookKind
from recommendations.forms.fields import DayField, LineFormField, RecordForm, labelled
from recommendations.models import (
    ApiToken,
    Deputy,
    NotificationSettings,
    SavedView,
    User,
    Webhook,
)
from recommendations.models.personal import QUIET_DAYS, SCOPES
from recommendations.permissions import Person
from recommendations.pickers import RowField

# ---- Django's forms for passwords, with the action that records that one was set


class _Recorded(SetPasswordForm):
    """In place of saving the whole person as they were read, which would undo other changes."""

    def set_password_and_save(
        self, user: User, password_field_name: str = "", commit: bool = True
    ) -> Any:
        password = self.cleaned_data[password_field_name]
        stored = people.set_password(person=user, by=user, password=password)
        # The session goes on with the new password.
        user.password = stored.password
        return user


class RecordedPasswordChangeForm(_Recorded, PasswordChangeForm):
    """By whoever knows the old password, which is tried as at the sign-in.

    Else it could be guessed without end in a browser that somebody left signed in.
    """

    def __init__(self, user: User, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        name = self.user.get_username()
        if authenticate(self.request, username=name, password=old) is None:
            wrong = "password_incorrect"
            raise ValidationError(self.error_messages[wrong], code=wrong)
        forget_failures(self.request, self.user)
        return old


class QueuedPasswordResetForm(PasswordResetForm):
    """By whoever forgot theirs. Whether anybody has the address is found out later."""

    def save(self, *args: Any, **options: Any) -> None:
        client = throttled_address(options["request"])
        letters.ask_for_reset(address=self.cleaned_data["email"], client=client)


class RecordedSetPasswordForm(_Recorded):
    """By whoever followed the link that was mailed to them."""


# ---- Django's sign-in forms, which say more of an account whose right password was given


class SignInForm(AuthenticationForm):
    """The site's own."""

    def get_invalid_login_error(self) -> ValidationError:
        if getattr(self.request, "is_shut_out", False):
            told = gettext("This is a demonstration account. It cannot be used to sign in.")
            return ValidationError(told, code="demonstration")
        return super().get_invalid_login_error()


class AdminSignInForm(SignInForm, AdminAuthenticationForm):
    """The administration's, which lets in fewer people."""


# ---- What a token of the API may do


@labelled(ApiToken)
class TokenForm(RecordForm):
    """Only what the account may do itself can be given to a token of it."""

    expires_on = DayField(label=_("expires on"))

    class Meta(RecordForm.Meta):
        model = ApiToken
        fields = ("name", *SCOPES)

    def __init__(self, data: Any, *, of: User) -> None:
        super().__init__(data)
        for scope, may_give in permissions.SCOPES.items():
            if scope in self.fields and not may_give(of):
                del self.fields[scope]
        self.fields["expires_on"].label = capfirst(self.fields["expires_on"].label)
        self.initial["expires_on"] = timezone.localdate() + personal.LASTS


# ---- What a webhook is told, and where


@labelled(Webhook)
class WebhookForm(RecordForm):
    """Whose address it is is found out by what comes back."""

    url = forms.URLField(
        label=capfirst(_("address")), max_length=2000, assume_scheme="https", required=True
    )
    source = RowField(
        picker=pickers.ALL_SOURCES, label=_("Source"), required=False, empty_label=_("All sources")
    )

    class Meta(RecordForm.Meta):
        model = Webhook
        fields = ("name", "shape", "source", *(kind.column for kind in WebhookKind))

    field_order = ("name", "url", "shape", "source")

    def __init__(self, data: Any, *, by: User) -> None:
        super().__init__(data)
        source: Any = self.fields["source"]
        source.offer(by)

    def problems(self, values: Mapping[str, Any]) -> Mapping[str, str]:
        if any(values.get(kind.column) for kind in WebhookKind):
            return {}
        return {WebhookKind.APPROVED.column: gettext("Choose at least one event.")}

    @property
    def kinds(self) -> list[forms.BoundField]:
        return [self[kind.column] for kind in WebhookKind]

    @property
    def about(self) -> list[forms.BoundField]:
        """What is asked before the kinds of events."""
        return list(self)[: -len(WebhookKind)]


# ---- Who stands in for whom, from when to when


@labelled(Deputy)
class DeputyForm(forms.Form):
    """Whose deputy it is is asked of who may name deputies of others."""

    person = RowField(
        picker=pickers.PEOPLE,
        label=_("Person who is away"),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose the person who is away.")},
    )
    deputy = RowField(
        picker=pickers.DEPUTIES,
        empty_label=_("Choose a person"),
        help_text=_("The deputy sees this work and does what their own role allows."),
        error_messages={"required": _("Choose the deputy.")},
    )
    starts_on = DayField(required=True)
    ends_on = DayField(required=True)
    reason = LineFormField(max_length=200)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        deputy: Any = self.fields["deputy"]
        deputy.offer(by)
        if permissions.can_hand_over_all(by):
            person: Any = self.fields["person"]
            person.offer(by)
        else:
            del self.fields["person"]

    def values(self) -> dict[str, Any]:
        """What the action takes; without a choice the person is whoever sends the form."""
        return {"person": self.by, **self.cleaned_data}


# ---- How often, and on which days, a person is sent reminders


class NotificationForm(forms.Form):
    """Its ``values`` are those that the action takes."""

    frequency = forms.ChoiceField(
        label=_("Reminders by email"),
        choices=ReminderFrequency,
        widget=forms.RadioSelect,
    )
    quiet_days = forms.MultipleChoiceField(
        label=_("Quiet days"),
        help_text=_("Items due on a quiet day arrive with the next message."),
        choices=[(name, WEEKDAYS[number]) for number, name in enumerate(QUIET_DAYS)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, current: NotificationSettings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quiet = [name for name in QUIET_DAYS if getattr(current, name)]
        self.initial = {"frequency": current.frequency, "quiet_days": quiet}

    def values(self) -> dict[str, Any]:
        quiet = self.cleaned_data["quiet_days"]
        return {
            "frequency": self.cleaned_data["frequency"],
            **{name: name in quiet for name in QUIET_DAYS},
        }


# ---- The name of a saved view, and whether it is shared


class SavedViewForm(RecordForm):
    """Sharing is asked of who may share, and of who shares it now."""

    class Meta(RecordForm.Meta):
        model = SavedView
        fields = ("name", "is_shared")
        labels = {"is_shared": _("Share with everyone who has a role")}
        help_texts = {"is_shared": ""}
        error_messages = {"name": {"required": _("Enter a name.")}}

    def __init__(self, data: Any = None, row: SavedView | None = None, *, person: Person) -> None:
        super().__init__(data, row)
        if not (permissions.can_share_views(person) or self.initial.get("is_shared")):
            del self.fields["is_shared"]
