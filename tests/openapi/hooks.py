"""What Schemathesis is told besides the document: what there is, who asks, and that nobody gets past the door.

Read by it (`SCHEMATHESIS_HOOKS`) in a process of its own. It knows the service by its addresses alone.
"""

import atexit
import json
import os
import threading
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

SCENE: dict[str, Any] = json.loads(Path(os.environ["ARS_FUZZ_SCENE"]).read_text())
CALLER = os.environ["ARS_FUZZ_CALLER"]
TOLD = Path(os.environ["ARS_FUZZ_TOLD"])
LONGEST = 40  # of a SKU
FIXED = {"number": "numbers", "sku": "skus", "device_code": "device_codes"}
REFUSED = {401, 403, 404, 405, 429}

answers: Counter[str] = Counter()
lock = threading.Lock()


def there_is(name: str, made_up: Any) -> Any:
    """In three of four cases something that is there, chosen by what was made up: the same run is the same again.

    What the document forbids stays as it is: it is to be refused.
    """
    known = SCENE.get(FIXED.get(name, ""), ())
    if not (
        known and isinstance(made_up, str) and made_up.isprintable() and made_up.strip() and len(made_up) <= LONGEST
    ):
        return made_up
    chance = zlib.crc32(made_up.encode())
    return known[chance // 4 % len(known)] if chance % 4 else made_up


def with_what_is_there(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: there_is(name, with_what_is_there(inner)) for name, inner in value.items()}
    return [with_what_is_there(inner) for inner in value] if isinstance(value, list) else value


def without_nul(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.replace("\0", ""): without_nul(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_nul(inner) for inner in value]
    return value.replace("\0", "") if isinstance(value, str) else value


def storable(context: HookContext, body: Any) -> Any:
    """A body is kept whole, so a NUL in a field that nobody knows is refused too; the document speaks of known ones."""
    if not isinstance(body, dict) or context.operation is None:
        return body
    schemas = context.operation.schema.raw_schema["components"]["schemas"].values()
    known = {name for schema in schemas for name in schema.get("properties", ())}
    return {name: value for name, value in body.items() if name in known} | {
        name.replace("\0", ""): without_nul(value) for name, value in body.items() if name not in known
    }


@schemathesis.hook
def map_path_parameters(context: HookContext, path_parameters: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = with_what_is_there(path_parameters)
    return known


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    return with_what_is_there(storable(context, body))


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """A printer that gives its token back has another for the next time."""
    if CALLER == "printer" and case.method == "DELETE" and "Authorization" in (kwargs.get("headers") or {}):
        with lock:
            if not SCENE["spare_tokens"]:
                return  # and is refused from now on
            kwargs["headers"]["Authorization"] = f"Bearer {SCENE['spare_tokens'].pop()}"


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    with lock:
        answers[f"{case.method} {case.operation.path} {response.status_code}"] += 1


@schemathesis.check
def nobody_gets_past(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Who is not let in is answered 401 or 403, whatever else is wrong with what they sent."""
    if case.operation.path.startswith((*SCENE["open"], *SCENE["let_in"].get(CALLER, ()))):
        return
    assert response.status_code in REFUSED, f"{CALLER} was answered {response.status_code}"


@atexit.register
def tell() -> None:
    TOLD.write_text(json.dumps(answers))
