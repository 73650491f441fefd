"""A drill: a backup is restored into a scratch place and has to prove that it is worth something.

Each step prints what it saw and how long it took; one that could not be tried says so and is not
a pass. The scratch place is brought to a state in which its copies can be verified as a stranger
would, and is thrown away.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao import app
from jiazhao.clock import Clock
from jiazhao.config import Config
from jiazhao.credentials.signing import ES256_HASH
from jiazhao.credentials.status_token import verify_status_token
from jiazhao.errors import JiazhaoError
from jiazhao.keeping.manifest import KEYS, Backup, open_backup
from jiazhao.keeping.restore import Restored, restore
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.status import LicenceStatus
from jiazhao.presentation.files import status_from
from jiazhao.presentation.steps import KEPT_COPY, Outcome
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from jiazhao.registry.service import Amendment
from jiazhao.status.messages import TokenForm
from jiazhao.storage import restoration
from jiazhao.trust import Keeping
from jiazhao.trust.folder import KeyFolder, root_of

_COPIES = 500
"""Copies looked at for one whose licence may drive."""


class DrillOutcome(StrEnum):
    """What became of a step."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class DrillStep:
    """One step, in both languages, with what was seen."""

    name: str
    zh: str
    en: str
    outcome: DrillOutcome
    seconds: float
    seen_zh: str = ""
    seen_en: str = ""


class FailedDrillError(Exception):
    """Inside the drill only: a step did not hold, and what was seen."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class UntriedDrillError(FailedDrillError):
    """Inside the drill only: there is nothing in the backup to try a step on."""


Seen = tuple[str, str]


@dataclass(slots=True)
class Drill:
    """One drill of one backup in a scratch place; `config` is the deployment's own."""

    folder: Path
    config: Config
    scratch: Path
    clock: Clock
    anchors: tuple[bytes, ...]
    compromised: frozenset[bytes]
    open_keys: Path | None = None
    database_url: str | None = None
    """Where rows go; an embedded database in the scratch place unless another one is named."""
    advance: Callable[[int], None] = lambda _: None
    _backup: Backup | None = None
    _restored: Restored | None = None
    _house: app.House | None = None

    def run(self) -> Iterator[DrillStep]:
        """Take the steps; after one that fails the others are not tried."""
        acts: list[tuple[str, str, str, Callable[[], Seen]]] = [
            ("backup", "备份完整且由本机关签署", "The backup is whole and ours", self._read),
            ("restore", "恢复到空位置", "It is restored into an empty place", self._restore),
            ("rows", "行数与清单一致", "Every table has its rows", self._count),
            ("keys", "密钥能签且证书链成立", "Keys sign, and chain to their root", self._try_keys),
            (
                "status_lists",
                "状态列表与数据库一致",
                "Lists say what the database says",
                self._lists,
            ),
            ("verdict", "有效的判为有效", "A copy is VALID", self._valid),
            ("revoked", "停用的判为无效", "A revoked copy is NOT_VALID", self._revoked),
        ]
        broken = False
        try:
            for name, zh, en, act in acts:
                step = partial(DrillStep, name, zh, en)
                if broken:
                    yield step(DrillOutcome.NOT_TRIED, 0.0)
                    continue
                begun = time.monotonic()
                try:
                    seen, outcome = act(), DrillOutcome.PASSED
                except UntriedDrillError as why:
                    seen, outcome = (why.zh, why.en), DrillOutcome.NOT_TRIED
                except (FailedDrillError, JiazhaoError) as why:
                    seen, outcome, broken = (why.zh, why.en), DrillOutcome.FAILED, True
                yield step(outcome, time.monotonic() - begun, *seen)
        finally:
            if self._house is not None:
                self._house.close()

    @property
    def _scratch_config(self) -> Config:
        url = self.database_url or f"sqlite:///{self.scratch / 'register.sqlite'}"
        return replace(self.config, state_dir=self.scratch, database_url=url)

    @property
    def _now(self) -> datetime:
        return self.clock()

    def _read(self) -> Seen:
        self._backup = open_backup(
            self.folder, self.anchors, compromised=self.compromised, advance=self.advance
        )
        manifest = self._backup.manifest
        taken = f"{manifest.taken_at.isoformat(timespec='seconds')}"
        octets = sum(part.octets for part in manifest.parts)
        return (
            f"取于 {taken}，{len(manifest.parts)} 个文件，{octets} 字节",
            f"taken {taken}, {len(manifest.parts)} files, {octets} octets",
        )

    def _restore(self) -> Seen:
        assert self._backup is not None  # noqa: S101 - the step before
        self._restored = restore(
            self._backup,
            self._scratch_config,
            open_keys=self.open_keys,
            erasures=(),
            now=self._now,
            advance=self.advance,
        )
        return (
            f"{sum(self._restored.rows.values())} 行",
            f"{sum(self._restored.rows.values())} rows",
        )

    def _count(self) -> Seen:
        assert self._backup is not None  # noqa: S101 - a step before
        house = self._house = app.build(self._scratch_config, self.clock)
        expected = self._backup.manifest.rows
        with house.database.reading() as db:
            holders, pending = house.register.count(db), restoration.pending(db)
        if holders != expected.get("holder"):
            raise FailedDrillError(
                f"持证人 {holders}，应为 {expected.get('holder')}",
                f"{holders} holders, not {expected.get('holder')}",
            )
        if pending is None or pending.as_of != self._backup.manifest.taken_at:
            raise FailedDrillError("未标记为恢复的部署", "it does not know that it was restored")
        return f"持证人 {holders}", f"{holders} holders"

    def _try_keys(self) -> Seen:
        config = self._scratch_config
        keys = KeyFolder(config.state_dir / KEYS, Keeping.of(config)).read()
        tried = 0
        for stored in keys:
            if root_of(stored, keys) is None:
                raise _not(stored.fingerprint, "没有签发它的根", "no root issued it")
            key = stored.open() if stored.is_usable else None
            public = stored.certificate.public_key()
            if key is None or not isinstance(public, ec.EllipticCurvePublicKey):
                continue
            probe = b"jiazhao drill"
            try:
                public.verify(key.sign(probe, ES256_HASH), probe, ES256_HASH)
            except InvalidSignature:
                raise _not(
                    stored.fingerprint, "与证书不符", "it is not its certificate's"
                ) from None
            tried += 1
        if tried == 0:
            raise FailedDrillError("没有能签名的密钥", "no key signs")
        return (
            f"{len(keys)} 张证书，{tried} 把密钥可签",
            f"{len(keys)} certificates, {tried} keys sign",
        )

    @property
    def _opened(self) -> app.House:
        assert self._house is not None  # noqa: S101 - a step before
        return self._house

    def _lists(self) -> Seen:
        house, now = self._opened, self._now
        house.database.write(
            lambda db: restoration.catch_up(db, by="drill", now=now, end_copies=False)
        )
        while house.worker.drain():
            pass
        anchors, places = house.trust.anchors(), 0
        names = house.statuses.lists()
        for name in names:
            for shape in TokenForm:
                token = verify_status_token(
                    house.statuses.token(name, shape),
                    expected_uri=house.statuses.uri_of(name),
                    anchors=anchors,
                    now=self._now,
                )
                wrong = house.statuses.differences(name, token)
                if wrong:
                    raise FailedDrillError(
                        f"列表 {name} 有 {wrong} 处与数据库不符",
                        f"list {name} differs from the database at {wrong} places",
                    )
                places += len(token.octets) * 8 // token.bits
        return f"{len(names)} 个列表，{places} 个位置", f"{len(names)} lists, {places} places"

    def _valid(self) -> Seen:
        house = self._opened
        with house.database.reading() as db:
            for _, copy in house.issuance.copies.living(db, self._now, _COPIES):
                if not copy.isascii() and self._verdict(copy) is Outcome.VALID:
                    return "备份中的副本判为有效", "a copy out of the backup is VALID"
            found = next(iter(house.issuance.copies.living(db, self._now, 1)), None)
        if found is None:
            raise UntriedDrillError(
                "备份中没有未过期的副本", "the backup has no copy that has not lapsed"
            )
        raise UntriedDrillError(
            f"所看的 {_COPIES} 份副本均不可驾驶",
            f"none of the {_COPIES} copies looked at may drive",
        )

    def _revoked(self) -> Seen:
        """Detain in the scratch place whose copy was valid; the same copy must say no then."""
        house = self._opened
        with house.database.reading() as db:
            found = next(
                (
                    (holder, copy)
                    for holder, copy in house.issuance.copies.living(db, self._now, _COPIES)
                    if not copy.isascii() and self._verdict(copy) is Outcome.VALID
                ),
                None,
            )
        if found is None:
            raise UntriedDrillError("没有可停用的副本", "there is no valid copy to revoke")
        holder, copy = found
        self._detain(holder)
        outcome = self._verdict(copy)
        if outcome is not Outcome.NOT_VALID:
            raise FailedDrillError(
                f"停用后仍判为 {outcome.value}", f"after it was revoked it is {outcome.value}"
            )
        return "停用后判为无效", "after it was revoked it is NOT_VALID"

    def _detain(self, holder: HolderId) -> None:
        house, now = self._opened, self._now
        detained = Amendment(now, add_statuses=frozenset({LicenceStatus.DETAINED}))
        house.database.write(lambda db: house.register.amend(db, holder, detained, now))
        while house.worker.drain():
            pass

    def _verdict(self, copy: bytes) -> Outcome:
        house, now = self._opened, self._now
        anchors, compromised = house.trust.anchors(), house.trust.compromised

        def token_of(uri: str) -> bytes:
            return house.statuses.token(uri.removeprefix(house.statuses.uri_of("")), TokenForm.CWT)

        return verify_mdoc(
            copy,
            now=now,
            trust=TrustAnchors(anchors, compromised),
            expected_transcript=None,
            profile=KEPT_COPY,
            status=status_from(token_of, anchors=anchors, now=now, compromised=compromised),
        ).verdict.outcome


def _not(fingerprint: str, zh: str, en: str) -> FailedDrillError:
    return FailedDrillError(f"{fingerprint[:16]}：{zh}", f"{fingerprint[:16]}: {en}")


def newest(folder: Path) -> Path | None:
    """The newest backup in a folder: their names rise with time."""
    found = sorted(path for path in folder.glob("jiazhao-*") if path.is_dir())
    return found[-1] if found else None
