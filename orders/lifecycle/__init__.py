"""An order's life, in the order it is lived: the only writer of an order's status."""

from orders.lifecycle.changing import NOT_PACKED, READDRESSED, cancel, lock_all, readdress
from orders.lifecycle.holding import let_pack, stop_packing
from orders.lifecycle.moves import MOVES, move, note, told
from orders.lifecycle.parcel import deliver, dispatch, hold, ship, take_off_hold
from orders.lifecycle.placing import Need, place
from orders.lifecycle.shorts import short
from orders.lifecycle.stocking import (
    NOT_THERE,
    Moving,
    backorder,
    put_back,
    release,
    release_backorders,
    release_for_card,
    would_put_back,
    would_release,
)

__all__ = [
    "MOVES",
    "NOT_PACKED",
    "NOT_THERE",
    "READDRESSED",
    "Moving",
    "Need",
    "backorder",
    "cancel",
    "deliver",
    "dispatch",
    "hold",
    "let_pack",
    "lock_all",
    "move",
    "note",
    "place",
    "put_back",
    "readdress",
    "release",
    "release_backorders",
    "release_for_card",
    "ship",
    "short",
    "stop_packing",
    "take_off_hold",
    "told",
    "would_put_back",
    "would_release",
]
