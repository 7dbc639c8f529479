"""A verification is an event of the audit log: the table of its runs proved nothing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0050_who_requested_dates")]

    operations = [migrations.DeleteModel(name="Verification")]
