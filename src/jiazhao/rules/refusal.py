"""A refusal: which rule says no, in two languages, with what to do about it."""

from dataclasses import dataclass

from jiazhao.errors import ClaimError, ErrorCode, Source
from jiazhao.rules.rows import RefusalCode, RowSource
from jiazhao.rules.tables import RuleSet


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason for a no. `code` is for programs, the sentences for people."""

    code: str
    zh: str
    en: str
    todo_zh: str
    todo_en: str
    source: Source


class RefusedByLaw(ClaimError):  # noqa: N818  (it is a refusal by the law, not a fault)
    """The rules say no; each refusal names its rule."""

    def __init__(self, code: ErrorCode, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(code, source=refusals[0].source)
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Term:
    """A value within a sentence, where the two languages name it differently."""

    zh: str
    en: str


def refuse(
    rules: RuleSet,
    code: RefusalCode,
    *,
    known_as: str | None = None,
    todo: Term | None = None,
    source: RowSource | None = None,
    **values: Term | str,
) -> Refusal:
    """Fill the sentence of `code`.

    `known_as`, `todo` and `source` take the place of what the sentence's own row says, where the
    table that refused (a status, an age limit) knows better.
    """
    row = rules.refusals[code]
    zh = {name: value.zh if isinstance(value, Term) else value for name, value in values.items()}
    en = {name: value.en if isinstance(value, Term) else value for name, value in values.items()}
    return Refusal(
        code=known_as or code.value,
        zh=row.zh.format(**zh),
        en=row.en.format(**en),
        todo_zh=todo.zh if todo else row.todo_zh.format(**zh),
        todo_en=todo.en if todo else row.todo_en.format(**en),
        source=(source or row.source).cite(),
    )
