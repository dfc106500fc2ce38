"""The agent reads printers that we did not write."""

import json
from typing import Any

from tests.agent.peers.conftest import PATIENCE, EvePrinter, Recorded
from tests.agent.program import Program
from tests.agent.snmp_printer import INKS, SUPPLY, Tree
from tests.waiting import eventually


def read(program: Program, uri: str) -> dict[str, Any]:
    done = program.run("read", uri, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def levels(told: dict[str, Any]) -> list[tuple[str | None, int | None, bool | None]]:
    return [(each["name"], each["level"], each["low"]) for each in told["supplies"]]


def test_ippeveprinter_prints_until_it_is_low(program: Program, eve: EvePrinter) -> None:
    uri = f"ipp://localhost:{eve.port}/ipp/print"
    told = read(program, uri)
    assert (told["make_and_model"], told["state_reasons"]) == ("Canon TS8430", [])
    assert levels(told) == [("Black", 80, False), ("Cyan", 17, False), ("Ink Absorber", 35, None)]
    assert told["supplies"][2]["class"] == "receptacleThatIsFilled"
    eve.print(copies=3)
    assert eventually(lambda: levels(read(program, uri))[1] == ("Cyan", 14, True), PATIENCE)
    assert read(program, uri)["state_reasons"] == ["marker-supply-low"]


def test_ippeveprinter_is_read_over_tls_and_without_a_path(program: Program, eve: EvePrinter) -> None:
    plain, secured = (read(program, f"{scheme}://localhost:{eve.port}") for scheme in ("ipp", "ipps"))
    assert plain == secured
    assert plain["printer_uuid"]


def awake(program: Program, uri: str) -> str:
    """The address, once it answers there: before, its port is closed."""
    assert eventually(lambda: program.run("read", uri).returncode == 0, PATIENCE)
    return uri


def test_snmpd_is_read(program: Program, snmpd: int) -> None:
    told = read(program, awake(program, f"snmp://secret@127.0.0.1:{snmpd}"))
    assert told["serial_number"] == "ACDE04471"
    assert levels(told) == [("CLI-281 Cyan", 13, None), (None, None, None)]


def test_snmpd_does_not_answer_who_does_not_know_the_community(program: Program, snmpd: int) -> None:
    awake(program, f"snmp://secret@127.0.0.1:{snmpd}")
    done = program.run("read", f"snmp://127.0.0.1:{snmpd}")
    assert (done.returncode, "is its community 'public'?" in done.stderr) == (1, True)


def test_snmpsim_is_read_and_what_changes_there_changes_here(program: Program, snmpsim: Recorded) -> None:
    told = read(program, awake(program, snmpsim.uri))
    assert (told["make_and_model"], told["serial_number"]) == ("Canon TS8430 series", "ACDE04471")
    assert levels(told) == [("Canon BCI-381 Cyan", 13, None), ("Encre noirée", None, True), ("Absorber", 90, None)]
    snmpsim.tell({**INKS, f"{SUPPLY}.9.1.0": 240})
    assert eventually(lambda: levels(read(program, snmpsim.uri))[0] == ("Canon BCI-381 Cyan", 10, None), PATIENCE)


def test_ipp_and_snmp_of_one_printer_are_one(program: Program, eve: EvePrinter, snmpsim: Recorded) -> None:
    row: Tree = {f"{SUPPLY}.{column}.1.1": told for column, told in {4: 3, 5: 6, 8: 2400, 9: 345}.items()}
    snmpsim.tell({**row, f"{SUPPLY}.6.1.1": b"Cyan"})
    uri = f"ipp://localhost:{eve.port}/ipp/print"
    awake(program, snmpsim.uri)
    told: list[str] = []

    def are_both_read() -> bool:  # the second has eight seconds, and is left out after that
        done = program.run("read", uri, "--also", snmpsim.uri, "--json")
        told.append(done.stdout)
        return (done.returncode, done.stderr) == (0, "")

    assert eventually(are_both_read, PATIENCE)
    alone, both = read(program, uri)["supplies"], json.loads(told[-1])["supplies"]
    assert [each["name"] for each in both] == [each["name"] for each in alone]
    assert both[1]["level"] in (alone[1]["level"], 14)  # 345 of 2400, where that is the finer step
    assert both[0] == alone[0]


def test_a_printer_that_avahi_announces_is_found_and_read(program: Program, announced: EvePrinter) -> None:
    heard: list[dict[str, Any]] = []

    def is_heard() -> bool:
        printers = json.loads(program.run("discover", "--seconds", "5", "--json").stdout)
        heard.extend(each for each in printers if each["uri"].endswith(f":{announced.port}/ipp/print"))
        return bool(heard)

    assert eventually(is_heard, PATIENCE)
    printer, *others = heard
    assert (printer["make_and_model"], others) == ("Canon TS8430", [])
    told = read(program, f"ipp://localhost:{announced.port}")
    assert (told["make_and_model"], told["printer_uuid"]) == ("Canon TS8430", printer["printer_uuid"])
