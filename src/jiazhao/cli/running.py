"""Run a deployment: the demonstration, the server, the worker, the schema, a walk through it."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from jiazhao import app as composition
from jiazhao import demo as demonstration
from jiazhao.cli.shell import (
    ConfigOption,
    JsonOption,
    day_of,
    err,
    find_config,
    open_house,
    out,
    show,
)
from jiazhao.config import ConfigurationFaultsError, Fault, load
from jiazhao.http import logs
from jiazhao.serving import Served, listening_at, serve
from jiazhao.smoke import Step, run_smoke
from jiazhao.storage.migrate import migrate as migrate_database
from jiazhao.storage.migrate import pending as pending_revisions
from jiazhao.worker import HEARTBEAT

verbs = typer.Typer()


@verbs.command("demo")
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
    day = day_of(on)
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


@verbs.command("serve")
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


@verbs.command("config-check")
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


@verbs.command("migrate")
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


@verbs.command("seal")
def seal(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Seal personal values that an earlier version recorded in plain. Can be repeated."""
    house = open_house(config)
    sealed = house.seal_plain()
    house.close()
    show(
        {"sealed": sealed},
        as_json=as_json,
        plain=lambda: out.print(f"已加密个人信息 · personal values sealed  {sealed}"),
    )


@verbs.command("worker")
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


@verbs.command("smoke")
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
