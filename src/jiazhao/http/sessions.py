"""Cookies that hold a session: named apart for each origin, out of reach of scripts.

Sources: RFC 6265bis (`__Host-`, SameSite), OWASP ASVS 5.0, 3.3. Browsers share cookies between
the ports of one host, so on loopback the port is part of the name.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from litestar.datastructures import Cookie


@dataclass(frozen=True, slots=True)
class SessionCookies:
    """The cookies of one application at one origin."""

    app: str
    origin: str

    @property
    def session(self) -> str:
        """Name of the cookie that holds the session's token."""
        return self._name("")

    @property
    def sign_in(self) -> str:
        """Name of the short-lived cookie that ties a sign-in to this browser."""
        return self._name("_signin")

    def put(self, name: str, value: str, *, seconds: int) -> Cookie:
        """A cookie that lives for `seconds`; 0 removes it."""
        # Lax, because the way back from the identity provider is a navigation from another site.
        return Cookie(
            name, value=value, max_age=seconds, secure=self._secure, httponly=True, samesite="lax"
        )

    def remove(self, name: str) -> Cookie:
        """The cookie that removes `name`; same attributes, or `__Host-` would ignore it."""
        return self.put(name, "", seconds=0)

    @property
    def _secure(self) -> bool:
        return self.origin.startswith("https:")

    def _name(self, ending: str) -> str:
        if self._secure:
            return f"__Host-jz_{self.app}{ending}"
        return f"jz_{self.app}_{urlsplit(self.origin).port or 80}{ending}"
