"""Where the studio keeps its data and how its page is served."""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from studio.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds `studio/`, `assets/` and `app.py`."""

DEFAULT_DATA_DIR = ROOT / "data"
DEFAULT_HOST = "127.0.0.1"
FIRST_PORT = 7860
"""The port that is tried first when none was asked for."""

SHORTEST_PASSWORD = 8
"""Characters of a password of one's own."""

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9])?|[0-9a-f:.]{2,45}")
_ROOT = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*")


def this_machine_alone(host: str) -> bool:
    """Whether an address or a name answers nobody but this machine."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


@dataclass(frozen=True)
class Settings:
    """What `app.py` was started with.

    Attributes:
        data_dir: folder of the database, the pictures and their thumbnails.
        host: address to listen on; the default answers this machine only.
        port: 1..65535, or None for the first free one from `FIRST_PORT`.
        share: whether to open a public link, with a password.
        model: name, folder or file of a model, or None for the bundled one.
        download: whether a published model may be fetched.
        adapters: folder of published adapters; None for the one in the data folder.
        vae: an autoencoder instead of the model's own: its folder or file.
        password: of one's own; empty to have one made where it is needed.
        root_path: under which a proxy shows the page, such as "/design"; empty for none.
        allowed_hosts: further names under which the page may be asked for, such as a proxy's.

    Raises:
        BadInput: a port, an address, a password or a path that cannot be.
    """

    data_dir: Path = DEFAULT_DATA_DIR
    host: str = DEFAULT_HOST
    port: int | None = None
    share: bool = False
    model: str | None = None
    download: bool = False
    adapters: Path | None = None
    vae: Path | None = None
    password: str = field(default="", repr=False)
    root_path: str = ""
    allowed_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.port is not None and not 1 <= self.port <= 65535:
            raise BadInput(f"Port {self.port} does not exist: give a number from 1 to 65535.")
        if not self.host.strip():
            raise BadInput(
                f"The address to listen on is empty: leave --host out to use {DEFAULT_HOST}."
            )
        if self.password and len(self.password) < SHORTEST_PASSWORD:
            raise BadInput(
                f"The password is too short: give one of at least {SHORTEST_PASSWORD} characters."
            )
        root = "/" + self.root_path.strip("/") if self.root_path.strip("/") else ""
        if not _ROOT.fullmatch(root):
            raise BadInput(
                f"“{self.root_path[:60]}” is no path of a proxy: give one such as /design."
            )
        object.__setattr__(self, "root_path", root)
        names = tuple(name.strip("[]").lower() for name in self.allowed_hosts)
        wrong = [name for name in names if not _HOST.fullmatch(name)]
        if wrong:
            raise BadInput(
                f"“{wrong[0][:60]}” is no name of a computer: give one such as toile.example.org, "
                "without https:// and without a port."
            )
        object.__setattr__(self, "allowed_hosts", names)

    @property
    def needs_password(self) -> bool:
        """Whether others than the people at this machine can reach the page."""
        beyond = (self.host, *self.allowed_hosts)
        return self.share or bool(self.password) or not all(map(this_machine_alone, beyond))

    @property
    def behind_proxy(self) -> bool:
        """Whether requests may come through a proxy, whose word on whom they are from counts."""
        return self.share or bool(self.root_path or self.allowed_hosts)
