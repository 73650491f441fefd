"""Own photos of the electronic licence: checked by machine, decided by a person."""
