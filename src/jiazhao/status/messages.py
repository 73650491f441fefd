"""What the doors and the folder of published lists call the two forms, and all lists at once."""

from enum import StrEnum

from msgspec import Struct

from jiazhao.credentials.status_token import CWT_TYPE, JWT_TYPE


class TokenForm(StrEnum):
    """The forms in which a list is published; the value is the ending of its file."""

    JWT = "jwt"
    CWT = "cwt"

    @property
    def media_type(self) -> str:
        """The type that a reader asks for (Token Status List, draft 20, section 8.1)."""
        return f"application/{JWT_TYPE}" if self is TokenForm.JWT else CWT_TYPE


class Aggregation(Struct):
    """The addresses of every list of this issuer (Token Status List, draft 20, section 9)."""

    status_lists: list[str]
