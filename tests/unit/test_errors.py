"""Every code has its sentence in both languages, and both say the same things."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from jiazhao.errors import ErrorCode, JiazhaoError, Sentence, Source, sentences

SOURCE = Path(__file__).parents[2] / "src/jiazhao"
CODES = pytest.mark.parametrize("code", ErrorCode, ids=lambda code: code.wire)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@CODES
def test_both_sentences_are_there(code: ErrorCode) -> None:
    assert re.search(r"[\u4e00-\u9fff]", code.zh)
    assert not re.search(r"[\u4e00-\u9fff]", code.en)
    assert code.zh.endswith(("。", "！"))
    assert code.en.endswith((".", "…"))


@CODES
def test_both_sentences_name_the_same_things(code: ErrorCode) -> None:
    assert placeholders(code.zh) == placeholders(code.en)


def test_no_two_codes_say_the_same() -> None:
    for said in ([code.zh for code in ErrorCode], [code.en for code in ErrorCode]):
        assert len(set(said)) == len(said)


def test_every_sentence_has_the_code_of_its_own_name() -> None:
    topics = [import_module(f"{sentences.__name__}.{one.name}") for one in topic_modules()]
    written = [
        (name, value)
        for topic in topics
        for name, value in vars(topic).items()
        if isinstance(value, Sentence)
    ]
    assert sorted(name for name, _ in written) == sorted(code.name for code in ErrorCode)
    assert all(ErrorCode[name].value is value for name, value in written)


def topic_modules() -> list[pkgutil.ModuleInfo]:
    return list(pkgutil.iter_modules(sentences.__path__))


def test_a_sentence_is_filled_in_both_languages() -> None:
    error = JiazhaoError(ErrorCode.BODY_TOO_LARGE, limit="9", source=Source("order 162", "art. 1"))
    assert (error.zh, error.en) == (
        "内容超过 9 字节的上限。",
        "The content exceeds the limit of 9 bytes.",
    )
    assert (str(error), repr(error)) == (error.en, "JiazhaoError('body_too_large')")
    assert str(error.source) == "order 162 art. 1"


# -- where they are raised


def raised() -> Iterator[tuple[str, ErrorCode, set[str]]]:
    """Each call that names a code, with the values that it gives."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            if not ast.unparse(node.func).endswith(("Error", "Refused")):
                continue  # a function that is handed the code, and raises it with more
            named = node.args[0]
            if (
                isinstance(named, ast.Attribute)
                and isinstance(named.value, ast.Name)
                and named.value.id == "ErrorCode"
                and not any(keyword.arg is None for keyword in node.keywords)
            ):
                given = {str(keyword.arg) for keyword in node.keywords} - {"source"}
                where = f"{path.relative_to(SOURCE)}:{node.lineno}"
                yield where, ErrorCode[named.attr], given


def test_who_raises_a_code_gives_what_its_sentence_needs() -> None:
    calls = list(raised())
    wanting = {
        where: sorted(placeholders(code.zh) - given)
        for where, code, given in calls
        if placeholders(code.zh) - given
    }
    assert len(calls) > 50
    assert wanting == {}


def test_every_code_is_used() -> None:
    text = "".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    unused = [code.name for code in ErrorCode if f"ErrorCode.{code.name}" not in text]
    assert unused == []
