"""Checks request parameters against the SDK's own types, which Stripe generates from its specification."""

import sys
from functools import cache
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from ars.standin.replies import Json, StripeError

API_VERSION: str = import_module("stripe").api_version

REMOVED = {"payment_method_types": "payment_method_types_no_longer_supported"}  # writable until 2026-09-30


def check(name: str, raw: Json) -> Json:
    """The parameters as Python values (`"1999"` becomes 1999), or Stripe's 400 naming the first wrong one."""
    if foreign := sorted(raw.keys() & _options().keys()):
        raise _unknown(foreign[0])
    try:
        checked: Json = _model(name).model_validate({"params": raw}).model_dump()["params"]
    except ValidationError as refusal:
        raise _worst(refusal, raw) from None
    return checked


def mistakes(name: str, params: Json) -> list[str]:
    """What the SDK's type `name` has against parameters as a program gives them: 1999 for an integer, never "1999"."""
    try:
        _model(name).model_validate({"params": params}, strict=True)
    except ValidationError as refusal:
        return [f"{'.'.join(map(str, mistake['loc'][1:]))}: {mistake['msg']}" for mistake in refusal.errors()]
    return sorted(params.keys() & _options().keys())


@cache
def _model(name: str) -> type[BaseModel]:
    params = getattr(import_module("stripe.params"), name)
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    model: type[BaseModel] = create_model(name, params=(params, ...), __config__=config)
    names = {**_options_room(), **vars(sys.modules[params.__module__]), "StripeContext": object}
    model.model_rebuild(_types_namespace=names)
    return model


def _options_room() -> dict[str, Any]:
    return vars(import_module("stripe._request_options"))


def _options() -> dict[str, Any]:
    """Keyword arguments which the SDK's types allow and the wire never carries (`idempotency_key`, ...)."""
    options: dict[str, Any] = _options_room()["RequestOptions"].__annotations__
    return options


def _worst(refusal: ValidationError, raw: Json) -> StripeError:
    mistakes = sorted(refusal.errors(), key=lambda mistake: mistake["type"] != "extra_forbidden")
    first = mistakes[0]
    path = _path(first["loc"][1:], raw, include_last=first["type"] in ("extra_forbidden", "missing"))
    param = path[0] + "".join(f"[{step}]" for step in path[1:])
    match first["type"]:
        case "extra_forbidden":
            return _unknown(param)
        case "missing":
            message = f"Missing required param: {param}."
            return StripeError(400, message, code="parameter_missing", param=param, executed=False)
        case "int_parsing" | "int_type":
            message = f"Invalid integer: {first['input']}"
            return StripeError(400, message, code="parameter_invalid_integer", param=param, executed=False)
    return StripeError(400, f"Invalid value for {param}: {first['msg']}", param=param, executed=False)


def _path(steps: tuple[int | str, ...], raw: Any, *, include_last: bool) -> list[str]:
    """Of pydantic's location, only what the client wrote: it also names the union's member that was tried."""
    path: list[str] = []
    for place, step in enumerate(steps):
        branch = raw if isinstance(raw, dict) else dict(enumerate(raw)) if isinstance(raw, list) else {}
        if step in branch:
            raw = branch[step]
            path.append(str(step))
        elif include_last and place == len(steps) - 1:
            path.append(str(step))
    return path or ["params"]


def _unknown(param: str) -> StripeError:
    if param in REMOVED:
        message = f"{param} is no longer supported: use automatic_payment_methods or allowed_payment_method_types."
        return StripeError(400, message, code=REMOVED[param], param=param, executed=False)
    return StripeError(
        400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param, executed=False
    )
