"""Keeping a deployment: backups, restores into an empty place, and the drill that proves them."""
