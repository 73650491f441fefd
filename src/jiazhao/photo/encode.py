"""The picture as it is kept: a JPEG of bounded size that holds pixels and nothing else."""

import io

from PIL import Image

MAX_KEPT_OCTETS = 60 * 1024
"""Twice the largest photo of the archive, for twice its width: it travels in every copy."""

_WIDTHS = (520, 390, 260)
"""The width suggested for the electronic licence, and down to that of the archive."""

_QUALITIES = (90, 85, 80, 75, 70)
"""70 is the least that the archive takes."""


def encode(image: Image.Image) -> bytes:
    """Encode at the first width and quality that fits; raises nothing for an RGB image."""
    encoded = b""
    for width in _WIDTHS:
        height = round(image.height * width / image.width)
        sized = image.resize((width, height), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            out = io.BytesIO()
            sized.save(out, "JPEG", quality=quality, optimize=True)
            encoded = out.getvalue()
            if len(encoded) <= MAX_KEPT_OCTETS:
                return encoded
    return encoded
