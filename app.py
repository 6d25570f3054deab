"""Start Toile: `python app.py`, then open the address that it prints."""

import argparse
import os
import sys
from pathlib import Path

from studio.errors import BadInput, ToileError
from studio.options import Once
from studio.settings import DEFAULT_DATA_DIR, DEFAULT_HOST, Settings

PASSWORD = "TOILE_PASSWORD"
"""The environment's name for a password of one's own."""


def parse(arguments: list[str] | None = None) -> Settings:
    """Settings from the command line."""
    parser = argparse.ArgumentParser(
        prog="app.py", description="Toile, a studio for garment pictures from words and a sketch."
    )
    Once.everywhere(parser)
    parser.add_argument(
        "--share", action="store_true", help="open a public link, protected by a password"
    )
    parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, help="port to listen on (the first free one from 7860)")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=DEFAULT_DATA_DIR,
        help="folder of projects and pictures (%(default)s)",
    )
    parser.add_argument(
        "--model", help="name, folder or file of another model than the bundled one"
    )
    parser.add_argument("--download", action="store_true", help="fetch the model if it is not here")
    parser.add_argument(
        "--adapters",
        type=Path,
        metavar="DIR",
        help="published adapters: Magic Clothing, ControlNets, … (adapters in the data folder)",
    )
    parser.add_argument(
        "--vae", type=Path, metavar="PATH", help="an autoencoder instead of the model's own"
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        help=f"file that holds a password of your own; or set {PASSWORD} in the environment",
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="further name under which the page may be opened, such as a proxy's; repeat for more",
    )
    parser.add_argument(
        "--root-path", default="", help="path under which a proxy shows the page, such as /design"
    )
    given = parser.parse_args(arguments)
    values = vars(given)
    password = _password(values.pop("password_file"))
    hosts = tuple(values.pop("allowed_host"))
    return Settings(**values, password=password, allowed_hosts=hosts)


def _password(file: Path | None) -> str:
    """The password of one's own, empty for none. It is never an option: everybody on the machine
    can read those, and programs that are started from here get the environment."""
    given = os.environ.pop(PASSWORD, "")
    if file is None:
        return given
    try:
        with file.open(encoding="utf-8") as lines:
            found = lines.readline(1000).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The password cannot be read from “{file}” "
            f"({getattr(error, 'strerror', None) or 'it is no text'}): check --password-file."
        ) from None
    if not found:
        raise BadInput(f"“{file}” holds no password: write one into its first line.")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the page; the exit status is 2 where it could not start."""
    try:
        settings = parse(arguments)
        from studio.page.serve import serve

        serve(settings)
    except ToileError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
