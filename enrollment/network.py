"""Where a request comes from: its address, whether two are of one network, and how an address is shown."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
HOME_V4, HOME_V6 = 24, 64  # bits that the devices of one home or office share
BEHIND_A_ROUTER = [IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")]


def address_of(request: HttpRequest) -> str | None:
    """The caller's IP address: what the outermost proxy of ours says, where there is one."""
    told = request.META.get("REMOTE_ADDR", "")
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    callers = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")  # each proxy adds who called it at the end
    if 0 < proxies <= len(callers):
        told = callers[-proxies]
    found = _parse(told.strip())
    return str(found) if found else None


def is_same(one: str | None, other: str | None) -> bool:
    """Whether both are in one network, as far as addresses can tell; unknown ones are not.

    Behind a router all devices share one public IPv4 address; with IPv6, and inside, they share its first part.
    """
    first, second = _parse(one or ""), _parse(other or "")
    if first is None or second is None:
        return False
    if first == second or (first.is_loopback and second.is_loopback):
        return True
    inside = first.version == 6 or any(first in network for network in BEHIND_A_ROUTER)
    return inside and second in _home(first)


def shown(address: str | None) -> str:
    """An address with its last part left out: `203.0.113.x`; empty when it is not known."""
    found = _parse(address or "")
    if found is None:
        return ""
    start = str(_home(found).network_address)
    return f"{start.removesuffix('0')}x" if found.version == 4 else f"{start}x"


def _home(address: Address) -> IPv4Network | IPv6Network:
    return ip_network((address, HOME_V4 if address.version == 4 else HOME_V6), strict=False)


def _parse(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
