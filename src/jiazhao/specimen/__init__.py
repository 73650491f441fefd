"""Made-up people, their histories and portraits: what `jiazhao demo-data` writes.

Nobody here is real: the area code 99 of the citizen numbers was never given out, offices and
addresses are marked 样本, and the portraits are drawn. This package writes the import format as
any register would and does not know the reader of it.
"""

from jiazhao.specimen.people import people, write_demo_data
from jiazhao.specimen.stories import Role, cast

__all__ = ["Role", "cast", "people", "write_demo_data"]
