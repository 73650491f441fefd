"""Claims, and the doors of OpenID4VCI 1.0: offers, token, nonce, proofs, credentials."""
