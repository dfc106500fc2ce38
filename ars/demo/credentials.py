"""`credentials.json`: what an outsider needs to try the running demo, in the contract's words."""

import json

from ars.demo.home import write_private
from ars.demo.people import Cast
from ars.demo.stage import Stage
from ars.demo.surroundings import mail_folder


def write(stage: Stage, cast: Cast, pids: dict[str, int]) -> None:
    """Whole or not at all, and again whenever a process got a new id."""
    told = {
        "base_url": stage.base_url,
        "stripe_api_base": stage.environment["STRIPE_API_BASE"],
        "mail_dir": mail_folder(stage.environment["EMAIL_URL"]),
        "customer": cast.customer,
        "stripe_secret_key": stage.environment["STRIPE_SECRET_KEY"],
        "staff": cast.staff,
        "device": cast.device.told(),
        "declining_device": cast.declining_device.told(),
        "store_api_key": cast.store_api_key,
        "warehouse_api_key": cast.warehouse_api_key,
        "pids": pids,
    }
    write_private(stage.home.credentials, json.dumps(told, indent=2))


def write_parts(stage: Stage, cast: Cast) -> None:
    """What the simulators are told."""
    told = {
        "base_url": stage.base_url,
        "warehouse_api_key": cast.warehouse_api_key,
        "printers": [
            {"nickname": device.nickname, "token": device.token, "skus": device.skus} for device in cast.fleet
        ],
    }
    write_private(stage.home.parts, json.dumps(told, indent=2))
