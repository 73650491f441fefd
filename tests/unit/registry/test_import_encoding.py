"""UTF-8 and GB 18030: every character survives, and one is not taken for the other."""

from io import BytesIO

import pytest

from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.registry.import_encoding import Encoding, decoded
from jiazhao.registry.import_reasons import Reason, UnfitError
from jiazhao.registry.intake import survey_of

GB = Encoding.GB_18030
TELLING = "川A样本·思𠮷"

SURROGATES = range(0xD800, 0xE000)
MOVED = {
    # GB 18030-2022, the code points that left the private use area, by their two octets
    "A8BC": "1E3F",
    "A6D9": "FE10",
    "A6DA": "FE12",
    "A6DB": "FE11",
    "A6DC": "FE13",
    "A6DD": "FE14",
    "A6DE": "FE15",
    "A6DF": "FE16",
    "A6EC": "FE17",
    "A6ED": "FE18",
    "A6F3": "FE19",
    "FE59": "9FB4",
    "FE61": "9FB5",
    "FE66": "9FB6",
    "FE67": "9FB7",
    "FE6D": "9FB8",
    "FE7E": "9FB9",
    "FE90": "9FBA",
    "FEA0": "9FBB",
    "FE51": "20087",
    "FE52": "20089",
    "FE53": "200CC",
    "FE6C": "215D7",
    "FE76": "2298F",
    "FE91": "241FE",
}


def found(text: bytes, named: Encoding | None = None) -> Encoding:
    return survey_of(BytesIO(text), named).encoding


@pytest.mark.parametrize(("octets", "character"), MOVED.items())
def test_what_the_standard_moved_is_read_where_it_now_is(octets: str, character: str) -> None:
    assert decoded(bytes.fromhex(octets), GB) == chr(int(character, 16))


def test_every_character_outside_the_private_use_area_survives_gb18030() -> None:
    lost = []
    for code in range(0x110000):
        if code in SURROGATES or 0xE000 <= code <= 0xF8FF:
            continue
        if decoded(chr(code).encode("gb18030"), GB) != chr(code):
            lost.append(hex(code))
    assert lost == []


@pytest.mark.parametrize("encoding", Encoding)
def test_an_encoding_is_found_out(encoding: Encoding) -> None:
    lines = "".join(f"{TELLING} {number}\n" for number in range(50)).encode(encoding.value)
    assert found(lines) is encoding
    assert survey_of(BytesIO(lines), None).detected


def test_what_says_nothing_is_utf8() -> None:
    assert found(b"") is Encoding.UTF_8
    assert found(b"{}\n") is Encoding.UTF_8


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{TELLING}\n".encode() * 9 + f"{TELLING}\n".encode("gb18030"), "10"),
        (f"{TELLING}\n".encode("gb18030") * 9 + f"{TELLING}\n".encode(), "10"),
        # the two octets of a Latin letter in UTF-8 are a Chinese character in GB 18030
        ("é\n".encode(), "1"),
    ],
)
def test_a_file_that_may_be_either_is_refused(text: bytes, line: str) -> None:
    with pytest.raises(JiazhaoError) as refused:
        found(text)
    assert refused.value.code is ErrorCode.ENCODING_UNCLEAR
    assert refused.value.values == {"line": line}
    for named in Encoding:
        assert found(text, named) is named


def test_a_damaged_line_does_not_hide_the_encoding() -> None:
    assert found(f"{TELLING}\n".encode("gb18030") * 3 + b"\xff\xff\n") is GB
    assert found(f"{TELLING}\n".encode() * 3 + b"\xff\xff\n") is Encoding.UTF_8


@pytest.mark.parametrize(
    ("encoding", "reason"),
    [(Encoding.UTF_8, Reason.NOT_UTF8), (Encoding.GB_18030, Reason.NOT_GB18030)],
)
def test_octets_that_are_no_text_are_refused(encoding: Encoding, reason: Reason) -> None:
    with pytest.raises(UnfitError) as refused:
        decoded(b"ab\xff\xffcd", encoding)
    assert refused.value.reason is reason
