"""What may be wrong with an address, and since when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0010_looks"),
    ]

    operations = [
        migrations.AddField(
            model_name="address",
            name="doubt",
            field=models.CharField(
                blank=True,
                choices=[
                    ("insisted", "Kept as typed, though usually written otherwise"),
                    ("came_back", "A parcel came back: it could not be delivered"),
                ],
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="address",
            name="doubted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                models.F("doubted_at"), condition=models.Q(("doubted_at__isnull", False)), name="address_in_doubt"
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("doubt", ""), ("doubted_at", None)),
                    models.Q(models.Q(("doubt", ""), _negated=True), ("doubted_at__isnull", False)),
                    _connector="OR",
                ),
                name="doubt_has_a_time",
            ),
        ),
    ]
