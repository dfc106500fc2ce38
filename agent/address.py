"""Where a printer is: `ipp://`, `ipps://` or `snmp://[community@]host[:port]`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from agent.errors import UsageError

PORTS = {"ipp": 631, "ipps": 631, "snmp": 161}
COMMUNITY = "public"
LONGEST = 1023  # RFC 8011, section 5.1.6


@dataclass(frozen=True)
class Address:
    """A printer's address in its parts; `community` is SNMP's, `path` is IPP's and may be empty."""

    scheme: str
    host: str
    port: int
    path: str = ""
    community: str = COMMUNITY

    @property
    def authority(self) -> str:
        """Host and port, as in a URI."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        secret = f"{self.community}@" if self.scheme == "snmp" and self.community != COMMUNITY else ""
        return f"{self.scheme}://{secret}{self.authority}{self.path}"

    def over(self, scheme: str, path: str) -> Address:
        """The same host and port, by another scheme or at another path."""
        return replace(self, scheme=scheme, path=path)


def second(uri: str | None) -> Address | None:
    """The address for SNMP that was named besides, if one was; UsageError where it is another kind."""
    if not uri:
        return None
    address = parse(uri)
    if address.scheme != "snmp":
        raise UsageError(f"{uri} is not an address for SNMP: use snmp://[COMMUNITY@]HOST.")
    return address


def parse(uri: str) -> Address:
    """The address that `uri` means; UsageError where it means none."""
    if len(uri) > LONGEST:
        raise UsageError(f"{uri[:40]}... is longer than any address.")
    try:
        parts = urlsplit(uri.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{uri} is not an address: {error}.") from error
    if parts.scheme not in PORTS or not host:
        raise UsageError(f"{uri} is not an address of a printer: use ipp://HOST/ipp/print, ipps://HOST or snmp://HOST.")
    if not uri.isprintable() or any(character.isspace() for character in uri.strip()):
        raise UsageError(f"{uri!r} is not an address: it holds characters that no address has.")
    community = unquote(parts.username or "") or COMMUNITY
    path = parts.path if parts.scheme != "snmp" else ""
    return Address(parts.scheme, host, port or PORTS[parts.scheme], "" if path == "/" else path, community)
