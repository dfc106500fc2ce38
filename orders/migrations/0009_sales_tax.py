"""A rate a state; on orders, the rate they have, what of the quote was tax, and what a move made of it."""

from decimal import Decimal

from django.db import migrations, models
from django.db.models import F, Q

from enrollment import states


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_held")]

    operations = [
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(choices=list(states.NAMES.items()), max_length=2)),
                (
                    "percent",
                    models.DecimalField(decimal_places=4, help_text="7.25 for 7.25 %; 0 ends a tax.", max_digits=6),
                ),
                (
                    "valid_from",
                    models.DateField(help_text="The first day it holds for orders that are placed or packed."),
                ),
            ],
            options={
                "ordering": ["state", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["state", "valid_from"],
                        name="one_tax_rate_a_state_and_day",
                        violation_error_message="This state has a rate from this day already. Change that one.",
                    ),
                    models.CheckConstraint(
                        condition=Q(percent__range=(0, 20)),
                        name="tax_rate_is_a_tax_rate",
                        violation_error_message="A rate is between 0 and 20 percent.",
                    ),
                    models.CheckConstraint(condition=Q(state__in=list(states.NAMES)), name="tax_rate_is_of_a_state"),
                ],
            },
        ),
        migrations.AddField(
            model_name="order",
            name="moved_tax_cents",
            field=models.IntegerField(
                default=0, help_text="By how much its owner's sending it to another state changes what was quoted."
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="quoted_tax_cents",
            field=models.PositiveIntegerField(default=0, help_text="The part of it that is sales tax."),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_rate",
            field=models.DecimalField(decimal_places=4, default=Decimal(0), help_text="In percent.", max_digits=6),
        ),
        migrations.RemoveConstraint(model_name="order", name="never_above_the_quote"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(total_cents__lte=F("quoted_total_cents") + F("moved_tax_cents")),
                name="never_above_the_quote",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(tax_cents__lte=F("total_cents"))
                & Q(tax_cents__lte=F("quoted_tax_cents") + F("moved_tax_cents")),
                name="tax_never_above_the_quote",
            ),
        ),
    ]
