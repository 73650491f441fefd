"""Reading a code from a picture, in bounds: the format and the size are known before decoding."""

import io
import warnings

import zxingcpp
from PIL import Image, UnidentifiedImageError

from jiazhao.credentials.code_sealing import CODE_OCTETS
from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import ErrorCode, UnreadableError

MAX_IMAGE_OCTETS = 6 * 1024 * 1024
"""A phone's photograph of a screen."""

MAX_PIXELS = 16_000_000
"""A 4000 by 4000 picture; more is a bomb, not a code."""

_FORMATS = ("PNG", "JPEG")


def read_code(octets: bytes) -> str:
    """What the one QR code in a PNG or JPEG holds, or `UnreadableError`.

    A licence code is octets, and is given in base64url; any other code as its text.
    """
    texts = {
        write_base64url(found.bytes) if len(found.bytes) == CODE_OCTETS else found.text
        for found in _codes(octets)
    }
    if len(texts) != 1:
        raise UnreadableError(ErrorCode.NO_CODE_IN_IMAGE)
    return texts.pop()


def read_code_octets(octets: bytes) -> bytes:
    """The octets of the one licence code in a PNG or JPEG, or `UnreadableError`.

    Octets and not text: a decoder that was asked for text would guess a character set.
    """
    found = {result.bytes for result in _codes(octets) if len(result.bytes) == CODE_OCTETS}
    if len(found) != 1:
        raise UnreadableError(ErrorCode.NO_CODE_IN_IMAGE)
    return found.pop()


def _codes(octets: bytes) -> list[zxingcpp.Barcode]:
    if len(octets) > MAX_IMAGE_OCTETS:
        raise UnreadableError(
            ErrorCode.LIMIT_EXCEEDED, what="image", limit=f"{MAX_IMAGE_OCTETS} bytes"
        )
    return zxingcpp.read_barcodes(
        _grey(octets), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )


def _grey(octets: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(octets), formats=_FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise UnreadableError(
                        ErrorCode.LIMIT_EXCEEDED, what="image", limit=f"{MAX_PIXELS} pixels"
                    )
                return image.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise UnreadableError(ErrorCode.NO_CODE_IN_IMAGE) from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UnreadableError(
            ErrorCode.LIMIT_EXCEEDED, what="image", limit=f"{MAX_PIXELS} pixels"
        ) from error
