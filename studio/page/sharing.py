"""What others need to come in: the password, the public link, its code; and how it is closed."""

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass

import segno

from studio.errors import BadInput

USER = "toile"
PASSWORD_LENGTH = 16

LONGEST_ADDRESS = 300
"""Characters in a QR code: with more, a phone can hardly read it from a page."""

_ALPHABET = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
"""Letters and digits that are not mistaken for each other when read aloud."""


@dataclass(frozen=True)
class Door:
    """Who may come in. The password itself is not kept, only its scrypt hash."""

    salt: bytes
    digest: bytes

    def admits(self, user: str, password: str) -> bool:
        """Whether name and password are right, compared in constant time."""
        right_user = hmac.compare_digest(user.encode("utf-8", "replace"), USER.encode())
        return hmac.compare_digest(_scrypt(password, self.salt), self.digest) and right_user


def new_door(own: str = "") -> tuple[Door, str]:
    """A door and its password, which is told once.

    Args:
        own: the password of one's own; empty for a new one.
    """
    password = own or "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH))
    salt = secrets.token_bytes(16)
    return Door(salt, _scrypt(password, salt)), password


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, n=2**14, r=8, p=1)


def qr_svg(text: str) -> str:
    """An address as a QR code, for the phones of a class: an SVG without a size of its own.

    Raises:
        BadInput: no text, or more than `LONGEST_ADDRESS` characters.
    """
    if not 0 < len(text) <= LONGEST_ADDRESS:
        raise BadInput(f"A QR code holds an address of 1 to {LONGEST_ADDRESS} characters.")
    drawn = segno.make(text, error="m", micro=False).svg_inline(omitsize=True)
    # Without crisp edges, seams between the rows show where a module is no whole number of pixels.
    about = 'xmlns="http://www.w3.org/2000/svg" shape-rendering="crispEdges"'
    return drawn.replace("<svg", f"<svg {about}", 1)


def public_link(host: str, port: int) -> str:
    """Open a public link to this page; its address.

    Raises:
        Exception: of any kind, where there is no network or something is in the way.
    """
    from gradio.networking import setup_tunnel

    return setup_tunnel(host, port, secrets.token_urlsafe(32), None, None)


def stop_sharing() -> None:
    """Close the tunnels of this process; the page stays open on this machine."""
    from gradio.tunneling import CURRENT_TUNNELS

    for tunnel in list(CURRENT_TUNNELS):
        tunnel.kill()
    CURRENT_TUNNELS.clear()
