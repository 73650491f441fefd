"""Identifiers, with the samples that GB 11643-1999 itself prints."""

from collections.abc import Callable

import pytest

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.licence.identifiers import (
    archive_number,
    citizen_number,
    holder_id,
    instance_number,
    make_instance_number,
)

SAMPLES = ["11010519491231002X", "440524188001010014"]
"""GB 11643-1999, 4.2: the standard's own examples of whole numbers."""


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_samples_of_the_standard_are_read(sample: str) -> None:
    assert citizen_number(sample) == sample
    assert citizen_number(sample.lower()) == sample


@pytest.mark.parametrize("sample", SAMPLES)
def test_any_one_digit_misread_is_noticed(sample: str) -> None:
    for place, right in enumerate(sample):
        for wrong in set("0123456789X" if place == 17 else "0123456789") - {right}:
            with pytest.raises(UnreadableError):
                citizen_number(sample[:place] + wrong + sample[place + 1 :])


@pytest.mark.parametrize("sample", SAMPLES)
def test_two_neighbours_swapped_are_noticed(sample: str) -> None:
    for place in range(16):
        swapped = sample[:place] + sample[place + 1] + sample[place] + sample[place + 2 :]
        if swapped != sample:
            with pytest.raises(UnreadableError):
                citizen_number(swapped)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (citizen_number, ""),
        (citizen_number, "11010519491231002"),
        (citizen_number, "11010519491231002X "),
        (citizen_number, "11010519491231002X\n"),
        (citizen_number, "１１０１０５１９４９１２３１００２X"),
        (citizen_number, "1101051949123100²X"),
        (archive_number, "51010000000"),
        (archive_number, "5101000000012"),
        (archive_number, "51010000000X"),
        (archive_number, "５１０１００００００００"),
        (instance_number, "5110000000001"),
        (instance_number, "511000000000"),
        (instance_number, "٥١٤٠٠٠٠٠٠٠٠٠١"),
        (holder_id, "abc"),
        (holder_id, "a" * 37),
        (holder_id, "../etc/passwd"),
        (holder_id, "_hidden"),
        (holder_id, "sp-000001\n"),
    ],
    ids=lambda value: ascii(value) if isinstance(value, str) else value.__name__,
)
def test_what_is_none_is_refused_without_being_repeated(
    read: Callable[[str], str], text: str
) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(text)
    assert refused.value.code is ErrorCode.INVALID_IDENTIFIER
    assert not text.strip() or text.strip() not in refused.value.zh + refused.value.en


def test_an_archive_number_is_twelve_digits() -> None:
    assert archive_number("510100000012") == "510100000012"


def test_an_instance_number_carries_its_province_and_a_check() -> None:
    number = make_instance_number("51", 42)
    assert len(number) == 13
    assert number.startswith("51")
    assert number.endswith("0000000042")
    assert instance_number(number) == number


@pytest.mark.parametrize("serial", [0, 1, 9_999_999_999])
def test_any_one_digit_of_an_instance_number_misread_is_noticed(serial: int) -> None:
    number = make_instance_number("32", serial)
    for place, right in enumerate(number):
        for wrong in set("0123456789") - {right}:
            with pytest.raises(UnreadableError):
                instance_number(number[:place] + wrong + number[place + 1 :])


def test_a_serial_that_is_too_long_makes_no_number() -> None:
    with pytest.raises(UnreadableError):
        make_instance_number("51", 10**10)


@pytest.mark.parametrize("name", ["sp-000001", "tj_4711", "A" * 36, "1234"])
def test_a_holder_may_be_named_so(name: str) -> None:
    assert holder_id(name) == name
