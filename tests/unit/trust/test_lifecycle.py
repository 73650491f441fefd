"""A key from its making to its end, and every act cut short at every place."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.chain import READER_AUTHENTICATION, verify_chain
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ConfigurationError, ErrorCode, SignerError
from jiazhao.trust import UNSAFE_PLAIN, Keeping, KeyStore, Trust, TrustPlan, durable
from jiazhao.trust.folder import Kept, KeyFolder
from jiazhao.trust.hierarchy import Role
from jiazhao.trust.lifecycle import (
    ROOT_LEAD,
    SIGNER_LEAD,
    USUAL,
    Act,
    Done,
    KeyState,
    Lifecycle,
    State,
)
from tests.tokens import Tokens

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
PLAN = TrustPlan("https://licence.example", organisation="Bureau of Test", specimen=False)
COPY_LIFE = 30 * DAY


@pytest.fixture
def keys(tmp_path: Path) -> Lifecycle:
    """An issuer with a root and two signers."""
    made = Lifecycle(KeyFolder(tmp_path / "keys", UNSAFE_PLAIN), PLAN)
    made.make(USUAL, NOW)
    return made


def _trust(keys: Lifecycle, now: datetime = NOW) -> Trust:
    return KeyStore(keys.folder.path, UNSAFE_PLAIN).load(now=now)


def _of(keys: Lifecycle, role: Role, now: datetime = NOW) -> list[tuple[State, Kept]]:
    return [(one.state, one.kept) for one in keys.show(now) if one.role is role]


def _signing(keys: Lifecycle, role: Role, now: datetime = NOW) -> KeyState:
    (found,) = (one for one in keys.show(now) if one.role is role and one.state is State.SIGNING)
    return found


def _withdrawn(keys: Lifecycle) -> set[int]:
    der = keys.folder.revocation_list(Role.IACA_ROOT)
    assert der is not None
    return {one.serial_number for one in x509.load_der_x509_crl(der)}


# -- make


def test_the_first_keys_are_a_root_and_two_signers_with_an_empty_list(keys: Lifecycle) -> None:
    assert [(one.role, one.state, one.kept) for one in keys.show(NOW)] == [
        (role, State.SIGNING, Kept.PLAIN_FILE) for role in USUAL
    ]
    assert _withdrawn(keys) == set()
    subject = _trust(keys).document_signer.certificate.subject.rfc4514_string()
    assert subject == "CN=Driving Licence Document Signer,O=Bureau of Test,C=CN"


def test_what_is_there_is_not_made_again(keys: Lifecycle) -> None:
    before = keys.show(NOW)
    assert keys.make(USUAL, NOW) == Done([])
    assert keys.show(NOW) == before


def test_a_request_signer_stands_under_a_root_of_its_own(keys: Lifecycle) -> None:
    keys.make([Role.REQUEST_SIGNER], NOW)

    trust = _trust(keys)
    root = next(one for one in keys.folder.read() if one.role is Role.READER_ROOT)
    anchor = root.certificate.public_bytes(Encoding.DER)
    chain = trust.request_signer.certificates
    verify_chain(chain, anchors=[anchor], now=NOW, purpose=READER_AUTHENTICATION)
    assert anchor not in trust.anchors()
    assert "Bureau of Test" in root.certificate.subject.rfc4514_string()
    der = keys.folder.revocation_list(Role.READER_ROOT)
    assert der is not None
    assert x509.load_der_x509_crl(der).issuer == root.certificate.subject


# -- plan


def test_a_plan_says_when_each_role_needs_something(keys: Lifecycle, tmp_path: Path) -> None:
    empty = Lifecycle(KeyFolder(tmp_path / "empty", UNSAFE_PLAIN), PLAN)
    assert {(one.role, one.act) for one in empty.due(NOW, copy_life=COPY_LIFE)} == {
        (role, Act.MAKE) for role in USUAL
    }
    due = {(one.role, one.act): one.by for one in keys.due(NOW, copy_life=COPY_LIFE)}
    signer = _signing(keys, Role.DOCUMENT_SIGNER)
    by = due[Role.DOCUMENT_SIGNER, Act.NOTHING]
    assert by == signer.not_after - COPY_LIFE - SIGNER_LEAD
    assert due[Role.IACA_ROOT, Act.RENEW_LIST] == NOW + 45 * DAY

    later = {one.role: one.act for one in keys.due(by - 30 * DAY, copy_life=COPY_LIFE)[:3]}
    assert later[Role.DOCUMENT_SIGNER] is Act.ROTATE
    assert later[Role.IACA_ROOT] is Act.NOTHING


def test_a_rotated_signer_needs_nothing_more(keys: Lifecycle) -> None:
    late = _signing(keys, Role.DOCUMENT_SIGNER).not_after - COPY_LIFE - 20 * DAY
    keys.rotate(Role.DOCUMENT_SIGNER, late)
    acts = {one.role: one.act for one in keys.due(late, copy_life=COPY_LIFE)[:3]}
    assert acts[Role.DOCUMENT_SIGNER] is Act.NOTHING
    assert acts[Role.STATUS_SIGNER] is Act.ROTATE


# -- rotate


def test_a_successor_signs_after_its_lead_and_both_are_verified(keys: Lifecycle) -> None:
    former = _trust(keys).document_signer
    keys.rotate(Role.DOCUMENT_SIGNER, NOW)

    just_before, then = NOW + SIGNER_LEAD - timedelta(seconds=1), NOW + SIGNER_LEAD
    assert _trust(keys, just_before).document_signer.certificates == former.certificates
    successor = _trust(keys, then).document_signer
    assert successor.certificates != former.certificates
    assert successor.certificate.not_valid_before_utc < NOW
    assert [state for state, _ in _of(keys, Role.DOCUMENT_SIGNER)] == [State.SIGNING, State.WAITING]
    assert [state for state, _ in _of(keys, Role.DOCUMENT_SIGNER, then)] == [
        State.VERIFYING,
        State.SIGNING,
    ]


def test_a_new_root_is_an_anchor_long_before_it_signs(keys: Lifecycle) -> None:
    (old,) = _trust(keys).anchors()
    keys.rotate(Role.IACA_ROOT, NOW)
    keys.rotate(Role.DOCUMENT_SIGNER, NOW, lead=timedelta())

    trust = _trust(keys)
    assert trust.anchors()[1:] == (old,)
    trust.document_signer.certificate.verify_directly_issued_by(trust.iaca_roots[1])

    then = NOW + ROOT_LEAD
    keys.rotate(Role.DOCUMENT_SIGNER, then, lead=timedelta())
    trust = _trust(keys, then)
    trust.document_signer.certificate.verify_directly_issued_by(trust.iaca_roots[0])


def test_two_successors_at_once_are_refused(keys: Lifecycle, tmp_path: Path) -> None:
    keys.rotate(Role.STATUS_SIGNER, NOW)
    with pytest.raises(ConfigurationError) as refused:
        keys.rotate(Role.STATUS_SIGNER, NOW)
    assert refused.value.code is ErrorCode.SUCCESSOR_WAITS
    with pytest.raises(ConfigurationError) as refused:
        keys.rotate(Role.REQUEST_SIGNER, NOW)
    assert refused.value.code is ErrorCode.NO_KEY_TO_ROTATE


def test_without_the_roots_key_nothing_is_made(keys: Lifecycle) -> None:
    (root,) = keys.folder.path.glob("iaca-root-*.key.pem")
    root.unlink()
    before = keys.show(NOW)

    acts: list[Callable[[], Done]] = [
        lambda: keys.rotate(Role.DOCUMENT_SIGNER, NOW),
        lambda: keys.make(USUAL, NOW + 400 * DAY),
    ]
    for act in acts:
        with pytest.raises(ConfigurationError) as refused:
            act()
        assert refused.value.code is ErrorCode.ROOT_KEY_ELSEWHERE
    assert keys.show(NOW) == before


# -- retire


def test_a_retired_key_is_destroyed_and_what_it_signed_is_verified(keys: Lifecycle) -> None:
    former = _signing(keys, Role.DOCUMENT_SIGNER)
    keys.rotate(Role.DOCUMENT_SIGNER, NOW, lead=timedelta())

    done = keys.retire(former.fingerprint, NOW)

    assert [one.kept for one in done.keys] == [Kept.DESTROYED]
    assert _of(keys, Role.DOCUMENT_SIGNER)[0] == (State.RETIRED, Kept.DESTROYED)
    files = {path.name for path in keys.folder.path.iterdir()}
    assert f"document-signer-{former.fingerprint[:16]}.pem" in files
    assert f"document-signer-{former.fingerprint[:16]}.key.pem" not in files
    trust = _trust(keys)
    assert not trust.compromised
    assert _withdrawn(keys) == set()
    assert keys.retire(former.fingerprint, NOW + DAY).keys[0].retired_at == NOW


def test_who_signs_is_not_retired(keys: Lifecycle) -> None:
    for role in USUAL:
        with pytest.raises(ConfigurationError) as refused:
            keys.retire(_signing(keys, role).fingerprint, NOW)
        assert refused.value.code is ErrorCode.KEY_IN_USE


@pytest.mark.parametrize("fingerprint", ["", "ab", "0" * 64, "zz" * 8])
def test_a_key_is_named_by_its_fingerprint_alone(keys: Lifecycle, fingerprint: str) -> None:
    for act in (keys.retire, keys.compromised):
        with pytest.raises(ConfigurationError) as refused:
            act(fingerprint, NOW)
        assert refused.value.code is ErrorCode.NO_SUCH_KEY


def test_a_key_on_a_token_is_destroyed_there(tmp_path: Path, tokens: Tokens) -> None:
    keeping = Keeping(token=tokens.token("issuer"))
    keys = Lifecycle(KeyFolder(tmp_path / "keys", keeping), PLAN)
    keys.make(USUAL, NOW)
    former = keys.folder.read()[1]
    key_id = bytes.fromhex(former.entry.token_key or "")
    keys.rotate(Role.DOCUMENT_SIGNER, NOW, lead=timedelta())

    keys.retire(former.fingerprint, NOW)

    public = former.certificate.public_key()
    with pytest.raises(SignerError):
        tokens.token("issuer").key(key_id, public).sign_raw(b"message")  # type: ignore[arg-type]
    assert _of(keys, Role.DOCUMENT_SIGNER)[0] == (State.RETIRED, Kept.DESTROYED)


# -- compromised


def test_a_compromised_signer_is_withdrawn_and_followed_at_once(keys: Lifecycle) -> None:
    lost = _trust(keys).document_signer
    status = _trust(keys).status_signer

    done = keys.compromised(_signing(keys, Role.DOCUMENT_SIGNER).fingerprint, NOW)

    trust = _trust(keys)
    assert [one.state for one in done.keys] == [State.COMPROMISED, State.SIGNING]
    assert trust.compromised == {PublicKey.of(lost.certificate.public_key()).point}
    assert _withdrawn(keys) == {lost.certificate.serial_number}
    assert trust.document_signer.certificates != lost.certificates
    assert trust.status_signer.certificates == status.certificates
    (entry,) = x509.load_der_x509_crl(trust.revocation_lists[Role.IACA_ROOT])
    assert entry.revocation_date_utc == NOW
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise


def test_saying_it_twice_changes_nothing_more(keys: Lifecycle) -> None:
    fingerprint = _signing(keys, Role.STATUS_SIGNER).fingerprint
    keys.compromised(fingerprint, NOW)
    before = keys.show(NOW)
    keys.compromised(fingerprint, NOW + DAY)
    assert keys.show(NOW) == before


def test_a_key_that_signs_no_more_can_still_be_compromised(keys: Lifecycle) -> None:
    former = _signing(keys, Role.DOCUMENT_SIGNER)
    keys.rotate(Role.DOCUMENT_SIGNER, NOW, lead=timedelta())
    keys.retire(former.fingerprint, NOW)

    done = keys.compromised(former.fingerprint, NOW + DAY)

    assert [one.fingerprint for one in done.keys] == [former.fingerprint]
    assert len(_withdrawn(keys)) == 1
    assert len(_of(keys, Role.DOCUMENT_SIGNER)) == 2


def test_a_compromised_root_takes_everything_under_it_along(keys: Lifecycle) -> None:
    (old,) = _trust(keys).anchors()

    keys.compromised(_signing(keys, Role.IACA_ROOT).fingerprint, NOW)

    trust = _trust(keys)
    assert old not in trust.anchors()
    assert len(trust.anchors()) == 1
    assert len(trust.compromised) == 3
    for signer in (trust.document_signer, trust.status_signer):
        signer.certificate.verify_directly_issued_by(trust.iaca_roots[0])


def test_without_the_roots_key_it_is_withdrawn_all_the_same(keys: Lifecycle) -> None:
    (root,) = keys.folder.path.glob("iaca-root-*.key.pem")
    aside = root.read_bytes()
    root.unlink()

    done = keys.compromised(_signing(keys, Role.DOCUMENT_SIGNER).fingerprint, NOW)

    assert done.without_signer == [Role.DOCUMENT_SIGNER]
    assert done.lists_to_sign == [Role.IACA_ROOT]
    assert _withdrawn(keys) == set()
    with pytest.raises(ConfigurationError):
        _trust(keys)

    root.write_bytes(aside)
    root.chmod(0o600)
    keys.make(USUAL, NOW)
    assert len(_withdrawn(keys)) == 1
    assert _trust(keys).document_signer.sign(b"message")


# -- cut short


def _acts(keys: Lifecycle) -> dict[str, Callable[[], Done]]:
    """Acts that can be asked for again."""
    first = next(one for one in keys.show(NOW) if one.role is Role.DOCUMENT_SIGNER).fingerprint
    signing = _signing(keys, Role.DOCUMENT_SIGNER).fingerprint
    return {
        "make": lambda: keys.make([Role.REQUEST_SIGNER], NOW),
        "rotate": lambda: keys.rotate(Role.STATUS_SIGNER, NOW),
        "retire": lambda: keys.retire(first, NOW),
        "compromised": lambda: keys.compromised(signing, NOW),
    }


class PowerCutError(BaseException):
    """Nothing of the program goes on."""


@pytest.fixture
def cut_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let so many writes and removals happen, then stop everything; a negative number ends it."""
    left = [-1]

    def counted(act: Callable[..., None]) -> Callable[..., None]:
        def counting(*arguments: object, **more: object) -> None:
            if left[0] == 0:
                raise PowerCutError
            left[0] -= 1
            act(*arguments, **more)

        return counting

    monkeypatch.setattr("jiazhao.trust.folder.write_durably", counted(durable.write_durably))
    monkeypatch.setattr("jiazhao.trust.folder.destroy_durably", counted(durable.destroy_durably))

    def cut(count: int) -> None:
        left[0] = count

    return cut


@pytest.mark.parametrize("name", ["make", "rotate", "retire", "compromised"])
def test_an_act_cut_short_was_not_done_or_is_finished_by_asking_again(
    tmp_path: Path, name: str, cut_after: Callable[[int], None]
) -> None:
    def issuer(path: Path) -> Lifecycle:
        cut_after(-1)
        made = Lifecycle(KeyFolder(path, UNSAFE_PLAIN), PLAN)
        made.make(USUAL, NOW)
        made.rotate(Role.DOCUMENT_SIGNER, NOW, lead=timedelta())
        return made

    def shape(keys: Lifecycle) -> list[tuple[Role, State, Kept]]:
        return [(one.role, one.state, one.kept) for one in keys.show(NOW)]

    whole = issuer(tmp_path / "whole")
    _acts(whole)[name]()
    cuts = 0
    while True:
        keys = issuer(tmp_path / f"cut-{cuts}")
        act = _acts(keys)[name]
        cut_after(cuts)
        try:
            act()
        except PowerCutError:
            cuts += 1
        else:
            break
        cut_after(-1)
        _trust(keys)  # what is there can be used at every moment
        if shape(keys) != shape(whole) or name != "rotate":
            act()
        assert shape(keys) == shape(whole)
        assert len(_withdrawn(keys)) == len(_withdrawn(whole))
        if name == "retire":
            assert not _named_nowhere(keys)
    assert cuts >= 3


def _named_nowhere(keys: Lifecycle) -> set[str]:
    entries = [one.entry for one in keys.folder.read()]
    named = {entry.key for entry in entries} | {entry.certificate for entry in entries}
    return {path.name for path in keys.folder.path.glob("*.pem")} - named
