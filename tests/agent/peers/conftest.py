"""Programs that others wrote: CUPS' ippeveprinter, net-snmp's snmpd, snmpsim and Avahi; without them CI fails."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.agent.snmp_printer import INKS, Tree, numbers
from tests.waiting import eventually

HERE = Path(__file__).parent
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin:/sbin"
PATIENCE = 100.0  # seconds: a program is asked whether it is ready, for as long as the slowest machine may need
PACKAGES = {
    "ippeveprinter": "cups-ipp-utils",
    "ipptool": "cups-ipp-utils",
    "dbus-daemon": "dbus-daemon",
    "snmpd": "snmpd",
    "snmpsim-command-responder": "none, but pip install snmpsim pysmi",
    "avahi-daemon": "avahi-daemon",
}
# Where nothing but this computer hears it.
AVAHI = """[server]
host-name=printer-lab
use-ipv6=no
allow-interfaces=lo
[publish]
publish-hinfo=no
publish-workstation=no
"""
BUS = """<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""


def found(name: str) -> str:
    """Where the program is; in CI its absence is an error, elsewhere a reason to skip."""
    path = shutil.which(name, path=PATH)
    if path is None:
        why = f"{name} is missing: apt-get install {PACKAGES[name]}"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return path


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass(frozen=True)
class EvePrinter:
    """CUPS' printer simulator: it really prints, and each copy uses one percent of every ink."""

    port: int
    folder: Path

    @property
    def uri(self) -> str:
        return f"ipp://localhost:{self.port}/ipp/print"

    def refill(self) -> None:
        """A new black and a new cyan, as the next page tells."""
        (self.folder / "ink.json").write_text("[100, 100, 35]")
        self.print(copies=1)

    def print(self, copies: int) -> None:
        job = self.folder / "job.ras"
        job.write_bytes(b"RaS2" + bytes(100))
        command = [found("ipptool"), "-t", "-d", f"copies={copies}", "-f", str(job), self.uri, str(HERE / "print.test")]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


@dataclass(frozen=True)
class Recorded:
    """snmpsim: it answers from a file, as it is at the moment of the question."""

    port: int
    folder: Path

    @property
    def uri(self) -> str:
        return f"snmp://recorded@127.0.0.1:{self.port}"

    def tell(self, tree: Tree) -> None:
        """In its format: name, type and value of each object, in their order."""
        kinds = {int: "2", bytes: "4x", str: "6"}
        lines = [
            f"{oid}|{kinds[type(told)]}|{told.hex() if isinstance(told, bytes) else told}\n"
            for oid, told in sorted(tree.items(), key=lambda each: numbers(each[0]))
        ]
        (self.folder / "recorded.snmprec").write_text("".join(lines))


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[None]:
    """The program at work; it ends with the block, whatever happens there."""
    about = {**os.environ, **environment}
    process = subprocess.Popen(command, env=about, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def bus_in(folder: Path) -> Iterator[str]:
    """ippeveprinter does not start without a D-Bus of the system's kind, though it needs none."""
    path = folder / "bus"
    (folder / "bus.conf").write_text(BUS.format(socket=path))
    command = [found("dbus-daemon"), f"--config-file={folder / 'bus.conf'}", "--nofork", "--nopidfile"]
    with running(command):
        assert eventually(path.exists, PATIENCE)
        yield f"unix:path={path}"


@contextmanager
def eve_printer(bus: str, folder: Path, *arguments: str) -> Iterator[EvePrinter]:
    for name in ("spool", "ssl"):
        (folder / name).mkdir()
    port = free_port()
    command = [found("ippeveprinter"), "-p", str(port), "-n", "localhost", "-K", str(folder / "ssl"), *arguments]
    command += ["-d", str(folder / "spool"), "-a", str(HERE / "printer.conf"), "-c", str(HERE / "ink.py")]
    with running([*command, "Canon TS8430"], DBUS_SYSTEM_BUS_ADDRESS=bus, INK_STATE=str(folder / "ink.json")):
        assert eventually(lambda: listens(port), PATIENCE)
        yield EvePrinter(port, folder)


@pytest.fixture(scope="module")
def eve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EvePrinter]:
    """One that nobody hears of."""
    folder = tmp_path_factory.mktemp("eve")
    with bus_in(folder) as bus, eve_printer(bus, folder, "-r", "off") as printer:
        yield printer


@pytest.fixture
def announced(tmp_path: Path) -> Iterator[EvePrinter]:
    """One that Avahi announces."""
    with Path("/tmp/ars-tests-avahi.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # suites that run at once take turns: there is one Avahi on a machine
        with avahi_in(tmp_path) as bus, eve_printer(bus, tmp_path) as printer:
            yield printer


@contextmanager
def avahi_in(folder: Path) -> Iterator[str]:
    """The bus where Avahi is: the machine's own if it runs already, else one for this alone.

    No other ippeveprinter is on it: each ends when its Avahi does.
    """
    avahi = found("avahi-daemon")

    def runs() -> bool:
        return subprocess.run([avahi, "--check"], check=False).returncode == 0

    if runs():
        yield os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/run/dbus/system_bus_socket")
        return
    if os.geteuid() != 0:
        pytest.skip("avahi-daemon keeps its number where only root may write")
    (folder / "avahi.conf").write_text(AVAHI)
    command = [avahi, "-f", str(folder / "avahi.conf"), "--no-drop-root", "--no-chroot", "--no-rlimits"]
    with bus_in(folder) as bus, running(command, DBUS_SYSTEM_BUS_ADDRESS=bus):
        assert eventually(runs, PATIENCE)
        yield bus


@pytest.fixture
def snmpsim(tmp_path: Path) -> Iterator[Recorded]:
    """Its port, and how it is told what to answer."""
    port = free_port(socket.SOCK_DGRAM)
    command = [found("snmpsim-command-responder"), f"--data-dir={tmp_path}", f"--cache-dir={tmp_path / 'cache'}"]
    command += [f"--agent-udpv4-endpoint=127.0.0.1:{port}", "--logging-method=null"]
    recorded = Recorded(port, tmp_path)
    recorded.tell(INKS)
    with running(command, SNMPSIM_ALLOW_ROOT="true"):
        yield recorded


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Its port."""
    folder = tmp_path_factory.mktemp("snmpd")
    port = free_port(socket.SOCK_DGRAM)
    command = [found("snmpd"), "-f", "-Lo", "-C", "-c", str(HERE / "snmpd.conf"), "-p", str(folder / "pid")]
    with running([*command, f"udp:127.0.0.1:{port}"], SNMP_PERSISTENT_DIR=str(folder)):
        yield port


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
