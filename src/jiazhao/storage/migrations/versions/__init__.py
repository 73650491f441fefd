"""One module for each revision; `storage/schema.py` says what they come to."""
