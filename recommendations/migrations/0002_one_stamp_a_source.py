"""One stamp a source, in place of marks of recommendations and of parts of sources.

The stamps follow from other rows: ``migrate`` makes them with the kept states.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SourceStamp",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stamp",
                        serialize=False,
                        to="recommendations.source",
                        verbose_name="source",
                    ),
                ),
                ("sequence", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "computed state of a source",
                "verbose_name_plural": "computed states of sources",
            },
        ),
        migrations.DeleteModel(name="RecommendationMark"),
        migrations.DeleteModel(name="SourcePart"),
    ]
