"""Credential formats: CBOR, COSE, JOSE, ISO/IEC 18013-5 mdoc and the licence code.

Pure: no clock, no network, no disk, no randomness. Time, salts and keys are arguments.
"""
