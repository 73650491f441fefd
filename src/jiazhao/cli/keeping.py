"""Backups, restores, drills, and what must outlive them."""

import getpass
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import Progress

from jiazhao import demo as demonstration
from jiazhao.cli.importing import progress
from jiazhao.cli.shell import (
    ConfigOption,
    JsonOption,
    bounded,
    err,
    find_config,
    open_house,
    out,
    show,
)
from jiazhao.config import Config
from jiazhao.credentials.chain import MAX_CERTIFICATE_OCTETS
from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.keeping import erasures
from jiazhao.keeping.backup import take_backup
from jiazhao.keeping.drill import Drill, DrillOutcome, DrillStep, newest
from jiazhao.keeping.manifest import KEYS, NAME, Manifest, open_backup, roots_in
from jiazhao.keeping.restore import Restored
from jiazhao.keeping.restore import restore as restore_backup
from jiazhao.licence.identifiers import holder_id
from jiazhao.storage import restoration
from jiazhao.trust import Keeping
from jiazhao.trust.anchors import read_root
from jiazhao.trust.folder import KeyFolder
from jiazhao.trust.keys import trust_at

verbs = typer.Typer()

OpenKeysOption = Annotated[
    Path | None,
    typer.Option(help="Folder with lookup.key and personal-data.key, where the backup has none."),
]


@verbs.command("backup")
def backup(
    folder: Annotated[Path, typer.Argument(help="Where backups are kept; one more is made there.")],
    with_open_keys: Annotated[
        bool,
        typer.Option(
            "--with-open-keys",
            help="Take the secrets along that are not encrypted: who has it then reads everybody.",
        ),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a backup of one moment while the service runs; signed, and whole or not there."""
    house = open_house(config)
    with progress(as_json) as bar:
        task = bar.add_task("备份 · Backing up", total=None)
        place, manifest = take_backup(
            house.config,
            house.database,
            house.trust.status_signer,
            folder,
            now=house.clock(),
            with_open_keys=with_open_keys,
            advance=lambda octets: bar.advance(task, octets),
        )
    house.close()
    octets = sum(part.octets for part in manifest.parts)

    def plain() -> None:
        out.print(f"备份完成 · backup taken  {place}", soft_wrap=True)
        out.print(f"{manifest.rows['holder']} 位持证人 · holders  {octets} 字节 · octets")
        if not with_open_keys:
            out.print("lookup.key 与 personal-data.key 不在其中，请另行保管。")
            out.print("lookup.key and personal-data.key are not in it: keep them elsewhere.")

    show(
        {
            "backup": str(place),
            "taken_at": manifest.taken_at,
            "octets": octets,
            "rows": manifest.rows,
        },
        as_json=as_json,
        plain=plain,
    )


@verbs.command("restore")
def restore(
    backup: Annotated[Path, typer.Argument(help="The backup's folder.")],
    erased: Annotated[
        Path | None,
        typer.Option("--erasures", help="The newest copy of erasures.jsonl: who is not to return."),
    ] = None,
    nobody_erased: Annotated[
        bool, typer.Option("--nobody-erased", help="Nobody was erased since the backup.")
    ] = False,
    open_keys: OpenKeysOption = None,
    roots: Annotated[
        list[Path] | None,
        typer.Option("--root", help="IACA root that must vouch for the backup, PEM."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup into the empty place that the configuration names.

    Nothing is confirmed, issued or published there until `jiazhao reopen`.
    """
    if (erased is None) == (not nobody_erased):
        raise typer.BadParameter("name --erasures FILE, or say --nobody-erased")
    settings = find_config(config)
    now = demonstration.clock_of(settings)()
    anchors = tuple(read_root(bounded(one, MAX_CERTIFICATE_OCTETS)) for one in roots or ())
    with progress(as_json) as bar:
        found = open_backup(
            backup, anchors or _own_anchors(backup), advance=_bar(bar, "核对 · Reading through")
        )
        done = restore_backup(
            found,
            settings,
            open_keys=open_keys,
            erasures=erasures.read(erased) if erased else (),
            now=now,
            advance=_bar(bar, "恢复 · Restoring"),
        )
    if erased is not None:
        _keep_erasures(settings, erased)
    _show_restored(done, found.manifest, as_json=as_json)


def _show_restored(done: Restored, manifest: Manifest, *, as_json: bool) -> None:
    def plain() -> None:
        out.print(f"已恢复到 · restored as of  {done.as_of.isoformat(timespec='seconds')}")
        out.print(f"{manifest.rows['holder']} 位持证人 · holders  {manifest.issuer}")
        if done.erased:
            out.print(f"再次删除个人信息 · persons erased again  {done.erased}")
        out.print("请补录其后的变更，再运行 jiazhao reopen；此前不确认、不签发、不发布。")
        out.print(
            "Record again what changed since, then run `jiazhao reopen`; "
            "nothing is confirmed, issued or published before."
        )

    show(
        {"as_of": done.as_of, "rows": done.rows, "erased": done.erased, "issuer": manifest.issuer},
        as_json=as_json,
        plain=plain,
    )


def _keep_erasures(settings: Config, file: Path) -> None:
    """Let the list go on here."""
    kept = settings.state_dir / erasures.FILE
    if not kept.exists():
        kept.touch(mode=0o600)
        for line in file.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                with kept.open("ab") as stream:
                    stream.write(line)


def _own_anchors(backup: Path) -> tuple[bytes, ...]:
    """The roots that the backup brings along: then it is whole, and its root is to be compared."""
    roots = roots_in(backup)
    for root in roots:
        err.print(f"根证书指纹 · root  {sha256(root).hexdigest()}", soft_wrap=True)
    return roots


def _bar(bar: Progress, words: str) -> Callable[[int], None]:
    task = bar.add_task(words, total=None)
    return lambda octets: bar.advance(task, octets)


@verbs.command("reopen")
def reopen(
    copies: Annotated[
        Literal["keep", "end"],
        typer.Option(help="Copies issued before: `end` unless you know who gave one up since."),
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that what a restore lost is recorded again; checks, issuing and lists go on."""
    house = open_house(config)
    now = house.clock()
    reopened = house.database.write(
        lambda db: restoration.catch_up(
            db, by=f"operator:{getpass.getuser()}", now=now, end_copies=copies == "end"
        )
    )
    house.close()

    def plain() -> None:
        if reopened:
            out.print("已恢复服务 · reopened")
        else:
            out.print("没有等待补录的恢复 · no restore waits for that")

    show({"reopened": reopened, "copies": copies}, as_json=as_json, plain=plain)


@verbs.command("erase")
def erase(
    holder: Annotated[str, typer.Argument(help="The holder's id in the register.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a person for good: the data key is destroyed, every copy ends; not to be undone."""
    house = open_house(config)
    one, now = holder_id(holder), house.clock()
    house.seal_plain()  # what is not sealed would stay readable
    with house.database.reading() as db:
        house.register.licence_of(db, one, at=now)
    noted = erasures.Erasure(one, now, f"operator:{getpass.getuser()}")
    erasures.note(house.config.state_dir / erasures.FILE, noted)
    house.database.write(lambda db: house.register.erase(db, one, now))
    house.close()

    def plain() -> None:
        out.print("个人信息已删除 · person erased")
        out.print(f"请把 {erasures.FILE} 与备份分开保管：恢复旧备份时须用它。")
        out.print(f"Keep {erasures.FILE} apart from the backups: a restore needs it.")

    show({"erased": True, "holder_id": one, "at": now}, as_json=as_json, plain=plain)


@verbs.command("drill")
def drill(
    backup: Annotated[
        Path, typer.Argument(help="A backup, or the folder of backups: then the newest.")
    ],
    scratch: Annotated[
        Path | None, typer.Option(help="An empty folder on a disk with room; else a temporary one.")
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(help="An empty database to restore into; else an embedded one."),
    ] = None,
    open_keys: OpenKeysOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup into a scratch place and prove that it is worth something.

    Exit code 1 when anything does not hold.
    """
    settings = find_config(config)
    clock = demonstration.clock_of(settings)
    chosen = backup if (backup / NAME).exists() else newest(backup)
    if chosen is None:
        raise UnreadableError(ErrorCode.UNREADABLE, what=backup.name, reason="no backup / 没有备份")
    folder = KeyFolder(settings.state_dir / KEYS, Keeping.of(settings))
    with folder.readable():
        trust = trust_at(folder.read(), folder, now=clock())
    steps: list[DrillStep] = []
    with (
        tempfile.TemporaryDirectory(prefix="jiazhao-drill-") as temporary,
        progress(as_json) as bar,
    ):
        held = Drill(
            folder=chosen,
            config=settings,
            scratch=scratch or Path(temporary),
            clock=clock,
            anchors=trust.anchors(),
            compromised=trust.compromised,
            open_keys=open_keys or settings.state_dir / KEYS,
            database_url=database_url,
            advance=_bar(bar, "演练 · Drilling"),
        )
        for step in held.run():
            steps.append(step)
            if not as_json:
                _show_step(step)
    failed = [step for step in steps if step.outcome is DrillOutcome.FAILED]
    show(
        {"backup": str(chosen), "held": not failed, "steps": steps},
        as_json=as_json,
        plain=lambda: None,
    )
    if failed:
        raise typer.Exit(1)


def _show_step(step: DrillStep) -> None:
    mark = {"passed": "✓", "failed": "✗", "not_tried": "–"}[step.outcome.value]
    out.print(f"{mark} {step.seconds:7.2f} s  {step.zh} · {step.en}", soft_wrap=True)
    for sentence in dict.fromkeys((step.seen_zh, step.seen_en)):
        if sentence:
            out.print(f"             {sentence}", soft_wrap=True)
