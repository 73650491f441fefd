"""SQL of offers, tokens, intentions and copies, by table.

Who can change this store can make offers and revive used ones; what is signed is still read
from the register, so no licence can be invented here, but one could be given to a stranger.
"""
