"""What must be reached, as ratios: absolute figures are facts about a machine."""

from dataclasses import dataclass

from bench.rounds import Measured

SIGN, VERIFY = "P-256 sign", "P-256 verify"

TOKEN_BARE, TOKEN_SIGN, TOKEN_ISSUE = "C_Sign", "PKCS#11 sign", "issue 26 with PKCS#11"
SM2_SIGN, SM2_VERIFY = "SM2 sign", "SM2 verify"
SM2_SIGN_BARE, SM2_VERIFY_BARE = "libcrypto SM2 sign", "libcrypto SM2 verify"

# By the number of elements; all of them are 26 with a portrait of 20,000 octets.
ISSUE, VERIFY_ALL, VERIFY_FEW = "issue 26", "verify 26", "verify 5"
SD_ISSUE, SD_VERIFY = "issue SD-JWT VC", "verify SD-JWT VC"
SD_JWT = "sd-jwt"
ANIMO, AUTH0, OWF, PYMDOCCBOR = "@animo-id/mdoc", "@auth0/mdl", "@owf/mdoc", "pymdoccbor"

VERIFY_ANEW_BY_ANIMO = f"{ANIMO} verify anew"
"""Its context is the caller's: one without a memory reads certificates wherever it is asked to.

This one is judged (docs/adr/0007): with certificates in memory the peer is so near to the limit
that six times its rate is more than two bare verifications allow.
"""


@dataclass(frozen=True, slots=True)
class Goal:
    """A subject against a limit; `share` is the part of the limit's rate that is possible."""

    subject: str
    limit: str
    must: float | None = None
    reach: float | None = None
    share: float = 1.0

    @property
    def against(self) -> str:
        """Say what the subject is compared with; a peer does the same as the subject."""
        if self.limit in {SIGN, VERIFY}:
            return self.limit if self.share == 1.0 else f"{1 / self.share:g} {self.limit}"
        if self.limit in {SM2_SIGN_BARE, SM2_VERIFY_BARE}:
            return "libcrypto"
        return self.limit.replace(" issue", "").replace(" verify", "")

    def ratio(self, measured: Measured) -> float:
        """Return the ratio that was reached."""
        return measured.ratio(self.subject, self.limit, share=self.share)

    def met(self, measured: Measured) -> bool:
        """Say whether the must was met; without one there is nothing to miss."""
        return self.must is None or self.ratio(measured) >= self.must


def issued_by(peer: str) -> str:
    """Name the subject that issues with a peer."""
    return f"{peer} issue"


def verified_by(peer: str) -> str:
    """Name the subject that verifies with a peer."""
    return f"{peer} verify"


GOALS = (
    Goal(ISSUE, SIGN, must=0.17, reach=0.33),
    # A presentation holds two signatures: the issuer's and the device's.
    Goal(VERIFY_ALL, VERIFY, must=0.36, reach=0.60, share=0.5),
    Goal(VERIFY_FEW, VERIFY, must=0.50, reach=0.75, share=0.5),
    Goal(SD_ISSUE, SIGN, must=0.12, reach=0.18),
    # The issuer's signature and the key binding's.
    Goal(SD_VERIFY, VERIFY, must=0.28, reach=0.45, share=0.5),
    Goal(TOKEN_SIGN, TOKEN_BARE),
    Goal(TOKEN_ISSUE, TOKEN_BARE, reach=0.80),
    Goal(SM2_SIGN, SM2_SIGN_BARE, must=0.85, reach=0.95),
    Goal(SM2_VERIFY, SM2_VERIFY_BARE, must=0.85, reach=0.95),
    Goal(ISSUE, issued_by(ANIMO), must=5, reach=10),
    Goal(VERIFY_ALL, verified_by(ANIMO)),
    Goal(VERIFY_ALL, VERIFY_ANEW_BY_ANIMO, must=6, reach=10),
    Goal(ISSUE, issued_by(PYMDOCCBOR), must=14, reach=25),
    # It checks the issuer's signature and the digests, but no device signature.
    Goal(VERIFY_ALL, verified_by(PYMDOCCBOR), must=7, reach=12),
    Goal(SD_ISSUE, issued_by(SD_JWT), reach=5),
    Goal(SD_VERIFY, verified_by(SD_JWT), reach=3),
    Goal(ISSUE, issued_by(AUTH0)),
    Goal(VERIFY_ALL, verified_by(AUTH0)),
    Goal(ISSUE, issued_by(OWF)),
    Goal(VERIFY_ALL, verified_by(OWF)),
)
