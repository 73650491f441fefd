"""The issuer's keys, from the ceremony to the end of each."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from jiazhao import demo as demonstration
from jiazhao.cli.shell import ConfigOption, JsonOption, bounded, find_config, on_file, out, show
from jiazhao.config import Config
from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.presentation.files import MAX_FILE_OCTETS
from jiazhao.trust import Keeping, TrustPlan
from jiazhao.trust.anchors import read_root
from jiazhao.trust.ceremony import MAX_FILE as MAX_CEREMONY
from jiazhao.trust.ceremony import MAX_TRANSCRIPT, Checked
from jiazhao.trust.ceremony import check as check_transcript
from jiazhao.trust.ceremony import hold as hold_ceremony
from jiazhao.trust.durable import write_durably
from jiazhao.trust.folder import KeyFolder
from jiazhao.trust.hierarchy import Role as KeyRole
from jiazhao.trust.lifecycle import USUAL, Done, KeyState, Lifecycle

keys = typer.Typer(
    no_args_is_help=True,
    help="The issuer's keys: roots, and signers of documents, status lists and requests.",
)


verbs = typer.Typer()
verbs.add_typer(keys, name="keys")


FingerprintArgument = Annotated[
    str, typer.Argument(help="The key's fingerprint as `keys show` prints it, or its beginning.")
]


def _lifecycle(
    config: Path | None, *, organisation: str | None = None
) -> tuple[Lifecycle, Config, datetime]:
    """The keys of the configured deployment, which need not run."""
    settings = find_config(config)
    plan = TrustPlan(issuer_uri=settings.public_url, specimen=settings.is_demo)
    if organisation is not None:
        plan = replace(plan, organisation=organisation)
    folder = KeyFolder(settings.state_dir / "keys", Keeping.of(settings))
    return Lifecycle(folder, plan), settings, demonstration.clock_of(settings)()


def _print_keys(states: Iterable[KeyState]) -> None:
    for one in states:
        since = f"  {one.signs_from:%Y-%m-%d %H:%M}Z 起用 · signs from" if one.signs_from else ""
        out.print(
            f"{one.role:<16} {one.state:<11} {one.kept:<14} "
            f"{one.not_before:%Y-%m-%d}…{one.not_after:%Y-%m-%d}  {one.fingerprint[:16]}{since}",
            soft_wrap=True,
        )


def _show_done(done: Done, *, as_json: bool) -> None:
    def plain() -> None:
        if not done.keys:
            out.print("无需变更 · nothing to do")
        _print_keys(done.keys)
        for role in done.lists_to_sign:
            out.print(f"吊销列表待签 · list to be signed where its key is: {role} (keys make)")
        for role in done.without_signer:
            out.print(f"无可用密钥 · nobody can sign until a key is made: {role} (keys make)")

    show(done, as_json=as_json, plain=plain)


@keys.command("plan")
def keys_plan(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say what each role needs, and until when; nothing is changed."""
    lifecycle, settings, now = _lifecycle(config)
    due = lifecycle.due(now, copy_life=timedelta(days=settings.copy_days))

    def plain() -> None:
        for one in due:
            out.print(f"{one.role:<16} {one.act:<11} {one.by:%Y-%m-%d}")

    show({"due": due}, as_json=as_json, plain=plain)


@keys.command("make")
def keys_make(
    roles: Annotated[
        list[KeyRole] | None,
        typer.Argument(help="Roles; the IACA root, document and status signer by default."),
    ] = None,
    organisation: Annotated[
        str | None, typer.Option(help="Whom certificates name; only for the first root.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the keys and certificates that are missing, and sign lists that are due."""
    lifecycle, _, now = _lifecycle(config, organisation=organisation)
    _show_done(lifecycle.make(roles or USUAL, now), as_json=as_json)


@keys.command("show")
def keys_show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every key: its role, what it does now, where it is kept, its fingerprint."""
    lifecycle, _, now = _lifecycle(config)
    states = lifecycle.show(now)
    show({"keys": states}, as_json=as_json, plain=lambda: _print_keys(states))


@keys.command("rotate")
def keys_rotate(
    role: Annotated[KeyRole, typer.Argument(help="The role that gets a new key.")],
    lead_hours: Annotated[
        int | None,
        typer.Option(
            min=0, max=24 * 366, help="Until the new key signs; a day, for a root 30 days."
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a successor; the former key signs until then, and stays trusted afterwards."""
    lifecycle, _, now = _lifecycle(config)
    lead = None if lead_hours is None else timedelta(hours=lead_hours)
    _show_done(lifecycle.rotate(role, now, lead=lead), as_json=as_json)


@keys.command("retire")
def keys_retire(
    fingerprint: FingerprintArgument, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Destroy a private key that signs no more; what it signed stays valid."""
    lifecycle, _, now = _lifecycle(config)
    _show_done(lifecycle.retire(fingerprint, now), as_json=as_json)


@keys.command("compromised")
def keys_compromised(
    fingerprint: FingerprintArgument, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Withdraw a key at once: what it signed is not valid any more, and a new one takes over."""
    lifecycle, _, now = _lifecycle(config)
    _show_done(lifecycle.compromised(fingerprint, now), as_json=as_json)


@keys.command("ceremony")
def keys_ceremony(
    file: Annotated[Path, typer.Argument(help="The ceremony (TOML); with --verify a transcript.")],
    transcript: Annotated[
        Path | None, typer.Option(help="Where the signed transcript goes; FILE.transcript.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check a transcript; nothing is changed.")
    ] = False,
    roots: Annotated[
        list[Path] | None,
        typer.Option("--root", help="With --verify: the root; the folder's own by default."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold a key ceremony that one file describes, and leave a signed transcript.

    Exit code 1 where a key failed a trial, or where the folder has keys that no ceremony saw.
    """
    if verify:
        checked = _checked_transcript(file, roots, config)
    else:
        lifecycle, _, now = _lifecycle(config)
        target = transcript or file.with_name(file.name + ".transcript")
        if target.exists():
            raise UnreadableError(ErrorCode.UNWRITABLE, what=target.name, reason="exists / 已存在")
        token = hold_ceremony(lifecycle, bounded(file, MAX_CEREMONY), now)
        try:
            write_durably(target, token.encode())
        except OSError as error:
            raise on_file(ErrorCode.UNWRITABLE, target, error) from error
        checked = check_transcript(token, anchors=lifecycle.anchors())
    told, unseen = checked.transcript, checked.not_in_transcript

    def plain() -> None:
        out.print(f"{told.title}  {told.place}  {told.held_at.isoformat()}", soft_wrap=True)
        for person in told.participants:
            out.print(f"  {person.name}  {person.role}")
        _print_keys(told.after)
        for tried in told.tried:
            out.print(f"  {'✓' if tried.passed else '✗'} {tried.fingerprint[:16]}  {tried.what}")
        for fingerprint in unseen:
            out.print(f"  ✗ {fingerprint[:16]}  记录中没有 · not in the transcript")

    show({"transcript": told, "not_in_transcript": unseen}, as_json=as_json, plain=plain)
    if unseen or not told.is_clean:
        raise typer.Exit(1)


def _checked_transcript(file: Path, roots: list[Path] | None, config: Path | None) -> Checked:
    text = bounded(file, MAX_TRANSCRIPT).decode("ascii", "replace").strip()
    if roots:
        anchors = tuple(read_root(bounded(root, MAX_FILE_OCTETS)) for root in roots)
        return check_transcript(text, anchors=anchors)
    lifecycle, _, now = _lifecycle(config)
    return check_transcript(text, anchors=lifecycle.anchors(), present=lifecycle.show(now))
