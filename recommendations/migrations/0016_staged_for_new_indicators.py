import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0015_unknown_opening_days"),
    ]

    operations = [
        migrations.AlterField(
            model_name="stagedimport",
            name="indicator",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="recommendations.indicator",
                verbose_name="indicator",
            ),
        ),
    ]
