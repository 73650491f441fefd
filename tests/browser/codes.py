"""Licence codes as a terminal opens them, for tests that look into what a page shows."""

import base64
import io
from dataclasses import replace
from datetime import datetime

import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from playwright.sync_api import Page

from jiazhao.app import build
from jiazhao.clock import system_clock
from jiazhao.config import load
from jiazhao.credentials.code_sealing import CODE_OCTETS, SealedCode, read_sealed, seal
from jiazhao.credentials.licence_code import HolderPart, LicenceCode, parse_content
from tests.live_server import LiveServer


def octets_of(text: str) -> bytes:
    """Return the octets of a code that was copied as text."""
    return base64.urlsafe_b64decode(text + "==")


def text_of(octets: bytes) -> str:
    """Return a code as it is copied and pasted."""
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def scanned(page: Page) -> bytes:
    """Read the one QR code of a licence that is on the screen, as a camera would."""
    page.locator(".show-top").scroll_into_view_if_needed()
    picture = Image.open(io.BytesIO(page.screenshot()))
    (found,) = [
        one.bytes for one in zxingcpp.read_barcodes(picture) if len(one.bytes) == CODE_OCTETS
    ]
    return found


class Opener:
    """The keys of a demonstration's terminals."""

    def __init__(self, server: LiveServer) -> None:
        self._keys = build(load(server.state / "jiazhao.toml"), system_clock).enforcement_keys

    def open(self, octets: bytes, now: datetime | None = None) -> LicenceCode:
        """Open a code with the key of its period."""
        sealed: SealedCode = read_sealed(octets)
        key = self._keys.opener(sealed.kind, sealed.period, now or system_clock())
        assert key is not None
        return parse_content(sealed.open(key), sealed.kind)

    def forged(self, octets: bytes) -> bytes:
        """Return the same code with another signature of the issuer, sealed as it should be."""
        sealed = read_sealed(octets)
        code = self.open(octets)
        signature = bytes([code.issuer.signature[0] ^ 1]) + code.issuer.signature[1:]
        other = replace(code, issuer=replace(code.issuer, signature=signature))
        key = self._keys.opener(sealed.kind, sealed.period, system_clock())
        assert key is not None
        return seal(
            other.content,
            kind=sealed.kind,
            period=sealed.period,
            key=key.public_key(),
            ephemeral=ec.generate_private_key(ec.SECP256R1()),
        ).octets

    def holder(self, octets: bytes) -> HolderPart:
        """Return what the device signed; raises where it did not."""
        return self.open(octets).verify_holder()
