"""Vouches for the wallet of this system and for its keys, and claims no more than is true.

The wallet is a page. Its keys are made by the browser (Web Cryptography API) so that no script
reads them, and that is all there is: no chip, no evaluation, nothing that unlocks a key. Whoever
controls the browser or its profile controls the keys; a copied profile is noticed by its counter.
So an attestation says which instance was in the hands of a signed-in driver, and that its keys
are software. It is what HAIP 1.0 asks for in form, and an issuer can tell by its words what it is.
"""
