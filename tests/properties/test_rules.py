"""Laws of the rules that hold for every licence on every day."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules import statuses
from jiazhao.rules.categories import driving_privileges
from jiazhao.rules.claim import ClaimFacts, check_claim
from jiazhao.rules.classes import covers
from jiazhao.rules.driving import check_driving
from jiazhao.rules.rows import QrColour
from jiazhao.rules.state import LicenceState
from tests.unit.rules.official_tables import TABLES

days = st.dates(date(2021, 6, 1), date(2035, 12, 31))
past = st.dates(date(1990, 1, 1), date(2035, 12, 31))
classes = st.sampled_from(VehicleClass)
status_sets = st.frozensets(st.sampled_from(LicenceStatus), min_size=1)
entitlements = st.builds(ClassEntitlement, classes, past, st.none() | past)
states = st.builds(
    LicenceState,
    recorded=status_sets,
    points=st.integers(0, 40),
    valid_from=past,
    valid_until=st.none() | past,
    birth_date=st.dates(date(1930, 1, 1), date(2005, 1, 1)),
    classes=st.lists(entitlements, max_size=4).map(tuple),
)
facts = st.builds(
    ClaimFacts, states, st.from_regex(r"[1-9][0-9]{11}", fullmatch=True), st.booleans()
)


@given(status_sets, days)
def test_what_is_hidden_or_invalid_never_drives(
    recorded: frozenset[LicenceStatus], day: date
) -> None:
    rules = TABLES.on(day)
    if statuses.qr_colour(recorded, rules) in {QrColour.HIDDEN, QrColour.INVALID}:
        assert not statuses.may_drive(recorded, rules)


@given(status_sets, days)
def test_a_black_code_means_that_one_may_claim_and_drive(
    recorded: frozenset[LicenceStatus], day: date
) -> None:
    rules = TABLES.on(day)
    black = statuses.qr_colour(recorded, rules) is QrColour.BLACK
    assert black is statuses.may_claim(recorded, rules)
    assert not black or statuses.may_drive(recorded, rules)


@given(states, st.none() | classes, st.sampled_from(LicenceStatus), days)
def test_a_status_added_never_makes_driving_allowed(
    state: LicenceState, needed: VehicleClass | None, added: LicenceStatus, day: date
) -> None:
    rules = TABLES.on(day)
    more = LicenceState(
        state.recorded | {added},
        state.points,
        state.valid_from,
        state.valid_until,
        state.birth_date,
        state.classes,
    )
    if check_driving(more, needed, rules).allowed:
        assert check_driving(state, needed, rules).allowed


@given(facts, st.sampled_from(LicenceStatus), days)
def test_a_status_added_never_makes_a_claim_allowed(
    facts: ClaimFacts, added: LicenceStatus, day: date
) -> None:
    rules, state = TABLES.on(day), facts.state
    more = LicenceState(
        state.recorded | {added},
        state.points,
        state.valid_from,
        state.valid_until,
        state.birth_date,
        state.classes,
    )
    if check_claim(ClaimFacts(more, facts.office_code, facts.has_photo), rules).allowed:
        assert check_claim(facts, rules).allowed


@given(facts, days)
def test_whoever_may_not_drive_may_not_claim(facts: ClaimFacts, day: date) -> None:
    rules = TABLES.on(day)
    if check_claim(facts, rules).allowed:
        assert check_driving(facts.state, None, rules).allowed


@given(states, days)
def test_driving_some_vehicle_and_driving_anything_agree(state: LicenceState, day: date) -> None:
    rules = TABLES.on(day)
    some = any(check_driving(state, each, rules).allowed for each in VehicleClass)
    assert some is check_driving(state, None, rules).allowed


@given(states, classes, days)
def test_driving_needs_good_statuses_validity_and_a_class(
    state: LicenceState, needed: VehicleClass, day: date
) -> None:
    rules = TABLES.on(day)
    if check_driving(state, needed, rules).allowed:
        effective = statuses.effective_statuses(
            state.recorded, state.points, state.valid_until, rules
        )
        assert statuses.may_drive(effective, rules)
        assert state.valid_from <= day
        assert state.valid_until is None or day <= state.valid_until
        assert covers([each.vehicle_class for each in state.classes], needed, rules)


@given(status_sets, st.integers(0, 40), st.none() | past, days)
def test_statuses_that_hold_stay_the_same_when_asked_again(
    recorded: frozenset[LicenceStatus], points: int, valid_until: date | None, day: date
) -> None:
    rules = TABLES.on(day)
    once = statuses.effective_statuses(recorded, points, valid_until, rules)
    assert statuses.effective_statuses(once, points, valid_until, rules) == once
    assert recorded - {LicenceStatus.NORMAL} <= once
    assert (LicenceStatus.NORMAL in once) is (once == {LicenceStatus.NORMAL})
    assert (points >= 12) <= (LicenceStatus.POINTS_EXCEEDED in once)


@given(status_sets, days)
def test_exactly_one_status_is_shown_and_it_is_one_of_them(
    recorded: frozenset[LicenceStatus], day: date
) -> None:
    rules = TABLES.on(day)
    shown = statuses.display_status(recorded, rules)
    assert shown in recorded
    assert all(
        rules.statuses[shown].rank < rules.statuses[other].rank for other in recorded - {shown}
    )


@given(days)
def test_no_two_statuses_share_a_rank(day: date) -> None:
    ranks = [row.rank for row in TABLES.on(day).statuses.values()]
    assert sorted(ranks) == list(range(1, 21))


@given(st.lists(classes), classes, classes, days)
def test_a_class_more_never_takes_a_vehicle_away(
    held: list[VehicleClass], more: VehicleClass, needed: VehicleClass, day: date
) -> None:
    rules = TABLES.on(day)
    if covers(held, needed, rules):
        assert covers([*held, more], needed, rules)


@given(st.lists(entitlements, max_size=5), days)
def test_categories_do_not_depend_on_the_order_of_the_classes(
    held: list[ClassEntitlement], day: date
) -> None:
    rules = TABLES.on(day)
    privileges = driving_privileges(held, rules)
    assert driving_privileges(reversed(held), rules) == privileges
    codes = [privilege.vehicle_category_code for privilege in privileges]
    assert codes == sorted(set(codes))
