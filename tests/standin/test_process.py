"""The process: quick to start and stop, nothing left behind, fifty requests at once."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
from stripe import APIConnectionError

from ars.standin.process import ROOT, Handle, start
from tests.ars.processes import all_gone
from tests.standin.shop import Shop, arrived
from tests.waiting import eventually

PARENT = "import time; from ars.standin.process import start; print(start().process.pid, flush=True); time.sleep(60)"


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_both_even_while_an_answer_is_withheld(ending: signal.Signals) -> None:
    own = start()
    family = [own.process.pid, *children(own.process.pid)]
    own.fault("GET /v1/charges", "timeout", seconds=30)
    waiter = Thread(target=hang, args=(own,))
    waiter.start()
    assert eventually(lambda: arrived(own, "/charges") == 1)
    begun = time.monotonic()
    own.process.send_signal(ending)
    assert eventually(lambda: own.process.poll() is not None)
    waiter.join()
    own.stop()
    assert time.monotonic() - begun < 20
    assert (own.process.returncode, len(family), all_gone(family)) == (0, 2, True)


def hang(own: Handle) -> None:
    with suppress(APIConnectionError):
        Shop(own.url, retries=0).paid()


def test_killing_the_parent_leaves_neither_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        standin = int(parent.stdout.readline())
        family = [standin, *children(standin)]
        assert len(family) == 2
        parent.kill()
    assert eventually(lambda: all_gone(family))


def test_killing_the_proxy_takes_localstripe_along() -> None:
    own = start()
    [localstripe] = children(own.process.pid)
    own.process.kill()
    own.stop()
    assert eventually(lambda: all_gone([localstripe]))


def test_without_localstripe_the_proxy_ends() -> None:
    own = start()
    [localstripe] = children(own.process.pid)
    os.kill(localstripe, signal.SIGKILL)
    assert eventually(lambda: own.process.poll() is not None)
    own.stop()


def test_a_busy_port_is_told_in_one_sentence(standin: Handle) -> None:
    port = standin.url.rpartition(":")[2]
    command = [sys.executable, "-m", "ars.standin", "--port", port]
    failed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"The stand-in cannot serve on 127.0.0.1:{port}")


def test_fifty_orders_at_once_are_fifty_charges(shop: Shop) -> None:
    card = shop.card()
    with ThreadPoolExecutor(50) as pool:
        shipped = list(pool.map(lambda amount: shop.ship(shop.order(card, amount=amount).id), range(1000, 1050)))
    assert {intent.status for intent in shipped} == {"succeeded"}
    assert sorted(charge.amount for charge in shop.paid()) == list(range(1000, 1050))


def test_a_clean_slate_forgets_everything(standin: Handle, shop: Shop) -> None:
    shop.ship(shop.order(key="order-1").id)
    standin.flush()
    assert (shop.paid(), shop.sdk.customers.list().data, len(standin.requests())) == ([], [], 2)
