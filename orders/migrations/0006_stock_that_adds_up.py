from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

# What was there before: a difference becomes a correction that says so, and every order that waits begins its wait now.
ADD_UP = """
INSERT INTO orders_stockmovement (sku_id, kind, quantity, reason, by, at)
SELECT item.sku_id, 'correction', item.on_hand - coalesce(sum(movement.quantity), 0), 'Did not add up.', '', now()
  FROM orders_stockitem item LEFT JOIN orders_stockmovement movement ON movement.sku_id = item.sku_id
 GROUP BY item.sku_id, item.on_hand HAVING item.on_hand <> coalesce(sum(movement.quantity), 0);
UPDATE orders_stockitem item SET
    moved = on_hand,
    promised = (SELECT coalesce(sum(quantity), 0) FROM orders_reservation WHERE sku_id = item.sku_id);
UPDATE orders_stockitem SET reserved = promised WHERE reserved <> promised;
"""
BEGIN_WAITS = """
INSERT INTO orders_wait (order_id, since, slips, answer_by, due_at)
SELECT id, now(), 0, CASE WHEN kind = 'refill' AND kept_waiting_at IS NULL THEN now() + interval '30 days' END,
       now() + interval '30 days'
  FROM orders_order WHERE status = 'backordered';
"""
SQL = Path(__file__).parents[1] / "sql" / "stock.sql"
DROP = """
DROP TRIGGER stock_adds_up ON orders_stockitem;
DROP FUNCTION orders_stock_adds_up;
DROP FUNCTION orders_add_movements CASCADE;
DROP FUNCTION orders_add_reservations CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0005_closures"),
        ("orders", "0005_promotions"),
        ("printers", "0005_discontinued_skus"),
    ]

    operations = [
        migrations.CreateModel(
            name="Short",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("short_id", models.CharField(max_length=100)),
                (
                    "body",
                    models.JSONField(help_text="What the partner sent: the same id with another body is refused."),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="StockEntry",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("receive", "Arrived"), ("count", "Counted"), ("correct", "Corrected")], max_length=7
                    ),
                ),
                ("quantity", models.IntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("by", models.CharField(max_length=254)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "stock entries",
            },
        ),
        migrations.CreateModel(
            name="Wait",
            fields=[
                ("due_at", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="wait",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "expected_on",
                    models.DateField(
                        blank=True, help_text="As its owner was told; empty: no date is known.", null=True
                    ),
                ),
                (
                    "slips",
                    models.PositiveSmallIntegerField(default=0, help_text="How often a date we told was not kept."),
                ),
                (
                    "answer_by",
                    models.DateTimeField(blank=True, help_text="Cancelled then, unless its owner keeps it.", null=True),
                ),
            ],
        ),
        migrations.AddField(
            model_name="replenishment",
            name="unstocked_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Its order ended for want of stock: ordered again only when there is some.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="stockitem",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="stockitem",
            name="expected_on",
            field=models.DateField(blank=True, help_text="When more of it should be here.", null=True),
        ),
        migrations.AddField(
            model_name="stockitem",
            name="missed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="The warehouse looked for one and did not find it: none is promised until more comes.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="stockitem",
            name="moved",
            field=models.IntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="stockitem",
            name="promised",
            field=models.IntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="stockmovement",
            name="by",
            field=models.CharField(blank=True, max_length=254),
        ),
        migrations.AlterField(
            model_name="decision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("undecided", "Not decided yet"),
                    ("not_consumable", "Not a consumable"),
                    ("not_enrolled", "No active plan"),
                    ("stale", "Came too late"),
                    ("unknown_supply", "No cartridge known for the slot"),
                    ("not_genuine", "The cartridge says it is not genuine"),
                    ("paused", "The plan is paused"),
                    ("level_unknown", "Level unknown, and the printer does not say low"),
                    ("asking", "Waiting for the customer's yes"),
                    ("to_confirm", "A person checks the cartridge first"),
                    ("out_of_stock", "Waiting until there is stock"),
                    ("ordered", "Ordered"),
                    ("skipped", "Skipped once, as asked"),
                    ("spare_on_hand", "The customer has a spare"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="replenishment",
            name="decision",
            field=models.CharField(
                choices=[
                    ("undecided", "Not decided yet"),
                    ("not_consumable", "Not a consumable"),
                    ("not_enrolled", "No active plan"),
                    ("stale", "Came too late"),
                    ("unknown_supply", "No cartridge known for the slot"),
                    ("not_genuine", "The cartridge says it is not genuine"),
                    ("paused", "The plan is paused"),
                    ("level_unknown", "Level unknown, and the printer does not say low"),
                    ("asking", "Waiting for the customer's yes"),
                    ("to_confirm", "A person checks the cartridge first"),
                    ("out_of_stock", "Waiting until there is stock"),
                    ("ordered", "Ordered"),
                    ("skipped", "Skipped once, as asked"),
                    ("spare_on_hand", "The customer has a spare"),
                ],
                default="undecided",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="stockitem",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at", "sku"], name="stockitem_due"
            ),
        ),
        migrations.AddField(
            model_name="short",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="shorts", to="orders.order"
            ),
        ),
        migrations.AddField(
            model_name="short",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="enrollment.partner"
            ),
        ),
        migrations.AddField(
            model_name="stockentry",
            name="sku",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="printers.sku"),
        ),
        migrations.AddIndex(
            model_name="wait",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at", "order"], name="wait_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="short",
            constraint=models.UniqueConstraint(fields=("partner", "short_id"), name="short_id_once_a_partner"),
        ),
        migrations.AddField(
            model_name="order",
            name="parcels",
            field=models.JSONField(blank=True, default=list, help_text="All of them, if more than the one above."),
        ),
        migrations.RunSQL(ADD_UP, migrations.RunSQL.noop),
        migrations.RunSQL(SQL.read_text(), DROP),
        migrations.RunSQL(BEGIN_WAITS, migrations.RunSQL.noop),
    ]
