"""The measurable rules of the house, read from the source; each is shown to bite on a bad example."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINE = (
    "printers",
    "enrollment",
    "orders",
    "billing",
    "notifications",
)  # each imports itself and what stands left of it
OWN = {*LINE, "ars", "agent"}
MAY_IMPORT = {app: set(LINE[: place + 1]) for place, app in enumerate(LINE)} | {"ars": OWN, "agent": {"agent"}}
SOURCES = (*LINE, "ars", "agent", "bench", "tests", "manage.py")

MAY_IMPORT_STRIPE = ("billing/gateway/", "ars/standin/", "ars/demo/", "tests/", "bench/")
HAS_NO_ROWS = "ars/standin/"  # Stripe's stand-in: a status there is HTTP's
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "core", "services", "selectors", "managers"}
CREATES = {"create", "acreate", "get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create"}
UPDATES = {"update", "aupdate"}
SAVES = {"save", "asave"}
NAMES_FIELDS = {"update_fields", "force_insert"}
BULK_UPDATES = {"bulk_update", "abulk_update"}
CATCHES_ALL = {"Exception", "BaseException"}

Node = TypeVar("Node", bound=ast.AST)
Import = ast.Import | ast.ImportFrom
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module:
    """One Python file: where it stands below the root, and what is in it."""

    def __init__(self, path: str, source: str) -> None:
        self.path = PurePosixPath(path)
        self.source = source
        self.nodes = list(ast.walk(tree := ast.parse(source, filename=path)))
        self.docstring = ast.get_docstring(tree)
        self.place = self.path.parts[0]
        self.is_migration = "migrations" in self.path.parts
        self.is_product = self.place in OWN and not self.is_migration

    def all(self, kind: type[Node]) -> Iterator[Node]:
        return (node for node in self.nodes if isinstance(node, kind))

    def imports(self) -> Iterator[Import]:
        return (node for node in self.nodes if isinstance(node, Import))

    def functions(self) -> Iterator[Function]:
        return (node for node in self.nodes if isinstance(node, Function))

    def calls(self, names: set[str]) -> Iterator[ast.Call]:
        """Calls of methods with one of these names."""
        return (call for call in self.all(ast.Call) if isinstance(call.func, ast.Attribute) and call.func.attr in names)


Rule = Callable[[Module], Iterator[str]]


def imports_stay_left(module: Module) -> Iterator[str]:
    """Calls go left: an app knows nothing of what stands to its right, of the root, or of the agent."""
    forbidden = OWN - MAY_IMPORT.get(module.place, OWN)
    for node in module.imports():
        for name in sorted(imported(node) & forbidden):
            yield f"line {node.lineno}: {module.place} imports {name}"


def names_stay_left(module: Module) -> Iterator[str]:
    """A string such as "billing.Charge" is an import in disguise."""
    if module.place not in LINE:
        return
    right = "|".join([*LINE[LINE.index(module.place) + 1 :], "ars"])
    for text in module.all(ast.Constant):
        if isinstance(text.value, str) and re.fullmatch(rf"({right})(\.\w+)+", text.value):
            yield f"line {text.lineno}: {module.place} names {text.value}"


def own_imports_stand_at_the_top(module: Module) -> Iterator[str]:
    """An import of our own inside a function hides a cycle."""
    for function in module.functions():
        for node in ast.walk(function):
            if isinstance(node, Import) and imported(node) & OWN:
                yield f"line {node.lineno}: imported inside {function.name}()"


def stripe_has_one_gateway(module: Module) -> Iterator[str]:
    """Only billing/gateway/ speaks to Stripe."""
    if not str(module.path).startswith(MAY_IMPORT_STRIPE):
        for node in module.imports():
            if "stripe" in imported(node):
                yield f"line {node.lineno}: imports stripe"


def status_has_one_writer(module: Module) -> Iterator[str]:
    """`status` is written in a lifecycle.py, by a conditional UPDATE, and nowhere else."""
    at_home = module.path.stem == "lifecycle" or module.path.parent.name == "lifecycle"
    if at_home or not module.is_product or str(module.path).startswith(HAS_NO_ROWS):
        return
    for target in module.all(ast.Attribute):
        if target.attr == "status" and isinstance(target.ctx, ast.Store):
            yield f"line {target.lineno}: assigns .status"
    for call in module.calls(UPDATES | CREATES | SAVES | BULK_UPDATES):
        if writes_status(call):
            yield f"line {call.lineno}: writes status by {method(call)}()"


def saves_name_their_fields(module: Module) -> Iterator[str]:
    """A save of all fields overwrites what others wrote meanwhile."""
    if not module.is_product or module.path.name == "admin.py":
        return
    for call in module.calls(SAVES):
        named = NAMES_FIELDS & {keyword.arg for keyword in call.keywords}
        if not named and not call.args and not is_form_or_super(call):
            yield f"line {call.lineno}: save() without update_fields"


def files_are_short(module: Module) -> Iterator[str]:
    """A long file has more than one job."""
    lines = len(module.source.splitlines())
    if lines > LONGEST_FILE and not module.is_migration:
        yield f"{lines} lines, more than {LONGEST_FILE}"


def functions_are_short(module: Module) -> Iterator[str]:
    """A long function does more than one thing."""
    if module.is_migration:
        return
    for function in module.functions():
        lines = (function.end_lineno or 0) - function.lineno + 1
        if lines > LONGEST_FUNCTION:
            yield f"line {function.lineno}: {function.name}() has {lines} lines, more than {LONGEST_FUNCTION}"


def modules_say_what_they_hold(module: Module) -> Iterator[str]:
    """A name such as utils.py collects what has no place."""
    if module.is_product:
        for part in {*module.path.parts[:-1], module.path.stem} & NAMES_THAT_SAY_NOTHING:
            yield f"is named {part}"


def modules_open_with_their_job(module: Module) -> Iterator[str]:
    """The first line of a file says what it is for."""
    if module.source.strip() and not module.docstring and not module.is_migration:
        yield "has no docstring"


def nothing_is_swallowed(module: Module) -> Iterator[str]:
    """An error that nobody hears of is worse than a crash."""
    for handler in module.all(ast.ExceptHandler):
        caught = {"Exception"} if handler.type is None else names(handler.type)
        if caught & CATCHES_ALL and all(isinstance(step, ast.Pass | ast.Continue) for step in handler.body):
            yield f"line {handler.lineno}: swallows every error"
    for call in module.all(ast.Call):
        if "suppress" in names(call.func) and any(names(argument) & CATCHES_ALL for argument in call.args):
            yield f"line {call.lineno}: suppresses every error"


def settings_are_not_guessed(module: Module) -> Iterator[str]:
    """A setting exists, with its default in settings.py, or it is an error."""
    for call in module.all(ast.Call):
        if names(call.func) == {"getattr"} and call.args and "settings" in names(call.args[0]):
            yield f"line {call.lineno}: getattr(settings, ...)"


def imported(node: Import) -> set[str]:
    """The top-level packages that an import statement brings in."""
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    return {alias.name.partition(".")[0] for alias in node.names}


def names(node: ast.AST) -> set[str]:
    """Every name in an expression, attributes included."""
    found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return found | {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}


def method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def writes_status(call: ast.Call) -> bool:
    """By keyword, in a dict of defaults, or in a list of field names; a read's `filter(status=...)` is no such call."""
    written = [keyword.value for keyword in call.keywords if keyword.arg in {"defaults", "create_defaults"}]
    fields = [keyword.value for keyword in call.keywords if keyword.arg in {"update_fields", "fields"}]
    if method(call) in BULK_UPDATES:
        fields += call.args
    keys = [key for value in written if isinstance(value, ast.Dict) for key in value.keys if key is not None]
    texts = {text.value for part in keys + fields for text in ast.walk(part) if isinstance(text, ast.Constant)}
    return "status" in texts or any(keyword.arg == "status" for keyword in call.keywords)


def is_form_or_super(call: ast.Call) -> bool:
    """A form's save() is the form's business, and super().save() was called by somebody who is looked at himself."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else call
    if isinstance(receiver, ast.Call):
        return names(receiver.func) == {"super"}
    return any(name.endswith("form") for name in names(receiver))


BAD: list[tuple[Rule, str, str]] = [
    (imports_stay_left, "orders/lifecycle.py", "from billing.gateway import charge"),
    (imports_stay_left, "printers/models.py", "import enrollment.models"),
    (imports_stay_left, "notifications/tasks.py", "from ars import settings"),
    (imports_stay_left, "agent/report.py", "from printers.models import Printer"),
    (names_stay_left, "orders/models.py", "charge = ForeignKey('billing.Charge', on_delete=PROTECT)"),
    (own_imports_stand_at_the_top, "billing/webhooks.py", "def settle():\n    from orders.lifecycle import ship"),
    (stripe_has_one_gateway, "billing/tasks.py", "import stripe"),
    (stripe_has_one_gateway, "orders/pricing.py", "from stripe import StripeClient"),
    (status_has_one_writer, "orders/api.py", "order.status = 'shipped'"),
    (status_has_one_writer, "ars/backoffice/views.py", "order.status, note = 'shipped', ''"),
    (status_has_one_writer, "orders/tasks.py", "orders.filter(due_at=None).update(status='shipped')"),
    (status_has_one_writer, "orders/tasks.py", "Order.objects.bulk_update(orders, ['status'])"),
    (status_has_one_writer, "orders/tasks.py", "Order.objects.create(status='placed')"),
    (status_has_one_writer, "orders/tasks.py", "Order.objects.get_or_create(pk=1, defaults={'status': 'placed'})"),
    (status_has_one_writer, "orders/tasks.py", "order.save(update_fields=['note', 'status'])"),
    (saves_name_their_fields, "orders/stock.py", "sku.save()"),
    (files_are_short, "orders/stock.py", "x = 1\n" * 301),
    (functions_are_short, "orders/stock.py", "def receive():\n" + "    x = 1\n" * 40),
    (modules_say_what_they_hold, "orders/utils.py", ""),
    (modules_say_what_they_hold, "orders/services/stock.py", ""),
    (modules_open_with_their_job, "orders/stock.py", "x = 1"),
    (nothing_is_swallowed, "orders/stock.py", "try:\n    go()\nexcept Exception:\n    pass"),
    (nothing_is_swallowed, "orders/stock.py", "try:\n    go()\nexcept:\n    pass"),
    (nothing_is_swallowed, "orders/stock.py", "with contextlib.suppress(Exception):\n    go()"),
    (settings_are_not_guessed, "orders/stock.py", "getattr(settings, 'ORDER_GRACE_HOURS', 0)"),
]
GOOD: list[tuple[Rule, str, str]] = [
    (imports_stay_left, "billing/webhooks.py", "from orders.lifecycle import ship"),
    (imports_stay_left, "ars/account/views.py", "import notifications.models"),
    (names_stay_left, "billing/models.py", "order = ForeignKey('orders.Order', on_delete=PROTECT)"),
    (stripe_has_one_gateway, "billing/gateway/wire.py", "import stripe"),
    (status_has_one_writer, "orders/lifecycle.py", "orders.filter(pk=1, status=seen).update(status=to)"),
    (status_has_one_writer, "orders/api.py", "orders.filter(status='placed').update(due_at=None)"),
    (saves_name_their_fields, "orders/stock.py", "sku.save(update_fields=['on_hand'])"),
    (saves_name_their_fields, "enrollment/views.py", "form.save()"),
    (functions_are_short, "orders/stock.py", "def receive():\n" + "    x = 1\n" * 39),
    (nothing_is_swallowed, "orders/stock.py", "try:\n    go()\nexcept KeyError:\n    pass"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in BAD))


def sources() -> Iterator[Module]:
    for place in SOURCES:
        found = [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py"))
        for file in found:
            if file.exists():
                yield Module(file.relative_to(ROOT).as_posix(), file.read_text())


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    return list(sources())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule: Rule, modules: list[Module]) -> None:
    broken = [f"{module.path}: {what}" for module in modules for what in rule(module)]
    assert not broken, f"{rule.__doc__}\n" + "\n".join(broken)


@pytest.mark.parametrize(("rule", "path", "source"), BAD)
def test_the_rule_bites(rule: Rule, path: str, source: str) -> None:
    assert len(list(rule(Module(path, source)))) == 1


@pytest.mark.parametrize(("rule", "path", "source"), GOOD)
def test_the_rule_lets_good_code_pass(rule: Rule, path: str, source: str) -> None:
    assert list(rule(Module(path, source))) == []
