"""Which addresses we speak to: those of the public internet, by https. Anything else could be our own network.

A name is looked up anew for each message, and who connects uses the very addresses that were looked at: a name that
answers otherwise a moment later leads nowhere else.
"""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

from printers.facts import Refused

PORTS = {"https": 443, "http": 80}
PRINTABLE = re.compile(r"[!-~]+")  # ASCII, no blanks
SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]

# IANA's special-purpose registries (RFC 6890), written out: Python's `is_global` says yes to some of these.
NOT_PUBLIC_V4 = [
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
# The rest of IPv6 is loopback, link-local, private, multicast, or wraps an IPv4 address (mapped, NAT64).
PUBLIC_V6 = ip_network("2000::/3")
NOT_PUBLIC_V6 = [
    ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # Teredo, documents, 6to4, documents
]


@dataclass(frozen=True)
class Target:
    """An address taken apart: `path` is what is asked for, with its query."""

    scheme: str
    host: str
    port: int
    path: str


def parse(url: str) -> Target:
    """The parts of an address we may send to; Refused with a sentence that says what is wrong with it."""
    if not PRINTABLE.fullmatch(url) or "\\" in url:
        raise Refused(gettext("Write the address in plain letters, without blanks."), "not_an_address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Refused(gettext("This is not an address: %(why)s.") % {"why": error}, "not_an_address") from error
    if parts.scheme not in PORTS or (parts.scheme == "http" and not settings.WEBHOOK_ALLOW_PRIVATE):
        raise Refused(gettext("The address must begin with https://"), "not_https")
    if parts.username is not None or parts.password is not None:
        raise Refused(gettext("Leave name and password out: every message is signed."), "credentials_in_address")
    if not host or port == 0:
        raise Refused(gettext("The address names no host."), "not_an_address")
    path = parts.path or "/"
    return Target(parts.scheme, host, port or PORTS[parts.scheme], f"{path}?{parts.query}" if parts.query else path)


def look_up(target: Target) -> list[tuple[socket.AddressFamily, SocketAddress]]:
    """Where to connect to. Refused when one of the addresses is not of the public internet; may raise OSError."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise Refused(gettext("There is no host %(host)s.") % {"host": target.host}, "not_an_address") from error
    addresses = [(family, address) for family, _, _, _, address in found]
    private = [str(address[0]) for _, address in addresses if not is_public(str(address[0]))]
    if private and not settings.WEBHOOK_ALLOW_PRIVATE:
        text = gettext("%(host)s is at %(address)s, which is not an address of the public internet.")
        raise Refused(text % {"host": target.host, "address": private[0]}, "not_public")
    return addresses


def check(url: str) -> None:
    """What somebody typed can be sent to, as things stand: Refused says why not."""
    target = parse(url)
    try:
        look_up(target)
    except OSError as error:
        text = gettext("The host %(host)s cannot be found: %(why)s.")
        raise Refused(text % {"host": target.host, "why": error.strerror or error}, "unknown_host") from error


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the public internet."""
    ip: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in NOT_PUBLIC_V4)
    return ip in PUBLIC_V6 and not any(ip in network for network in NOT_PUBLIC_V6)
