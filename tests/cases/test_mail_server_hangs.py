"""A mail server that takes every call and never answers costs no request anything."""

from recommendations.choices import Role
from recommendations.models import OutgoingMail
from tests.base import TrackerTestCase
from tests.mail_servers import hanging_server
from tests.views.pages import client_of, shown_fields
from tests.write_path.source import project


class MailServerHangsTests(TrackerTestCase):
    def test_no_request_contacts_it_and_all_of_its_mail_waits(self) -> None:
        update = self.make_submitted(self.recommendation)
        OutgoingMail.objects.all().delete()
        office, window = client_of(self.manager), client_of(self.administrator)
        shown = shown_fields(office.get(f"/review/{update.pk}/"))
        invited: dict[str, str] = {f"role{number}": Role.STAFF for number in (1, 2, 3)}
        invited |= {"email1": "fresh@example.org", "is_mailed": "on"}
        with hanging_server({}) as calls:
            for client, path, fields in (
                (office, f"/updates/{update.pk}/approve/", shown),
                (window, "/set-up/people/", invited),
                (self.client, "/accounts/password_reset/", {"email": self.viewer.email}),
            ):
                self.assertEqual(client.post(path, fields).status_code, 302, path)
        self.assertEqual(calls, [])
        told = OutgoingMail.objects.order_by("pk").values_list("to__username", flat=True)
        self.assertEqual(list(told), ["staff", None, None])

    def test_only_the_sender_of_the_queue_has_anything_to_do_with_mail_servers(self) -> None:
        knowing = {
            module.name
            for module in project().values()
            if any(name.startswith("django.core.mail") for name in module.imported.values())
        }
        self.assertEqual(knowing, {"recommendations.actions.mail.delivery"})
