import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0014_undo_by_two_people"),
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
