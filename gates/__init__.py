"""Reliability gates: what must hold under large counts, kills and attacks.

`python -m gates` runs them all, `python -m gates NAME` one. To add a gate, add a module here
that exposes `NAME` and `run(context) -> Result`, and, where a defect can be planted,
`run_broken(context) -> Result`, which must fail: a gate that cannot fail proves nothing.
"""
