"""What staff find orders by; a search says the same as these, or the database reads every row."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Func, Index, Q, TextField
from django.db.models.functions import Collate, Substr, Upper

RUN = 6  # so many digits of an order's number, one after the other, are enough to find it
_RUNS = [Substr("number", place, RUN) for place in range(1, 9 - RUN + 2)]
RUNS_OF_NUMBER = Func(*_RUNS, template="ARRAY[%(expressions)s]", output_field=ArrayField(TextField()))
TRACKING_AS_TYPED = Collate(Upper("tracking_number"), "C")  # bytes in order, so that how it begins is a range

INDEXES = [
    GinIndex(RUNS_OF_NUMBER, name="order_runs_of_number"),
    Index(TRACKING_AS_TYPED, name="order_tracking_as_typed", condition=~Q(tracking_number="")),
    GinIndex(fields=["parcels"], name="order_parcels", opclasses=["jsonb_path_ops"]),
]
