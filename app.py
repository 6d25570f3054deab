"""Start Toile: `python app.py`, then open the address that it prints."""

import argparse
import sys
from pathlib import Path

from studio.errors import ToileError
from studio.options import Once
from studio.settings import DEFAULT_DATA_DIR, DEFAULT_HOST, Settings


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
    given = parser.parse_args(arguments)
    return Settings(**vars(given))


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
