"""Names of ISO/IEC 18013-5 that are written in one place."""

from typing import Final

MDL_DOC_TYPE: Final = "org.iso.18013.5.1.mDL"
MDL_NAMESPACE: Final = "org.iso.18013.5.1"
NATIONAL_NAMESPACE: Final = "org.iso.18013.5.1.CN"
"""Where the Chinese vehicle classes and statuses stand (docs/adr/0002-national-namespace.md)."""

DIGEST_ALGORITHM: Final = "SHA-256"
VERSION: Final = "1.0"
