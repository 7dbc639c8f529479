from django.contrib import admin
from django.urls import reverse
from tests import factories
from tests.browser.base import BrowserTestCase
from tests.admin.base import address
from recommendations.models import *

class Tmp(BrowserTestCase):
    def test_walk(self):
        self.recommendation = self.make_recommendation()
        self.make_submitted(self.recommendation)
        factories.fill(type(self), 2)
        tab = self.tab(self.administrator)
        pages = ["/admin/"]
        for model, ma in admin.site._registry.items():
            pages.append(address(model, "changelist"))
            first = model._default_manager.first()
            if first is not None:
                pages.append(address(model, "change", first.pk))
            try:
                ok = ma.has_add_permission(type("R", (), {"user": self.administrator})())
            except Exception as e:
                ok = False
            if ok: pages.append(address(model, "add"))
        pages.append(reverse("admin:auth_user_password_change", args=[self.staff.pk]))
        for p in pages:
            tab.go(p)
            f = tab.settle()
            print(p, f)
        tab.go(address(Recommendation, "changelist"))
        tab.page.locator("input[name=_selected_action]").first.check()
        tab.page.select_option("select[name=action]", "archive")
        tab.page.screenshot(path="/tmp/adm_list.png", full_page=True)
        tab.page.get_by_role("button", name="Run").or_(tab.page.get_by_role("button", name="Go")).first.click()
        print(tab.main()); print(tab.settle())
        tab.page.screenshot(path="/tmp/adm_move.png")
        other = self.tab(self.administrator)
        page = address(Recommendation, "change", self.recommendation.pk)
        tab.go(page); other.go(page)
        other.page.fill("#id_title", "Theirs"); other.page.select_option("#id_priority", "high")
        other.page.screenshot(path="/tmp/adm_form.png", full_page=True)
        other.page.locator("input[name=_save]").click()
        tab.page.fill("#id_title", "Mine")
        tab.page.locator("input[name=_save]").click()
        tab.page.screenshot(path="/tmp/adm_stale.png", full_page=True)
        print(tab.settle())
        tab.go(address(User, "change", self.staff.pk))
        tab.page.screenshot(path="/tmp/adm_user.png", full_page=True)
        ind = Indicator.objects.first()
        tab.go(address(Indicator, "change", ind.pk))
        tab.page.screenshot(path="/tmp/adm_ind.png", full_page=True)
        print(tab.settle())
