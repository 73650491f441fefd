"""Licence photographs: decode in bounds, measure, judge, strip.

The machine may refuse and says what to change; it never approves, for a drawing passes every
check that is made here.
"""

from jiazhao.photo.container import MAX_OCTETS
from jiazhao.photo.exam import PICTURE_TYPES, Examined, examine
from jiazhao.photo.judge import Finding
from jiazhao.photo.measure import Measurements

__all__ = ["MAX_OCTETS", "PICTURE_TYPES", "Examined", "Finding", "Measurements", "examine"]
