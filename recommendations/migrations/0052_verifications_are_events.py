"""A verification is an event of the audit log: the table of its runs proved nothing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0051_agreed_evidence")]

    operations = [migrations.DeleteModel(name="Verification")]
