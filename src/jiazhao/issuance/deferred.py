"""Claims that wait for a person (OpenID4VCI 1.0 section 9; docs/adr/0012).

A claim that comes while an own photo of the holder waits for its reviewer waits with it, and
binds the keys that were shown then. The photo decides: approved or taken back, the copies are
issued; refused, the claim is denied.

A transaction's name follows from what it is about and our key, so it stands nowhere at rest.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jiazhao.credentials.signing import PublicKey
from jiazhao.issuance.formats import FORMATS
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import deferred_claims, tokens
from jiazhao.licence.identifiers import HolderId
from jiazhao.photo_review.service import PhotoReview, RequestState
from jiazhao.storage.engine import Connection
from jiazhao.storage.lookup_key import keyed_hash


@dataclass(frozen=True, slots=True)
class Deferred:
    """What a wallet is told instead of copies."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class Deferrals:
    """Which claims wait, and for what; every method is part of the caller's transaction."""

    photos: PhotoReview
    lookup_key: bytes = field(repr=False)
    days: int
    """How long a transaction is kept."""

    def photo_waits(self, db: Connection, holder: HolderId) -> bool:
        """Whether an own photo of the holder waits for its reviewer."""
        request = self.photos.outcome(db, holder)
        return request is not None and request.state is RequestState.WAITING

    def photo_was_refused(self, db: Connection, holder: HolderId) -> bool:
        """Whether the reviewer has said no to the holder's last photo."""
        request = self.photos.outcome(db, holder)
        return request is not None and request.state is RequestState.REFUSED

    def under_way(self, db: Connection, holder: HolderId, now: datetime) -> bool:
        """Whether a claim of this holder waits; one whose photo was refused does not."""
        return deferred_claims.deferrals_wait(db, holder, now) and not self.photo_was_refused(
            db, holder
        )

    def known(
        self, db: Connection, owner: tokens.BearerOwner, configuration: str, now: datetime
    ) -> deferred_claims.Deferral | None:
        """The transaction of a grant for one configuration, if it waits."""
        found = deferred_claims.deferral(db, owner, configuration, now)
        return found if found and found.state is deferred_claims.DeferralState.WAITING else None

    def begin(
        self,
        db: Connection,
        owner: tokens.BearerOwner,
        configuration: str,
        keys: Sequence[PublicKey],
        now: datetime,
    ) -> Deferred:
        """Let a claim wait for the holder's photo."""
        deferred_claims.put_deferral(
            db,
            deferred_claims.Deferral(
                holder_id=owner.holder_id,
                offer_id=owner.reference,
                configuration=configuration,
                device_keys=tuple(key.point for key in keys),
                state=deferred_claims.DeferralState.WAITING,
                created_at=now,
                expires_at=now + timedelta(days=self.days),
            ),
        )
        return self.named(owner, configuration)

    def named(self, owner: tokens.BearerOwner, configuration: str) -> Deferred:
        """What the wallet is told of a transaction."""
        return Deferred(self._transaction_id(owner, configuration))

    def find(
        self, db: Connection, owner: tokens.BearerOwner, transaction_id: str, now: datetime
    ) -> deferred_claims.Deferral:
        """The transaction of that name among those of a grant, or raise `ProtocolError`."""
        for configuration in FORMATS:
            own = self._transaction_id(owner, configuration)
            if hmac.compare_digest(own.encode(), transaction_id.encode()):
                found = deferred_claims.deferral(db, owner, configuration, now)
                if found is None or found.state is deferred_claims.DeferralState.ISSUED:
                    break
                if found.state is deferred_claims.DeferralState.ENDED:
                    raise denied()
                return found
        raise unknown()

    def _transaction_id(self, owner: tokens.BearerOwner, configuration: str) -> str:
        named = f"{owner.reference}\0{configuration}"
        return keyed_hash(self.lookup_key, "transaction_id", named).hex()


def denied() -> ProtocolError:
    """The answer to who waits in vain."""
    return ProtocolError(
        WireError.CREDENTIAL_REQUEST_DENIED,
        "The photo was refused, or the licence was claimed anew.",
    )


def unknown() -> ProtocolError:
    """The answer to a name that is not one of this token, or that was used up."""
    return ProtocolError(WireError.INVALID_TRANSACTION_ID, "No transaction has that name.")
