"""From a picture's file to its pixels: upright, in colour, and no larger than is looked at."""

import io
from collections.abc import Mapping

from PIL import Image, ImageOps, UnidentifiedImageError

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.photo.container import Picture

WORKING_WIDTH = 1040
"""Twice the width that is kept: enough to judge sharpness, and 4 MB."""

_TURNS: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture of that Exif orientation upright."""


def is_turned(orientation: int) -> bool:
    """Whether width and height change places."""
    return orientation >= 5


def decode(picture: Picture, orientation: int) -> Image.Image:
    """The pixels as RGB on white, or `UnreadableError` where they do not come out whole."""
    try:
        with Image.open(io.BytesIO(picture.octets), formats=[picture.format]) as image:
            if image.size != (picture.width, picture.height):
                raise UnreadableError(ErrorCode.PHOTO_DAMAGED)
            # A large JPEG is decoded at a half or a quarter; other formats do not know how.
            image.draft("RGB", (WORKING_WIDTH, WORKING_WIDTH))
            image.load()
            upright = _smaller(_on_white(image))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableError(ErrorCode.PHOTO_DAMAGED) from error
    turn = _TURNS.get(orientation)
    return upright.transpose(turn) if turn is not None else upright


def _smaller(image: Image.Image) -> Image.Image:
    if min(image.size) <= WORKING_WIDTH:
        return image
    return ImageOps.cover(image, (WORKING_WIDTH, WORKING_WIDTH), Image.Resampling.BOX)


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGB", image.size, (255, 255, 255))
    own = image.convert("RGBA")
    white.paste(own, mask=own.getchannel("A"))
    return white
