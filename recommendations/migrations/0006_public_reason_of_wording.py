"""Whether readers outside see why a wording changed: never where the reason was given before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0005_notes_on_sources")]

    operations = [
        migrations.AddField(
            model_name="recommendation",
            name="is_wording_reason_public",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
