"""Organisations, themes and actions say of themselves whether they are fictional."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0006_public_reason_of_wording"),
    ]

    operations = [
        migrations.AddField(
            model_name="action",
            name="is_demonstration",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Fictional, and marked as such wherever the name is shown.",
                verbose_name="demonstration data",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="is_demonstration",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Fictional, and marked as such wherever the name is shown.",
                verbose_name="demonstration data",
            ),
        ),
        migrations.AddField(
            model_name="theme",
            name="is_demonstration",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Fictional, and marked as such wherever the name is shown.",
                verbose_name="demonstration data",
            ),
        ),
    ]
