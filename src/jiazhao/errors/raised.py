"""What is raised: one root with a code, and a type for each sort of caller."""

from dataclasses import dataclass

from jiazhao.errors.codes import ErrorCode
from jiazhao.errors.kinds import Kind


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: an instrument and its article, or how it is known."""

    instrument: str
    article: str = ""
    evidence: str = "law"

    def __str__(self) -> str:
        return f"{self.instrument} {self.article}".strip()


class JiazhaoError(Exception):
    """Root of every error that this system raises on purpose.

    `code` picks the sentence in each language; `values` fill it and never hold
    what identifies a person. `source` names the rule, where a rule is the reason.
    """

    def __init__(self, code: ErrorCode, *, source: Source | None = None, **values: str) -> None:
        super().__init__(code.wire)
        self.code = code
        self.source = source
        self.values = values

    @property
    def kind(self) -> Kind:
        """The sort of failure, from the code."""
        return self.code.kind

    @property
    def zh(self) -> str:
        """The Chinese sentence, filled in."""
        return self.code.zh.format(**self.values)

    @property
    def en(self) -> str:
        """The English sentence, filled in."""
        return self.code.en.format(**self.values)

    def __str__(self) -> str:
        return self.en


class UnreadableError(JiazhaoError):
    """Bytes or text that are not what they should be, or exceed a bound."""


class StoreError(JiazhaoError):
    """The store does not answer."""


class SealError(JiazhaoError):
    """A sealed value of one holder does not open; the store itself is well."""


class RegisterError(JiazhaoError):
    """The register has no answer, or refuses the change."""


class ConfigurationError(JiazhaoError):
    """A setting is missing, wrong or unsafe."""


class SignerError(JiazhaoError):
    """A key cannot sign or verify now: its token or its library does not answer."""


class VerificationError(JiazhaoError):
    """A presented credential failed a check. Raised, never returned as False."""


class UndeterminedError(JiazhaoError):
    """What was asked could not be found out: neither a yes nor a no follows from it."""


class RuleError(JiazhaoError):
    """The rule tables have no answer to what was asked."""


class ClaimError(JiazhaoError):
    """A claim that the rules or the present state refuse."""


class AccessError(JiazhaoError):
    """Who asks is not known, or may not."""
