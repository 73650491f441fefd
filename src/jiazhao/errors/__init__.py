"""Every error that this system raises on purpose, each with its sentence in two languages.

A code is a sentence; the kind decides what HTTP answers (RFC 9457 over `http/problems.py`).
A sentence says what happened, what it means where that is not obvious, and what to do.
Placeholders are the same in both languages and never hold what identifies a person.
"""

from jiazhao.errors.codes import ErrorCode
from jiazhao.errors.kinds import Kind, Sentence
from jiazhao.errors.raised import (
    AccessError,
    ClaimError,
    ConfigurationError,
    JiazhaoError,
    RegisterError,
    RuleError,
    SealError,
    SignerError,
    Source,
    StoreError,
    UndeterminedError,
    UnreadableError,
    VerificationError,
)

__all__ = [
    "AccessError",
    "ClaimError",
    "ConfigurationError",
    "ErrorCode",
    "JiazhaoError",
    "Kind",
    "RegisterError",
    "RuleError",
    "SealError",
    "Sentence",
    "SignerError",
    "Source",
    "StoreError",
    "UndeterminedError",
    "UnreadableError",
    "VerificationError",
]
