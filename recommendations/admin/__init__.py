"""The administration: Django's own, audited, for those who keep sources, people and indicators."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from recommendations.admin import (
    areas,
    dates,
    deputies,
    evidence,
    indicators,
    log,
    messages,
    people,
    recommendations,
    redaction,
    responses,
    sign_ins,
    stored_files,
    updates,
)
from recommendations.admin.framework import site
from recommendations.forms.sign_in import AdminSignInForm

site.install()
admin.site.login_form = AdminSignInForm
admin.site.site_header = _("Recommendation Tracker")
admin.site.site_title = _("Administration")
admin.site.index_title = _("Administration")
