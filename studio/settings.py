"""Where the studio keeps its data and how its page is served."""

from dataclasses import dataclass
from pathlib import Path

from studio.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds `studio/`, `assets/` and `app.py`."""

DEFAULT_DATA_DIR = ROOT / "data"
DEFAULT_HOST = "127.0.0.1"
FIRST_PORT = 7860
"""The port that is tried first when none was asked for."""


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

    Raises:
        BadInput: a port or an address that cannot be.
    """

    data_dir: Path = DEFAULT_DATA_DIR
    host: str = DEFAULT_HOST
    port: int | None = None
    share: bool = False
    model: str | None = None
    download: bool = False
    adapters: Path | None = None
    vae: Path | None = None

    def __post_init__(self) -> None:
        if self.port is not None and not 1 <= self.port <= 65535:
            raise BadInput(f"Port {self.port} does not exist: give a number from 1 to 65535.")
        if not self.host.strip():
            raise BadInput(
                f"The address to listen on is empty: leave --host out to use {DEFAULT_HOST}."
            )
        if self.adapters is not None and not self.adapters.is_dir():
            raise BadInput(
                f"The folder of adapters “{self.adapters}” is not there: make it and put the "
                "published weight files in, or leave --adapters out."
            )
        if self.vae is not None and not self.vae.exists():
            raise BadInput(
                f"The autoencoder “{self.vae}” is not there: give its folder or file, or leave "
                "--vae out."
            )
