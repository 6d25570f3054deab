"""Under which names the page may be asked for, and by whom a request was sent.

A web site can let its own name point to this machine (DNS rebinding), and its pages then ask the
studio as if they were its own. They cannot change the name that the browser writes into the
request, so that only known names are answered. What a proxy adds to a request counts where a proxy
is expected, and of each list its last entry alone: the others are whatever the visitor wrote.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from studio.settings import Settings, this_machine_alone

_FORWARDED = re.compile(rb"(x-forwarded-.*|forwarded|x-real-ip|x-original-.*|x-rewrite-url)")
_NAME = re.compile(r"[A-Za-z0-9_.:\[\]-]{1,255}")


def host_name(host: str) -> str:
    """The name or address in a Host header or an origin, in small letters without its port; empty
    where there is none."""
    if not _NAME.fullmatch(host):
        return ""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


class Names:
    """The names of one running studio.

    Args:
        link: the address of its public link at this moment; empty while there is none.
    """

    def __init__(self, settings: Settings, link: Callable[[], str] = str) -> None:
        self._bound = settings.host.strip("[]").lower()
        self._beyond = not this_machine_alone(self._bound)
        self._given = set(settings.allowed_hosts)
        self._own = _own_names() if self._beyond else set[str]()
        self._link = link

    def admits(self, host: str, server: str = "") -> bool:
        """Whether the page may be asked for by this Host header.

        Args:
            server: the address of this machine at which the request came in.
        """
        name = host_name(host)
        if not name:
            return False
        if this_machine_alone(name) or name in self._given or name == self._bound:
            return True
        if name in self._own or self.vouches_for(name):
            return True
        return self._beyond and bool(server) and _same_address(name, server)

    def vouches_for(self, name: str) -> bool:
        """Whether a name was given by who started the studio, or is that of its public link."""
        return name in self._given or (
            bool(link := self._link()) and name == host_name(urlsplit(link).netloc)
        )


def _own_names() -> set[str]:
    """What this machine is called in its own network."""
    name = socket.gethostname().lower()
    return {name, f"{name.split('.')[0]}.local"} - {"", ".local"}


def _same_address(one: str, other: str) -> bool:
    try:
        first, second = ipaddress.ip_address(one), ipaddress.ip_address(other.split("%")[0])
    except ValueError:
        return False
    return _plain(first) == _plain(second)


def _plain(address: Any) -> Any:
    return getattr(address, "ipv4_mapped", None) or address


@dataclass(frozen=True)
class Sender:
    """Who sent a request, and for what it was meant, as far as that can be known.

    Attributes:
        address: of the visitor. host: the Host header that the browser wrote.
        https: whether the way from the browser is encrypted.
        forwarded: whether a proxy says that the visitor is on another machine.
    """

    address: str
    host: str
    https: bool
    forwarded: bool


def sender_of(scope: Any, behind_proxy: bool) -> Sender:
    """Who sent a request."""
    headers = Headers(scope=scope)
    peer = scope["client"][0] if scope.get("client") else ""
    hosts = headers.getlist("host")
    host = hosts[0] if len(hosts) == 1 else ""
    https = scope.get("scheme") == "https"
    if not behind_proxy:
        return Sender(peer, host, https, forwarded=False)
    host = _last(headers.getlist("x-forwarded-host")) or host
    https = https or _last(headers.getlist("x-forwarded-proto")).lower() == "https"
    # A proxy on another machine may be anybody: its visitors have its own address.
    near = not peer or this_machine_alone(peer)
    visitor = _address(_last(headers.getlist("x-forwarded-for"))) if near else ""
    beyond = bool(visitor) and not this_machine_alone(visitor)
    beyond = beyond or not this_machine_alone(host_name(host) or "localhost")
    return Sender(visitor or peer, host, https, forwarded=beyond)


def as_sent(scope: Any, sender: Sender) -> Any:
    """The request as it would have come without a proxy: nothing behind looks at a proxy's
    headers, and nobody can invent them."""
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if name != b"host" and not _FORWARDED.fullmatch(name)
    ]
    return {
        **scope,
        "headers": [*kept, (b"host", sender.host.encode("latin-1"))],
        "scheme": "https" if sender.https else "http",
        "client": (sender.address, 0),
    }


def _last(values: Iterable[str]) -> str:
    return ",".join(values).rsplit(",", 1)[-1].strip()


def _address(text: str) -> str:
    """An address without its port; empty where it is none."""
    bare = text.strip("[]") if text.count(":") != 1 else text.split(":")[0]
    try:
        return str(_plain(ipaddress.ip_address(bare.split("]")[0])))
    except ValueError:
        return ""
