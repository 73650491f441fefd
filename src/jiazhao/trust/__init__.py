"""Keys and certificates: what we sign with, and what verifiers start from."""

from jiazhao.trust.hierarchy import TrustPlan
from jiazhao.trust.keeping import UNSAFE_PLAIN, Keeping
from jiazhao.trust.keyring import Keyring
from jiazhao.trust.keys import KeyStore, Trust
from jiazhao.trust.software import SoftwareSigner

__all__ = [
    "UNSAFE_PLAIN",
    "Keeping",
    "KeyStore",
    "Keyring",
    "SoftwareSigner",
    "Trust",
    "TrustPlan",
]
