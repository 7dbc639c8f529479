"""The administration: Django's own, audited, for those who keep sources, people and indicators."""

from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations.admin import evidence, indicators, oversight, people, recommendations, updates
from recommendations.admin.framework import site
from recommendations.forms.accounts import AdminSignInForm

site.install()
admin.site.login_form = AdminSignInForm
admin.site.login_template = "accounts/login.html"
admin.site.site_header = _("Recommendation Tracker")
admin.site.site_title = capfirst(_("administration"))
admin.site.index_title = capfirst(_("administration"))
