"""Why delivery is at risk or off track, in a sentence for readers outside."""

from django.db import migrations

import recommendations.models.fields


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0007_what_is_fictional")]

    operations = [
        migrations.AddField(
            model_name="statusupdate",
            name="public_reason",
            field=recommendations.models.fields.LineField(
                blank=True, max_length=300, verbose_name="public reason"
            ),
        ),
    ]
