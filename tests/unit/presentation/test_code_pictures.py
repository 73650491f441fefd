"""Pictures of licence codes: octets come out, whatever character set a decoder would guess."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.presentation.images import read_code_octets
from vectors import make_licence_code

CODE = make_licence_code.shown()


def drawn(content: bytes | str, scale: int = 4) -> Image.Image:
    made = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    image = Image.fromarray(zxingcpp.write_barcode_to_image(made))
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def beside(*images: Image.Image) -> Image.Image:
    width, height = sum(one.width for one in images), max(one.height for one in images)
    sheet, left = Image.new("L", (width, height), 255), 0
    for one in images:
        sheet.paste(one, (left, 0))
        left += one.width
    return sheet


def saved(image: Image.Image, form: str = "PNG") -> bytes:
    out = BytesIO()
    image.save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(saved(drawn(CODE)), id="PNG"),
        pytest.param(saved(drawn(CODE), "JPEG"), id="JPEG"),
        pytest.param(saved(drawn(CODE).rotate(11, expand=True, fillcolor=255)), id="askew"),
        pytest.param(saved(beside(drawn(CODE), drawn(CODE))), id="twice"),
        pytest.param(saved(beside(drawn(CODE), drawn("K7P2-9QXM"))), id="beside a short code"),
    ],
)
def test_the_octets_of_the_one_code_come_out(picture: bytes) -> None:
    assert read_code_octets(picture) == CODE


@pytest.mark.parametrize("octets", [bytes(718), bytes(range(256)) * 2 + bytes(206), b"\xff" * 718])
def test_octets_that_are_no_text_come_out_as_they_are(octets: bytes) -> None:
    assert read_code_octets(saved(drawn(octets))) == octets


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(saved(drawn("JZ")), id="another code"),
        pytest.param(saved(drawn(CODE[:-1])), id="another size"),
        pytest.param(
            saved(beside(drawn(CODE), drawn(make_licence_code.shown(counter=8)))), id="two codes"
        ),
    ],
)
def test_another_picture_is_refused(picture: bytes) -> None:
    with pytest.raises(UnreadableError) as refused:
        read_code_octets(picture)
    assert refused.value.code is ErrorCode.NO_CODE_IN_IMAGE
