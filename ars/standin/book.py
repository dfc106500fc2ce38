"""Everything the stand-in knows, kept as Stripe shows it: objects by id, lists newest first, expansion on demand."""

import copy
import secrets
import string
from collections.abc import Callable
from typing import Any

from ars.standin.replies import Json, StripeError, no_such

ALPHABET = string.ascii_letters + string.digits
LIMIT = 100

Keep = Callable[[Json], bool]


def new_id(prefix: str) -> str:
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(24))


class Book:
    def __init__(self) -> None:
        self._objects: dict[str, Json] = {}
        self._kinds: dict[str, list[Json]] = {}

    def clear(self) -> None:
        self._objects.clear()
        self._kinds.clear()

    def add(self, thing: Json) -> Json:
        self._objects[thing["id"]] = thing
        self._kinds.setdefault(thing["object"], []).append(thing)
        return thing

    def remove(self, thing: Json) -> Json:
        """Leaves what Stripe leaves of a deleted object: its id."""
        self._kinds[thing["object"]].remove(thing)
        stub = {"id": thing["id"], "object": thing["object"], "deleted": True}
        self._objects[thing["id"]] = stub
        return stub

    def find(self, name: object) -> Json | None:
        return self._objects.get(str(name))

    def get(self, kind: str, name: object, param: str = "id", status: int = 404) -> Json:
        thing = self.find(name)
        if thing is None or thing["object"] != kind:
            raise no_such(kind, name, param, status)
        return thing

    def live(self, kind: str, name: object, param: str) -> Json:
        """An object named in a parameter; a deleted one is as good as none."""
        thing = self.get(kind, name, param, status=400)
        if thing.get("deleted"):
            raise no_such(kind, name, param, 400)
        return thing

    def all(self, kind: str) -> list[Json]:
        """Oldest first."""
        return self._kinds.get(kind, [])

    def page(self, kind: str, query: Json, url: str, keep: Keep = lambda thing: True) -> Json:
        """One page of Stripe's list, newest first, honouring limit, starting_after, ending_before and created."""
        created = query.get("created")
        found = [thing for thing in reversed(self.all(kind)) if keep(thing) and _within(thing["created"], created)]
        limit = _limit(query)
        if before := query.get("ending_before"):
            newer = found[: _place(found, self.get(kind, before, "ending_before", 400))]
            data, more = newer[-limit:], len(newer) > limit
        else:
            after = query.get("starting_after")
            older = found[_place(found, self.get(kind, after, "starting_after", 400)) + 1 :] if after else found
            data, more = older[:limit], len(older) > limit
        return {"object": "list", "url": url, "has_more": more, "data": data}

    def shown(self, thing: Json, expand: list[str] | None) -> Json:
        """A copy that no later change reaches, with the ids named by `expand` replaced by their objects."""
        view = copy.deepcopy(thing)
        for path in expand or ():
            self._expand(view, path.split("."), path)
        return view

    def _expand(self, view: Json, steps: list[str], path: str) -> None:
        step, *rest = steps
        if step == "refunds" and view.get("object") == "charge":
            view[step] = self.refunds_of(view)
        if step not in view:
            raise StripeError(400, f"This property cannot be expanded ({path}).", executed=False)
        branch = view[step]
        if isinstance(branch, str):
            branch = view[step] = copy.deepcopy(self.find(branch)) or branch
        for twig in branch if isinstance(branch, list) else [branch]:
            if rest and isinstance(twig, dict):
                self._expand(twig, rest, path)

    def refunds_of(self, charge: Json) -> Json:
        name, url = charge["id"], f"/v1/charges/{charge['id']}/refunds"
        return copy.deepcopy(self.page("refund", {"limit": LIMIT}, url, lambda refund: refund["charge"] == name))


def _limit(query: Json) -> int:
    limit = int(query.get("limit", 10))
    if not 1 <= limit <= LIMIT:
        message = f"This value must be between 1 and {LIMIT}."
        raise StripeError(400, message, code="parameter_invalid_integer", param="limit", executed=False)
    return limit


def _place(found: list[Json], thing: Json) -> int:
    return next((place for place, other in enumerate(found) if other["id"] == thing["id"]), len(found))


def _within(created: int, wanted: Any) -> bool:
    if wanted is None:
        return True
    if not isinstance(wanted, dict):
        return created == int(wanted)
    tests = {"gt": created.__gt__, "gte": created.__ge__, "lt": created.__lt__, "lte": created.__le__}
    return all(tests[name](int(moment)) for name, moment in wanted.items())
