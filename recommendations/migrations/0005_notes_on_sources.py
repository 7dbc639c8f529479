"""What readers should know of the copy of a source that is used."""

from django.db import migrations

import recommendations.models.fields


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0004_days_of_flags")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="notes",
            field=recommendations.models.fields.ProseField(
                blank=True,
                help_text="What readers should know of the copy that is used. Public.",
                verbose_name="about this document",
            ),
        ),
    ]
