"""Revisions of the schema, the oldest first; each is run once, by `jiazhao migrate`.

A revision adds before it takes away, so that the version before can still serve while the new one
starts. There is no way down: undoing a revision would lose facts of law; a backup is the way back.
"""
