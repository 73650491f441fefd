"""A driver claims the electronic licence: allowed, refused with the rule, and on one phone only."""

from collections.abc import Iterator
from typing import Any

import pytest

from jiazhao.http.browser import Reply
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.status import LicenceStatus
from jiazhao.registry.messages import RefusalView
from jiazhao.rules.claim import ClaimDecision, ClaimFacts, check_claim
from jiazhao.smoke.people import named
from jiazhao.smoke.wallet import PRE_AUTHORIZED, Wallet
from jiazhao.specimen.stories import holder_id_of
from tests.houses import Town, served_town
from tests.journeys.visitors import (
    Guests,
    claim,
    eventually,
    posted,
    published_status,
    refused,
    server_time,
)
from tests.live_server import LiveServer

ZHANG, LIU = "sp-000002", "sp-000003"
"""Two drivers of the cast in good standing."""
HOLDERS = 60
VALID, ENDED = 0, 1


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A system whose clock stands, where each of sixty holders can sign in."""
    with served_town(tmp_path_factory.mktemp("town") / "state", holders=HOLDERS) as town:
        yield town


@pytest.fixture
def visitors(town: Town) -> Iterator[Guests]:
    guests = Guests(town)
    yield guests
    guests.close()


def token_form(offer: Any, **changes: str) -> dict[str, str]:
    grant = offer["credential_offer"]["grants"][PRE_AUTHORIZED]
    form = {
        "grant_type": PRE_AUTHORIZED,
        "pre-authorized_code": grant["pre-authorized_code"],
        "tx_code": offer["tx_code"],
    }
    return {**form, **changes}


def redeem(wallet: Wallet, form: dict[str, str]) -> Reply:
    return wallet.browser.post_form(f"{wallet.origin}/issuance/token", form)


def error_of(reply: Reply) -> tuple[int, str]:
    said = reply.json()
    return reply.status, str(said.get("error") or said.get("code"))


# -- allowed


def test_a_driver_claims_and_holds_a_copy_bound_to_the_phone(
    guests: Guests, live_server: LiveServer
) -> None:
    wallet = guests.driver(ZHANG)
    session = wallet.get("/session")
    assert session["roles"] == ["driver"]
    assert session["may_claim_until"] is not None
    assert session["environment"] == "demo"
    assert "演示" in session["banner"]["zh"]

    copy = claim(wallet)

    own = wallet.licence()
    assert own["claim"] == {"allowed": True, "refusals": []}
    assert own["instance"]["instance_number"] == copy.instance_number
    assert own["instance"]["device_key"] == wallet.key.public.thumbprint()
    assert own["instance"]["last_used_counter"] is None
    assert copy.issued.mso.device_key == wallet.key.public
    now = server_time(wallet)
    assert published_status(live_server, wallet.browser, copy, now) == VALID


def test_the_answer_to_a_claim_is_an_offer_that_any_wallet_can_take(guests: Guests) -> None:
    wallet = guests.driver(ZHANG)
    reply = posted(wallet, "/claims", {"replace": True})
    assert reply.status == 201
    offer = reply.json()
    assert offer["credential_offer"]["credential_issuer"] == wallet.origin
    assert len(offer["tx_code"]) == 6
    assert offer["tx_code"].isdigit()
    assert offer["tx_code"] not in str(offer["credential_offer"])

    by_reference = wallet.browser.get(offer["credential_offer_uri"])
    assert by_reference.json() == offer["credential_offer"]
    wallet.redeem(offer)
    spent = wallet.browser.get(offer["credential_offer_uri"])
    assert error_of(spent) == (422, "offer_not_usable")


# -- refused by the law


def decision_of(town: Town, holder: HolderId) -> ClaimDecision:
    now = town.clock()
    with town.house.database.reading() as db:
        licence = town.house.register.licence_of(db, holder, at=now)
    return check_claim(ClaimFacts.of(licence), town.house.tables.on(legal_day(now)))


def test_every_holder_is_answered_as_the_rules_say(town: Town, visitors: Guests) -> None:
    seen: set[str] = set()
    answers: dict[bool, int] = {True: 0, False: 0}
    wallet = Wallet(town.wallet, visitors.browser())
    for index in range(1, HOLDERS + 1):
        holder = holder_id_of(index)
        decision = decision_of(town, holder)
        wallet.sign_in(named(holder))
        own = wallet.licence()
        seen |= {status["code"] for status in own["licence"]["statuses"]}
        expected = [_in_words(RefusalView.of(refusal)) for refusal in decision.refusals]
        assert own["claim"] == {"allowed": decision.allowed, "refusals": expected}, holder

        reply = posted(wallet, "/claims", {"replace": False})
        answers[decision.allowed] += 1
        if decision.allowed:
            assert reply.status == 201, holder
            continue
        problem = reply.json()
        assert (reply.status, problem["code"]) == (422, "claim_refused"), holder
        assert problem["refusals"] == expected
        assert problem["source"] == expected[0]["source"]
        for refusal in expected:
            assert all(refusal.values()), refusal
    assert seen == {status.value for status in LicenceStatus}
    assert min(answers.values()) >= 10


def _in_words(view: RefusalView) -> dict[str, str]:
    return {name: getattr(view, name) for name in view.__struct_fields__}


@pytest.mark.parametrize(
    ("subject", "codes"),
    [
        ("sp-000004", ["status_points_exceeded"]),
        ("sp-000005", ["status_detained"]),
        ("sp-000006", ["no_photo"]),
        ("sp-000009", ["status_revoked"]),
        ("sp-000010", ["licence_expired"]),
    ],
    ids=["12 points", "detained", "no photo", "revoked", "expired"],
)
def test_a_refusal_names_the_rule_its_source_and_what_to_do(
    guests: Guests, subject: str, codes: list[str]
) -> None:
    wallet = guests.driver(subject)
    reply = posted(wallet, "/claims", {"replace": True})
    problem = reply.json()
    assert (reply.status, problem["code"]) == (422, "claim_refused")
    assert [refusal["code"] for refusal in problem["refusals"]] == codes
    for refusal in problem["refusals"]:
        assert refusal["source"]
        for sentence in (refusal["zh"], refusal["todo_zh"]):
            assert sentence.endswith("。")
        for sentence in (refusal["en"], refusal["todo_en"]):
            assert sentence.endswith(".")
            assert max(sentence) < "\u3000"  # no Chinese within the English
    assert wallet.licence()["instance"] is None


# -- refused because of the sign-in


def test_a_claim_asks_for_a_sign_in_of_the_last_minutes(town: Town, visitors: Guests) -> None:
    wallet = visitors.driver("sp-000001")
    town.clock.later(seconds=town.house.config.claim_sign_in_seconds)
    assert wallet.get("/session")["may_claim_until"] is None
    assert refused(lambda: wallet.claim(replace=True)) == (403, "sign_in_too_old")
    assert wallet.licence()["claim"]["allowed"] is True

    again = visitors.driver("sp-000001")
    assert again.claim(replace=True)["tx_code"]


def test_a_claim_asks_for_a_strong_proof_of_identity(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    state = tmp_path_factory.mktemp("strict") / "state"
    with served_town(state, holders=1, identity_required_acr=("urn:stronger",)) as town:
        guests = Guests(town)
        wallet = guests.driver("sp-000001")
        assert wallet.get("/session")["may_claim_until"] is None
        assert refused(lambda: wallet.claim(replace=True)) == (403, "proof_too_weak")
        guests.close()


def test_who_is_not_signed_in_claims_nothing(guests: Guests, live_server: LiveServer) -> None:
    stranger = Wallet(live_server.wallet, guests.browser())
    assert refused(lambda: stranger.claim(replace=True)) == (401, "sign_in_needed")


# -- one phone only


def test_a_claim_under_way_is_told_from_a_finished_one(town: Town, visitors: Guests) -> None:
    first, second = visitors.driver("sp-000011"), visitors.driver("sp-000011")
    with town.house.database.reading() as db:
        assert town.house.register.live_instance(db, HolderId("sp-000011")) is None
    begun = first.claim(replace=True)
    assert refused(lambda: second.claim(replace=False)) == (409, "claim_under_way")
    first.receive(first.redeem(begun), first.prove(town.clock()))
    assert refused(lambda: second.claim(replace=False)) == (409, "already_claimed")
    assert second.claim(replace=True)["tx_code"]


def test_claiming_here_instead_withdraws_the_other_offer(guests: Guests) -> None:
    first, second = guests.driver(LIU), guests.driver(LIU)
    begun = first.claim(replace=True)
    redeemed = first.redeem(begun)
    second.claim(replace=True)
    proof = first.prove(server_time(first))
    assert refused(lambda: first.receive(redeemed, proof)) == (401, "invalid_token")
    assert error_of(redeem(first, token_form(begun))) == (400, "invalid_grant")


def test_claiming_here_instead_ends_the_copy_there_within_the_workers_time(
    guests: Guests, live_server: LiveServer
) -> None:
    there, here = guests.driver(ZHANG), guests.driver(ZHANG)
    former = claim(there)
    newer = claim(here)
    assert there.licence()["instance"]["device_key"] == here.key.public.thumbprint()

    def status_of_the_former() -> int:
        return published_status(live_server, here.browser, former, server_time(here))

    eventually(status_of_the_former, lambda status: status == ENDED)
    assert published_status(live_server, here.browser, newer, server_time(here)) == VALID


# -- the transaction code


def wrong(tx_code: str) -> str:
    return f"{(int(tx_code) + 1) % 10**6:06d}"


def test_a_mistyped_transaction_code_is_forgiven_four_times(guests: Guests) -> None:
    wallet = guests.driver(LIU)
    offer = wallet.claim(replace=True)
    for _ in range(4):
        guess = token_form(offer, tx_code=wrong(offer["tx_code"]))
        assert error_of(redeem(wallet, guess)) == (400, "invalid_grant")
    assert redeem(wallet, token_form(offer)).status == 200


def test_the_fifth_wrong_guess_burns_the_offer(guests: Guests) -> None:
    wallet = guests.driver(LIU)
    offer = wallet.claim(replace=True)
    for _ in range(5):
        redeem(wallet, token_form(offer, tx_code=wrong(offer["tx_code"])))
    assert error_of(redeem(wallet, token_form(offer))) == (400, "invalid_grant")
    assert error_of(wallet.browser.get(offer["credential_offer_uri"])) == (422, "offer_not_usable")


def test_a_redeemed_code_is_spent(guests: Guests) -> None:
    wallet = guests.driver(LIU)
    offer = wallet.claim(replace=True)
    granted = redeem(wallet, token_form(offer))
    assert granted.headers["cache-control"] == "no-store"
    assert granted.json()["token_type"] == "Bearer"
    assert error_of(redeem(wallet, token_form(offer))) == (400, "invalid_grant")


def test_an_offer_lapses(town: Town, visitors: Guests) -> None:
    wallet = visitors.driver("sp-000001")
    offer = wallet.claim(replace=True)
    town.clock.later(seconds=town.house.config.offer_seconds)
    assert error_of(redeem(wallet, token_form(offer))) == (400, "invalid_grant")
    assert error_of(wallet.browser.get(offer["credential_offer_uri"])) == (422, "offer_not_usable")
    fresh = visitors.driver("sp-000001")
    assert fresh.claim(replace=False)["tx_code"]  # a lapsed claim is not under way


def test_an_access_token_lapses(town: Town, visitors: Guests) -> None:
    wallet = visitors.driver("sp-000002")
    token = wallet.redeem(wallet.claim(replace=True))
    town.clock.later(seconds=town.house.config.token_seconds)
    proof = wallet.prove(town.clock())
    assert refused(lambda: wallet.receive(token, proof)) == (401, "invalid_token")


# -- between the offer and the copy


def test_what_the_law_forbids_meanwhile_is_not_issued(town: Town, visitors: Guests) -> None:
    wallet = visitors.driver("sp-000003")
    token = wallet.redeem(wallet.claim(replace=True))
    visitors.staff().change("sp-000003", points=12)
    proof = wallet.prove(town.clock())
    assert refused(lambda: wallet.receive(token, proof)) == (400, "credential_request_denied")
    assert wallet.licence()["instance"] is None


def test_a_lost_answer_can_be_asked_for_again(guests: Guests) -> None:
    wallet = guests.driver(ZHANG)
    token = wallet.redeem(wallet.claim(replace=True))
    first = wallet.receive(token, wallet.prove(server_time(wallet)))
    again = wallet.receive(token, wallet.prove(server_time(wallet)))
    assert again.octets == first.octets
