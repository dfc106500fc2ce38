"""Decisions of an hour are counted without reading all others. Built beside writes, which go on meanwhile."""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0016_trace")]

    operations = [AddIndexConcurrently("decision", BrinIndex(fields=["at"], name="decision_at"))]
