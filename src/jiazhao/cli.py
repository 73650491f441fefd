"""The one command. Each verb prints plain words, or JSON with `--json`.

Exit codes: 0 done · 1 refused or failed · 2 wrong usage · for `verify` besides
10 NOT_VALID, 11 NOT_GENUINE, 12 CANNOT_CONFIRM.
"""

import getpass
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NoReturn
from uuid import uuid4

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from jiazhao import app as composition
from jiazhao import demo as demonstration
from jiazhao import specimen
from jiazhao.clock import system_clock
from jiazhao.config import Config, ConfigurationFaultsError, Fault, load
from jiazhao.credentials.status_token import MAX_TOKEN_OCTETS
from jiazhao.errors import ConfigurationError, ErrorCode, JiazhaoError, UnreadableError
from jiazhao.http import logs
from jiazhao.http.access import Actor, Role
from jiazhao.identity.roles import grant_first_administrator
from jiazhao.issuance.routes import claim_answer
from jiazhao.issuance.service import ClaimRefused
from jiazhao.licence.identifiers import holder_id
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.files import MAX_FILE_OCTETS, TokenOf, as_received, status_from
from jiazhao.presentation.messages import Note, PastStateRequest
from jiazhao.presentation.steps import Outcome
from jiazhao.presentation.verdict import Reason
from jiazhao.presentation.verify import TrustAnchors, verify_mdoc
from jiazhao.registry.following import Followed, Follower, read_change_file
from jiazhao.registry.import_encoding import Encoding, Survey
from jiazhao.registry.import_file import FileFormat, format_of, holders_in
from jiazhao.registry.intake import Intake, Rejects, survey_of
from jiazhao.registry.messages import ChangeRequest, ClassGrant
from jiazhao.registry.reconciling import Difference, reconcile, value_text
from jiazhao.registry.routes import record_change
from jiazhao.registry.service import ImportReport
from jiazhao.serving import Served, listening_at, serve
from jiazhao.smoke import Step, run_smoke
from jiazhao.status.messages import TokenForm
from jiazhao.storage.migrate import migrate as migrate_database
from jiazhao.storage.migrate import pending as pending_revisions
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
from jiazhao.worker import HEARTBEAT

USUAL_DAY = date(2026, 11, 1)
"""The day for which made-up people are drawn up unless another is asked for, so that the same
arguments give the same people in every year."""

VERDICT_EXIT = {
    Outcome.VALID: 0,
    Outcome.NOT_VALID: 10,
    Outcome.NOT_GENUINE: 11,
    Outcome.CANNOT_CONFIRM: 12,
}

cli = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Jiazhao 驾照: the electronic driving licence.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
# Names of files and people may hold brackets: nothing of a text is markup.
out = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False, markup=False)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="JIAZHAO_CONFIG",
        help="Configuration file; else ./jiazhao.toml, else the demo's var/demo/jiazhao.toml.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def find_config(given: Path | None) -> Config:
    """The configuration that is meant."""
    if given is not None:
        return load(given)
    for path in (Path("jiazhao.toml"), Path("var/demo/jiazhao.toml")):
        if path.exists():
            return load(path)
    raise ConfigurationError(
        ErrorCode.BAD_CONFIGURATION,
        key="--config",
        reason="no jiazhao.toml here; run `make demo` first, or name one / 未找到配置文件",
    )


def open_house(config: Path | None) -> composition.House:
    """All services of the configured deployment."""
    settings = find_config(config)
    return composition.build(settings, demonstration.clock_of(settings))


def show(value: Any, *, as_json: bool, plain: Callable[[], None]) -> None:
    """Print as JSON or in plain words."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
    else:
        plain()


@cli.command("demo")
def demo(
    port: Annotated[int, typer.Option(help="First of five ports on loopback.")] = 8000,
    state: Annotated[
        Path | None, typer.Option(help="Folder of the state; var/demo by default.")
    ] = None,
    holders: Annotated[int, typer.Option(min=12, help="Made-up holders.")] = 60,
    seed: Annotated[int, typer.Option(help="Seed of the made-up people.")] = 1,
    on: Annotated[
        str | None, typer.Option(help="Show this past or coming day (YYYY-MM-DD).")
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="The wallet's address behind a proxy (https).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run everything here with made-up people, on the embedded database."""
    day = _day(on)
    folder = state or Path("var/demo" if day is None else f"var/demo-{day}")
    path = demonstration.write_config(folder, port, on=day, public_url=public_url)
    config = load(path)
    clock = demonstration.clock_of(config)
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("建立样本登记 · Making the specimen register", total=holders)
        house = demonstration.set_up(
            config,
            clock,
            holders=holders,
            seed=seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    shown = demonstration.compose(house)
    show(
        {
            "pages": {name: f"http://{one.host}:{one.port}/" for name, one in shown.served.items()},
            "people": [
                {"subject": person.subject, "name": person.name, "role": person.role.value}
                for person in shown.people
            ],
            "state": str(config.state_dir),
        },
        as_json=as_json,
        plain=lambda: _announce_demo(shown),
    )
    logs.configure((config.state_dir / "jiazhao.log").open("a", encoding="utf-8", buffering=1))
    serve(shown.served, house.worker, seconds=config.worker_seconds, state=config.state_dir)
    house.close()


def _announce_demo(shown: demonstration.Demo) -> None:
    config = shown.house.config
    out.print("驾照 Jiazhao — 演示 · demonstration (样本 SPECIMEN)", style="bold")
    if config.shown_day:
        out.print(f"  显示日期 · shown day   {config.shown_day}")
    out.print(f"  钱包 · wallet          {config.public_url}/")
    out.print(f"  执法终端 · terminal    {config.terminal_url}/")
    out.print(f"  管理 · console         {config.console_url}/")
    out.print("  可登录的样本人员 · sign in as")
    for person in shown.people:
        out.print(
            f"    {person.subject:<15} {person.name}  {person.label_zh} · {person.label_en}",
            soft_wrap=True,
        )
    out.print("  柜台发放 · an offer for any wallet")
    out.print(f"    uv run jiazhao offer {shown.people[0].subject} --json")
    if config.keys_passphrase_file is None and config.pkcs11_module is None:
        out.print("  密钥未加密，仅限演示 · its keys are not encrypted, for show only")
    out.print(f"  日志 · log             {config.state_dir / 'jiazhao.log'}")
    out.print("  按 Ctrl-C 停止，状态保留 · Ctrl-C stops, the state stays")


@cli.command("serve")
def serve_command(
    config: ConfigOption = None,
    with_worker: Annotated[bool, typer.Option(help="Run the worker in this process too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Serve the configured origins on their ports until stopped."""
    house = open_house(config)
    origins = dict(house.config.origins)

    def plain() -> None:
        for name, url in origins.items():
            out.print(f"{name:<9} {url}/")

    show({"serving": origins}, as_json=as_json, plain=plain)
    served = {
        name: Served(name, *listening_at(house.config, name), make(house))
        for name, make in composition.APPLICATIONS.items()
    }
    serve(
        served,
        house.worker if with_worker else None,
        seconds=house.config.worker_seconds,
        state=house.config.state_dir,
    )
    house.close()


@cli.command("config-check")
def config_check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the configuration and print every fault in it; nothing is opened or changed."""
    faults: tuple[Fault, ...] = ()
    try:
        find_config(config)
    except ConfigurationFaultsError as error:
        faults = error.faults

    def plain() -> None:
        for fault in faults:
            out.print(f"{fault.key}\n  {fault.zh}\n  {fault.en}", soft_wrap=True)
        if not faults:
            out.print("配置可用 · The configuration can be used.")

    show({"usable": not faults, "faults": faults}, as_json=as_json, plain=plain)
    if faults:
        raise typer.Exit(1)


@cli.command("migrate")
def migrate_command(
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create or upgrade the database's schema."""
    url = find_config(config).database_url
    revisions = pending_revisions(url) if plan else migrate_database(url)

    def plain() -> None:
        if revisions:
            done = "待更新 · To apply" if plan else "已更新 · Applied"
            out.print(f"{done}: {', '.join(revisions)}")
        else:
            out.print("已是最新 · The schema is up to date.")

    show({"migrated": not plan, "revisions": revisions}, as_json=as_json, plain=plain)


@cli.command("seal")
def seal(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Seal personal values that an earlier version recorded in plain. Can be repeated."""
    house = open_house(config)
    sealed = house.register.seal_plain(house.database)
    house.close()
    show(
        {"sealed": sealed},
        as_json=as_json,
        plain=lambda: out.print(f"已加密个人信息 · personal values sealed  {sealed}"),
    )


@cli.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="JSON Lines or CSV; - for standard input.")],
    file_format: Annotated[
        FileFormat | None, typer.Option("--format", help="Else by the file's name.")
    ] = None,
    encoding: Annotated[
        Encoding | None, typer.Option(help="Else found out from the file; a pipe is UTF-8.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where refusals go; else FILE.rejects.jsonl.")
    ] = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="FILE is a numbered change file, or a folder of them.")
    ] = False,
    begin: Annotated[
        int, typer.Option(min=1, help="With --changes: the number of the first file ever.")
    ] = 1,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import holders into the register; bad rows are reported, good ones land.

    Stopped at any point, the same command goes on; the same file again changes nothing.
    """
    house = open_house(config)
    if changes:
        _follow(house, file, encoding, rejects, begin, as_json=as_json)
        return
    intake = Intake(house.database, house.register, house.clock)
    file_format = file_format or format_of(file.name)
    kept = Rejects(rejects or _beside(file, ".rejects.jsonl"))
    with _opened(file) as stream, _progress(as_json) as bar:
        surveyed = _survey(stream, file, encoding, bar)
        task = bar.add_task("导入 · Importing", total=surveyed.octets if surveyed else None)
        used = surveyed.encoding if surveyed else encoding or Encoding.UTF_8
        report = ImportReport()
        for reached, done in intake.import_file(
            stream, file_format, used, surveyed=surveyed, rejects=kept
        ):
            report = reached
            bar.update(task, completed=done.octets)
    house.close()
    _show_import(report, file_format, used, kept, as_json=as_json)


def _follow(
    house: composition.House,
    file: Path,
    encoding: Encoding | None,
    rejects: Path | None,
    begin: int,
    *,
    as_json: bool,
) -> None:
    names = sorted(file.glob("*.jsonl")) if file.is_dir() else [file]
    found = [
        read_change_file(name, encoding)
        for name in names
        if not name.name.endswith(".rejects.jsonl")
    ]
    follower = Follower(house.database, house.register, house.clock)
    followed = Followed()
    with _progress(as_json) as bar:
        task = bar.add_task("跟随变更 · Following changes", total=len(found))
        for followed in follower.follow(
            found,
            begin=begin,
            rejects=lambda one: Rejects(rejects or _beside(one.path, ".rejects.jsonl")),
        ):
            bar.update(task, completed=followed.files)
    house.close()
    report, stopped = followed.report, followed.stopped
    said = [(error, False) for error in followed.notes]
    said += [(stopped, True)] if stopped else []

    def plain() -> None:
        out.print(
            f"应用变更文件 {followed.files} 个：新增 {report.added}，"
            f"变更 {report.changed}，未变 {report.unchanged}，拒绝 {report.refused_count}"
        )
        out.print(
            f"{followed.files} change files applied: {report.added} added, "
            f"{report.changed} changed, {report.unchanged} unchanged, "
            f"{report.refused_count} refused"
        )
        out.print(f"最后编号 · last number  {followed.last_number}")
        for error, _ in said:
            err.print(f"{error.zh}\n{error.en}")

    show(
        {
            "files": followed.files,
            "added": report.added,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "refused_count": report.refused_count,
            "last_number": followed.last_number,
            "as_of": followed.as_of,
            "findings": [
                {"code": error.code.wire, "zh": error.zh, "en": error.en, "stopped": stops}
                for error, stops in said
            ],
        },
        as_json=as_json,
        plain=plain,
    )
    if stopped:
        raise typer.Exit(1)


@cli.command("reconcile")
def reconcile_command(
    file: Annotated[Path, typer.Argument(help="A whole export, JSON Lines or CSV.")],
    file_format: Annotated[
        FileFormat | None, typer.Option("--format", help="Else by the file's name.")
    ] = None,
    encoding: Annotated[Encoding | None, typer.Option(help="Else found out from the file.")] = None,
    personal_values: Annotated[
        bool, typer.Option("--personal-values", help="Print what differs, people's data included.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every difference between the register and an export, by holder and field.

    Exit code 1 where there is any. With --json one object a line, the summary last.
    """
    house = open_house(config)
    compared = found = 0
    with _opened(file) as stream, _progress(as_json) as bar:
        surveyed = _survey(stream, file, encoding, bar)
        used = surveyed.encoding if surveyed else encoding or Encoding.UTF_8
        task = bar.add_task("核对 · Comparing", total=None)
        told = holders_in(stream, file_format or format_of(file.name), used)
        for compared, differences in reconcile(house.database, house.register, told):
            bar.update(task, completed=compared)
            for one in differences:
                found += 1
                _show_difference(one, values=personal_values, as_json=as_json)
    house.close()
    if as_json:
        sys.stdout.write(
            msgspec.json.encode({"compared": compared, "differences": found}).decode() + "\n"
        )
    else:
        out.print(f"核对 {compared} 位持证人，{found} 处不同")
        out.print(f"{compared} holders compared, {found} differences")
    if found:
        raise typer.Exit(1)


def _show_difference(one: Difference, *, values: bool, as_json: bool) -> None:
    told: dict[str, Any] = {
        "holder_id": one.holder,
        "line": one.line,
        "where": one.where.value,
        "kind": one.kind,
        "field": one.field,
        "from": one.held.start if one.held else None,
        "until": one.held.end if one.held else None,
    }
    if values:
        told |= {"here": value_text(one.here), "there": value_text(one.there)}
    if as_json:
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        return
    since = one.held.start.isoformat() if one.held else ""
    shown = f"  {told['here']} | {told['there']}" if values else ""
    whose = one.holder or f"第 {one.line} 行 · line {one.line}"
    out.print(
        f"{whose}  {one.where.value}  {one.kind}  {one.field}  {since}{shown}", soft_wrap=True
    )


def _survey(
    stream: BinaryIO, file: Path, encoding: Encoding | None, bar: Progress
) -> Survey | None:
    """Read a file through once; what comes through a pipe is there once only."""
    if str(file) == "-":
        return None
    task = bar.add_task("检查文件 · Reading through", total=file.stat().st_size)
    surveyed = survey_of(stream, encoding, lambda octets: bar.advance(task, octets))
    bar.remove_task(task)
    return surveyed


def _beside(file: Path, ending: str) -> Path | None:
    return None if str(file) == "-" else file.with_name(file.name + ending)


def _progress(as_json: bool) -> Progress:
    """A bar on standard error, where a person looks at it."""
    return Progress(console=err, transient=True, disable=as_json or not err.is_terminal)


def _show_import(
    report: ImportReport,
    file_format: FileFormat,
    encoding: Encoding,
    rejects: Rejects,
    *,
    as_json: bool,
) -> None:
    added, unchanged, refused = report.added, report.unchanged, report.refused_count

    def plain() -> None:
        out.print(f"新增 {added}，未变 {unchanged}，拒绝 {refused}")
        out.print(f"{added} added, {unchanged} unchanged, {refused} refused")
        out.print(f"格式 · format  {file_format.value}, {encoding.value}")
        for number, error in report.refused:
            err.print(f"  {number}: {error.zh}\n     {error.en}")
        if refused and rejects.path:
            err.print(f"拒绝清单 · all refusals  {rejects.path}", soft_wrap=True)

    show(
        {
            "format": file_format.value,
            "encoding": encoding.value,
            "added": added,
            "unchanged": unchanged,
            "refused_count": refused,
            "rejects": str(rejects.path) if refused and rejects.path else None,
            "refused": [
                {"line": number, "code": error.code.wire, "zh": error.zh, "en": error.en}
                for number, error in report.refused
            ],
        },
        as_json=as_json,
        plain=plain,
    )
    if refused:
        raise typer.Exit(1)


def _opened(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise _on_file(ErrorCode.UNREADABLE, file, error) from error


def _on_file(code: ErrorCode, file: Path, error: OSError) -> UnreadableError:
    return UnreadableError(code, what=file.name, reason=error.strerror or type(error).__name__)


@cli.command("demo-data")
def demo_data(
    holders: Annotated[int, typer.Option(min=1, help="How many holders.")] = 60,
    seed: Annotated[int, typer.Option(help="Same seed, same people.")] = 1,
    on: Annotated[
        str | None, typer.Option(help="The day for which they are drawn up (YYYY-MM-DD).")
    ] = None,
    portraits: Annotated[bool, typer.Option(help="Draw portraits.")] = True,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; else stdout.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write made-up holders in exactly the format that `import` reads."""
    day = _day(on) or USUAL_DAY
    if output is None:
        specimen.write_demo_data(
            sys.stdout.buffer, holders=holders, seed=seed, on=day, portraits=portraits
        )
        return
    try:
        with output.open("wb") as stream:
            specimen.write_demo_data(
                stream, holders=holders, seed=seed, on=day, portraits=portraits
            )
    except OSError as error:
        raise _on_file(ErrorCode.UNWRITABLE, output, error) from error
    show(
        {"holders": holders, "file": str(output)},
        as_json=as_json,
        plain=lambda: out.print(f"已写入样本 · specimens written  {holders}  {output}"),
    )


@cli.command("offer")
def offer(
    holder: Annotated[str, typer.Argument(help="The holder's id in the register.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a counter offer: hand the link and the transaction code over by different ways."""
    house = open_house(config)
    made = house.issuance.offer_at_counter(holder_id(holder), house.clock())
    answer = claim_answer(house.config, made)
    house.close()
    link = f"openid-credential-offer://?credential_offer_uri={answer.credential_offer_uri}"

    def plain() -> None:
        out.print(link, soft_wrap=True)
        out.print(f"交易码 · transaction code  {answer.tx_code}")
        out.print(f"有效至 · until  {answer.expires_at.isoformat()}")

    show(answer, as_json=as_json, plain=plain)


@cli.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="IssuerSigned or DeviceResponse, raw or base64url.")],
    roots: Annotated[
        list[Path] | None,
        typer.Option("--root", help="IACA root certificate, PEM; the state's own by default."),
    ] = None,
    transcript: Annotated[
        Path | None,
        typer.Option(help="The SessionTranscript that the presentation answered, as CBOR."),
    ] = None,
    status_list: Annotated[
        Path | None,
        typer.Option(help="A Status List Token; the state's published ones by default."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a presentation step by step, and print the verdict."""
    received = as_received(_bounded(file, MAX_FILE_OCTETS))
    anchors, compromised, token_of, now = _judging(config, roots, status_list)
    checked = verify_mdoc(
        received,
        now=now,
        trust=TrustAnchors(anchors, compromised),
        expected_transcript=_bounded(transcript, MAX_FILE_OCTETS) if transcript else None,
        status=status_from(token_of, anchors=anchors, now=now, compromised=compromised),
    )
    verdict = checked.verdict
    report = {
        "verdict": verdict.outcome.value,
        "reason": _told(verdict.reason),
        "what_to_do": {"zh": verdict.what_to_do.zh, "en": verdict.what_to_do.en},
        "doc_type": checked.doc_type,
        "steps": [
            {
                "number": int(check.step),
                "name": check.step.wire,
                "status": check.status.value,
                "demanded": check.step in verdict.profile,
                "reason": _told(check.reason),
            }
            for check in verdict.checks
        ],
        "elements": {name: sorted(values) for name, values in checked.elements.items()},
    }

    def plain() -> None:
        for check in verdict.checks:
            mark = {"passed": "✓", "failed": "✗", "unchecked": "–"}[check.status.value]
            why = f"  {check.reason.zh} {check.reason.en}" if check.reason else ""
            out.print(f"{int(check.step)} {mark} {check.step.zh} · {check.step.en}{why}")
        out.print(verdict.outcome.value, style="bold")
        out.print(f"{verdict.what_to_do.zh}\n{verdict.what_to_do.en}")

    show(report, as_json=as_json, plain=plain)
    raise typer.Exit(VERDICT_EXIT[verdict.outcome])


def _judging(
    config: Path | None, roots: list[Path] | None, status_list: Path | None
) -> tuple[tuple[bytes, ...], frozenset[bytes], TokenOf, datetime]:
    """Whom to trust, where lists are, and which time it is."""
    house = None if roots else open_house(config)
    anchors = (
        house.trust.anchors()
        if house
        else tuple(read_root(_bounded(root, MAX_FILE_OCTETS)) for root in roots or [])
    )
    compromised = house.trust.compromised if house else frozenset()
    now = house.clock() if house else system_clock()

    def token_of(uri: str) -> bytes:
        if status_list is not None:
            return _bounded(status_list, MAX_TOKEN_OCTETS)
        if house is None or not uri.startswith(house.statuses.uri_of("")):
            raise JiazhaoError(ErrorCode.STATUS_UNDETERMINED)
        list_id = uri.removeprefix(house.statuses.uri_of(""))
        return house.statuses.token(list_id, TokenForm.CWT)

    return anchors, compromised, token_of, now


def _told(reason: Reason | None) -> dict[str, str] | None:
    return {"code": reason.code.wire, "zh": reason.zh, "en": reason.en} if reason else None


def _bounded(file: Path, limit: int) -> bytes:
    """Read a file that may not be larger than `limit`."""
    try:
        with file.open("rb") as stream:
            octets = stream.read(limit + 1)
    except OSError as error:
        raise _on_file(ErrorCode.UNREADABLE, file, error) from error
    if not octets:
        raise UnreadableError(ErrorCode.UNREADABLE, what=file.name, reason="empty / 空文件")
    if len(octets) > limit:
        raise UnreadableError(ErrorCode.LIMIT_EXCEEDED, what=file.name, limit=f"{limit} bytes")
    return octets


@cli.command("change")
def change(
    holder: Annotated[str, typer.Argument(help="The holder's id in the register.")],
    points: Annotated[int | None, typer.Option(min=0, max=99, help="Points now.")] = None,
    add_status: Annotated[
        list[LicenceStatus] | None, typer.Option(help="A status that begins; may be repeated.")
    ] = None,
    end_status: Annotated[
        list[LicenceStatus] | None, typer.Option(help="A status that ends; may be repeated.")
    ] = None,
    grant_class: Annotated[
        list[VehicleClass] | None, typer.Option(help="A class granted from today.")
    ] = None,
    withdraw_class: Annotated[
        list[VehicleClass] | None, typer.Option(help="A class withdrawn.")
    ] = None,
    held_from: Annotated[
        str | None, typer.Option("--from", help="When it took effect (ISO 8601 with offset).")
    ] = None,
    held_until: Annotated[
        str | None, typer.Option("--until", help="When an added status ends by itself.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record a change in the register; it reaches lists, wallet and checks by itself."""
    house = open_house(config)
    now = house.clock()
    answer = record_change(
        ChangeRequest(
            holder_id=holder,
            held_from=_instant(held_from),
            held_until=_instant(held_until),
            points=points,
            add_statuses=add_status or [],
            end_statuses=end_status or [],
            grant_classes=[ClassGrant(one, legal_day(now)) for one in grant_class or []],
            withdraw_classes=withdraw_class or [],
        ),
        house.database,
        house.register,
        house.tables,
        now,
    )
    house.close()

    def plain() -> None:
        out.print(f"{answer.display_status.zh} · {answer.display_status.en}")
        out.print(f"记分 · points  {answer.points}")
        out.print(f"准驾车型 · classes  {' '.join(answer.classes) or '—'}")

    show(answer, as_json=as_json, plain=plain)


@cli.command("state")
def state(
    holder: Annotated[str, typer.Argument(help="The holder's id in the register.")],
    note: Annotated[str, typer.Option(help="Why you look; the holder will read it.")],
    at: Annotated[str | None, typer.Option(help="The moment (ISO 8601 with offset).")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="As the register knew it then; as known now by default.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the licence as it held at a moment, as known now or then; the look is recorded."""
    try:
        msgspec.convert(note, Note)
    except msgspec.ValidationError as error:
        raise JiazhaoError(ErrorCode.BAD_REQUEST, field="note") from error
    house = open_house(config)
    now = house.clock()
    view = house.past_states.look(
        PastStateRequest(str(uuid4()), holder, note, _instant(at), _instant(known_at)),
        actor=_operator(now),
        now=now,
    )
    house.close()

    def plain() -> None:
        licence = view.licence
        out.print(
            f"{view.at.isoformat()}  {licence.display_status.zh} · {licence.display_status.en}"
        )
        out.print(f"记分 · points  {licence.points}/{licence.full_score}")
        allowed = [one.vehicle_class for one in view.driving if one.allowed]
        out.print(f"准许驾驶 · may drive  {' '.join(allowed) or '—'}")

    show(view, as_json=as_json, plain=plain)


def _operator(now: datetime) -> Actor:
    """Who runs the command: the account of the machine, for the access record."""
    return Actor(
        account_id=f"operator:{getpass.getuser()}",
        name=getpass.getuser(),
        unit="系统运维 · operations",
        roles=frozenset({Role.REGISTRAR}),
        holder_id=None,
        authenticated_at=now,
        acr="",
    )


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise typer.BadParameter("the offset is missing, e.g. +08:00")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter("ISO 8601, e.g. 2025-03-04T10:00:00+08:00") from error


@cli.command("worker")
def worker(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option(help="Drain what is due, then stop.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Drain the change feed into status lists until stopped; several may run."""
    house = open_house(config)
    if once:
        total = 0
        while drained := house.worker.drain():
            total += drained
        house.close()
        show(
            {"drained": total},
            as_json=as_json,
            plain=lambda: out.print(f"已处理变更 · changes drained  {total}"),
        )
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    house.worker.run(
        stop,
        seconds=house.config.worker_seconds,
        heartbeat=house.config.state_dir / HEARTBEAT,
    )
    house.close()


keys = typer.Typer(
    no_args_is_help=True,
    help="The issuer's keys: roots, and signers of documents, status lists and requests.",
)
cli.add_typer(keys, name="keys")

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
        token = hold_ceremony(lifecycle, _bounded(file, MAX_CEREMONY), now)
        try:
            write_durably(target, token.encode())
        except OSError as error:
            raise _on_file(ErrorCode.UNWRITABLE, target, error) from error
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
    text = _bounded(file, MAX_TRANSCRIPT).decode("ascii", "replace").strip()
    if roots:
        anchors = tuple(read_root(_bounded(root, MAX_FILE_OCTETS)) for root in roots)
        return check_transcript(text, anchors=anchors)
    lifecycle, _, now = _lifecycle(config)
    return check_transcript(text, anchors=lifecycle.anchors(), present=lifecycle.show(now))


@cli.command("smoke")
def smoke(
    url: Annotated[str, typer.Option(help="The wallet's address of a running system.")],
    terminal: Annotated[
        str | None, typer.Option(help="The terminal's address; the next port by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Walk the main journey through a running system, as people do, and time each step."""
    walked: list[Step] = []

    def report(step: Step) -> None:
        walked.append(step)
        if not as_json:
            mark = {"passed": "✓", "failed": "✗", "not_walked": "–"}[step.outcome.value]
            out.print(
                f"{mark} {step.seconds * 1000:6.0f} ms  {step.name.zh} · {step.name.en}",
                soft_wrap=True,
            )
            for words in (step.seen, step.what_to_do):
                for sentence in dict.fromkeys((words.zh, words.en)):  # a number is said once
                    if sentence:
                        out.print(f"             {sentence}", soft_wrap=True)

    passed = run_smoke(url, terminal=terminal, report=report)
    show({"passed": passed, "steps": walked}, as_json=as_json, plain=lambda: None)
    raise typer.Exit(0 if passed else 1)


@cli.command("appoint")
def appoint(
    subject: Annotated[str, typer.Argument(help="The person's subject at the identity provider.")],
    name: Annotated[str, typer.Option(help="The person's name, as others will read it.")],
    unit: Annotated[str, typer.Option(help="The person's unit.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Appoint the first security administrator, who grants all other roles."""
    house = open_house(config)
    account = grant_first_administrator(
        house.identity, subject=subject, name=name, unit=unit, now=house.clock()
    )
    house.close()
    show(
        {"account_id": account},
        as_json=as_json,
        plain=lambda: out.print(f"已任命安全管理员 · security administrator  {account}"),
    )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("YYYY-MM-DD") from error


def main() -> NoReturn:
    """Run the command; every failure that we know is one sentence in two languages."""
    logs.configure()
    try:
        cli(standalone_mode=True)
    except JiazhaoError as error:
        err.print(error.zh)
        err.print(error.en)
        for refusal in error.refusals if isinstance(error, ClaimRefused) else ():
            err.print(f"  {refusal.zh}{refusal.todo_zh}")
            err.print(f"  {refusal.en} {refusal.todo_en} ({refusal.source})")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    sys.exit(0)
