"""What a person reads of each error, by topic; `codes.py` gives each sentence its code."""
