"""Statuses of a licence (驾驶证状态), one letter each; several may hold at once.

Source: the letters of the traffic police's own systems as seen in public code, unverified
(the normative GA/T 16 part was not read). What a status does is a matter of `rules/`.
"""

from enum import StrEnum


class LicenceStatus(StrEnum):
    """One status; a licence with none of the others is NORMAL."""

    NORMAL = "A"
    POINTS_EXCEEDED = "B"
    TRANSFERRED_OUT = "C"
    SUSPENDED = "D"
    WITHDRAWN = "E"
    REVOKED = "F"
    CANCELLED = "G"
    VIOLATION_PENDING = "H"
    ACCIDENT_PENDING = "I"
    USE_STOPPED = "J"
    SEIZED = "K"
    LOCKED = "L"
    RENEWAL_OVERDUE = "M"
    RENEWAL_DEFERRED = "N"
    MEDICAL_DEFERRED = "P"
    CANCELLED_RECOVERABLE = "R"
    INSPECTION_OVERDUE = "S"
    INSPECTION_DEFERRED = "T"
    DETAINED = "U"
    OTHER = "Z"
