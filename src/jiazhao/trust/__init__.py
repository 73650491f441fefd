"""Keys and certificates: what we sign with, and what verifiers start from."""

from jiazhao.trust.hierarchy import Trust, TrustPlan
from jiazhao.trust.keys import KeyStore
from jiazhao.trust.software import SoftwareSigner

__all__ = ["KeyStore", "SoftwareSigner", "Trust", "TrustPlan"]
