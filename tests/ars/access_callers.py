"""Who knocks at the addresses of the service, and shorthands for what becomes of all of them."""

Outcome = int | str  # a status, or where one is sent
SIGN_IN, STAFF_SIGN_IN, ACCOUNT, BACK_OFFICE = "/accounts/login/", "/admin/login/", "/account/", "/admin/"
ONCE_MORE = "/accounts/reauthenticate/"

OWN_PLAN, OWN_ORDER = "/account/replenishment/1/", "/account/orders/1/"

ROLES = ("Support", "Support lead", "Warehouse", "Catalogue", "Finance", "superuser")
OTHERS = ("stranger", "printer", "store", "warehouse", "other customer", "owner", "staff without rights")
CALLERS = (*OTHERS, *ROLES)


def everybody(outcome: Outcome) -> tuple[Outcome, ...]:
    return (outcome,) * len(OTHERS)


def warehouse(outcome: Outcome) -> tuple[Outcome, ...]:
    return (401, 401, 403, outcome, 401, 401, 401)


def store(outcome: Outcome) -> tuple[Outcome, ...]:
    return (401, 401, outcome, 403, 401, 401, 401)


def people(other: Outcome, owner: Outcome, staff: Outcome, nobody: Outcome = SIGN_IN) -> tuple[Outcome, ...]:
    return (nobody, nobody, nobody, nobody, other, owner, staff)


def staff(outcome: Outcome) -> tuple[Outcome, ...]:
    """Rights are given by role; who has none sees the frame of the back office and nothing in it."""
    return (STAFF_SIGN_IN,) * 6 + (outcome,)
