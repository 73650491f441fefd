"""What stands at rest in place of a secret."""

import hashlib

from jiazhao.storage.lookup_key import keyed_hash


def digest_of(secret: str) -> bytes:
    """What a secret is found by; the secret itself stands nowhere at rest."""
    return hashlib.sha256(secret.encode()).digest()


def tx_code_digest(lookup_key: bytes, offer_id: str, tx_code: str) -> bytes:
    """What a transaction code is compared by."""
    return keyed_hash(lookup_key, "tx_code", f"{offer_id}\0{tx_code}")
