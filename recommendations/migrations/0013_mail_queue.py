"""The queue of outgoing mail, which begins with the mail that failed before there was one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import recommendations.models.fields


def keep_failures(apps, schema_editor):
    """Mail that failed so far can be seen as before; of what it said only the subject is there."""
    alias = schema_editor.connection.alias
    mail, failures = (
        apps.get_model("recommendations", name)._base_manager.using(alias)
        for name in ("OutgoingMail", "MailFailure")
    )
    mail.bulk_create(
        (
            mail.model(
                message_id=f"<failure-{failure.pk}@localhost>",
                queued_at=failure.at,
                due_at=failure.at,
                to_id=failure.to_id,
                subject=failure.subject,
                error=failure.error,
                failures=1,
                state="dead",
            )
            for failure in failures.order_by("pk").iterator()
        ),
        batch_size=200,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0012_baseline_of_passwords"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "message_id",
                    models.CharField(max_length=255, unique=True, verbose_name="Message-ID"),
                ),
                ("queued_at", models.DateTimeField(verbose_name="queued at")),
                ("address", models.EmailField(blank=True, max_length=254, verbose_name="address")),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                (
                    "site",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="address of the site"
                    ),
                ),
                (
                    "subject",
                    recommendations.models.fields.LineField(
                        blank=True, max_length=300, verbose_name="subject"
                    ),
                ),
                ("lines", models.JSONField(blank=True, default=list, verbose_name="lines")),
                ("quoted", models.TextField(blank=True, verbose_name="quoted text")),
                (
                    "path",
                    models.CharField(blank=True, max_length=500, verbose_name="path of the link"),
                ),
                (
                    "link",
                    recommendations.models.fields.LineField(
                        blank=True, max_length=200, verbose_name="link"
                    ),
                ),
                (
                    "is_asked_for",
                    models.BooleanField(default=True, verbose_name="can be turned off"),
                ),
                (
                    "sets_password",
                    models.BooleanField(default=False, verbose_name="the link sets a password"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waits to be sent"),
                            ("sent", "Sent"),
                            ("dropped", "Not sent: nobody to receive it"),
                            ("dead", "Not delivered"),
                            ("given_up", "Given up"),
                        ],
                        default="queued",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                (
                    "failures",
                    models.PositiveSmallIntegerField(default=0, verbose_name="failed tries"),
                ),
                (
                    "error",
                    recommendations.models.fields.LineField(
                        blank=True, max_length=300, verbose_name="error"
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "verbose_name": "outgoing mail",
                "verbose_name_plural": "outgoing mail",
                "ordering": ("-queued_at", "-pk"),
            },
        ),
        migrations.RunPython(keep_failures, migrations.RunPython.noop),
        migrations.DeleteModel(
            name="MailFailure",
        ),
        migrations.AddIndex(
            model_name="outgoingmail",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["due_at"], name="mail_to_be_sent"
            ),
        ),
        migrations.AddConstraint(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state__in", ["dead", "queued"])),
                    models.Q(
                        ("ended_at__isnull", False),
                        models.Q(("state__in", ["dead", "queued"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="mail_has_an_end_once_it_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["dead", "queued"]),
                    models.Q(("address", ""), ("error", ""), ("quoted", ""), ("subject", "")),
                    _connector="OR",
                ),
                name="ended_mail_has_no_words",
            ),
        ),
    ]
