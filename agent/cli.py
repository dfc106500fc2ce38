"""The commands: what is typed, what is printed, and how it ends (0 done, 1 refused or failed, 2 wrong usage)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Callable

from agent import VERSION
from agent.errors import AgentError, UsageError

DONE, FAILED, WRONG_USAGE = 0, 1, 2
URI = "ipp://HOST/ipp/print, ipps://HOST or snmp://[COMMUNITY@]HOST"


def main(arguments: Sequence[str]) -> int:
    """Do what was asked; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an ink may have a name that the terminal cannot show
    asked = parser().parse_args(arguments)
    try:
        act: Callable[[argparse.Namespace], bool] = import_module(f"agent.acts.{asked.command}").act
        return DONE if act(asked) else FAILED
    except UsageError as error:
        return _end(str(error), WRONG_USAGE)
    except AgentError as error:
        return _end(str(error), FAILED)
    except KeyboardInterrupt:
        return DONE if asked.command == "run" else _end("Stopped.", FAILED)
    except BrokenPipeError:
        sys.stderr.close()  # who read what we print has gone: nobody is left to be told
        return FAILED


def parser() -> argparse.ArgumentParser:
    """What can be typed."""
    top = argparse.ArgumentParser(prog="ars-agent", description="Tells the ink service how full your printer is.")
    top.add_argument("--version", action="version", version=f"ars-agent {VERSION}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    discover = _command(commands, "discover", "list the printers of this network")
    discover.add_argument("--seconds", type=_seconds, default=3.0, help="how long to listen (3)")
    read = _command(commands, "read", "read the supplies of one printer")
    read.add_argument("uri", metavar="URI", help=URI)
    pair = _command(commands, "pair", "connect a printer with your account")
    pair.add_argument("--server", metavar="URL", required=True, help="the address of the service, https://...")
    pair.add_argument("--printer", metavar="URI", help=f"which printer: {URI}; else the one that is found")
    run = _command(commands, "run", "read and report every paired printer, until stopped")
    run.add_argument("--once", action="store_true", help="once, and no more")
    status = _command(commands, "status", "what is paired, and when it last reported")
    unpair = _command(commands, "unpair", "disconnect a printer from your account")
    unpair.add_argument("--printer", metavar="URI", help="which printer, where several are paired")
    unpair.add_argument("--all", action="store_true", help="all that are paired")
    install = _command(commands, "install", "let it start with you, from now on")
    uninstall = _command(commands, "uninstall", "start with you no more")
    for command in (install, uninstall):
        command.add_argument("--to", metavar="FOLDER", help="only write there what the system would be given")
    for command in (discover, read, status):
        command.add_argument("--json", action="store_true", help="for programs")
    for command in (read, pair):
        command.add_argument(
            "--also", metavar="URI", help="its address for SNMP, where snmp://HOST is not it: snmp://[COMMUNITY@]HOST"
        )
        command.add_argument(
            "--trust-new-certificate", action="store_true", help="the printer was reset or replaced: believe it anew"
        )
    return top


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, help_text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")


def _seconds(told: str) -> float:
    seconds = float(told)
    if not 0 < seconds <= 60:
        raise ValueError
    return seconds


def _end(sentence: str, code: int) -> int:
    print(f"ars-agent: {sentence}", file=sys.stderr)
    return code
