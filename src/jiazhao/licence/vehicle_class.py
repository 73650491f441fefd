"""Classes of motor vehicles (准驾车型).

Source: 机动车驾驶证申领和使用规定 (order 162), art. 11 and annex 1, in force 2022-04-01.
C6 exists from that day only; which class holds on which day is a matter of `rules/`.
"""

from enum import StrEnum


class VehicleClass(StrEnum):
    """A class that a licence entitles to drive; names in two languages stand in `rules/`."""

    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"
    C6 = "C6"
    D = "D"
    E = "E"
    F = "F"
    M = "M"
    N = "N"
    P = "P"
