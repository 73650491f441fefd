"""A register filled from files, following another one, and compared with it."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer
from rich.progress import Progress

from jiazhao import app as composition
from jiazhao import specimen
from jiazhao.cli.shell import (
    ConfigOption,
    JsonOption,
    day_of,
    err,
    on_file,
    open_house,
    opened,
    out,
    show,
)
from jiazhao.errors import ErrorCode
from jiazhao.registry.following import Followed, Follower, read_change_file
from jiazhao.registry.import_encoding import Encoding, Survey
from jiazhao.registry.import_file import FileFormat, format_of, holders_in
from jiazhao.registry.intake import Intake, Rejects, survey_of
from jiazhao.registry.reconciling import Difference, reconcile, value_text
from jiazhao.registry.service import ImportReport

verbs = typer.Typer()


USUAL_DAY = date(2026, 11, 1)
"""The day for which made-up people are drawn up unless another is asked for, so that the same
arguments give the same people in every year."""


@verbs.command("import")
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
    with opened(file) as stream, progress(as_json) as bar:
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
    with progress(as_json) as bar:
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


@verbs.command("reconcile")
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
    with opened(file) as stream, progress(as_json) as bar:
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


def progress(as_json: bool) -> Progress:
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


@verbs.command("demo-data")
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
    day = day_of(on) or USUAL_DAY
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
        raise on_file(ErrorCode.UNWRITABLE, output, error) from error
    show(
        {"holders": holders, "file": str(output)},
        as_json=as_json,
        plain=lambda: out.print(f"已写入样本 · specimens written  {holders}  {output}"),
    )
