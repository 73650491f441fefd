"""Where the electronic licence may be claimed, since when.

Source: public notices, unverified. The office that issued the licence decides; once claimed, the
licence is valid everywhere, so no check of a presented licence asks for a region.
"""

from jiazhao.rules.tables import RuleSet


def region_opened(office_code: str, rules: RuleSet) -> bool:
    """Whether claims are open for licences of the office with this 12-digit code.

    The code begins with the region of GB/T 2260: a province or municipality (2 digits) opens as
    a whole, or a city (4 digits) before its province.
    """
    rows = (rules.rollout.get(office_code[:2]), rules.rollout.get(office_code[:4]))
    return any(row is not None and row.opened_on <= rules.day for row in rows)
