"""The operator's command: every verb, what it says to people and to programs, and when it fails."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from jiazhao import demo
from jiazhao.cli import cli
from jiazhao.smoke.wallet import Wallet
from tests.clocks import MORNING
from tests.journeys.conftest import Command, Done
from tests.journeys.visitors import Guests, server_time
from tests.live_server import LiveServer

WANG, DETAINED, ZHOU = "sp-000001", "sp-000005", "sp-000011"
NOTE = ("--note", "核对登记")


@pytest.fixture
def settings(house: Any) -> Path:
    """The configuration file of a system that is not served; it shows a fixed day."""
    path: Path = house.config.state_dir / demo.CONFIG_NAME
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """The configuration file of a system without a database."""
    return demo.write_config(tmp_path / "empty", 8000, on=MORNING.date(), public_url=None)


def demo_data(jiazhao: Command, *args: object) -> bytes:
    done = jiazhao("demo-data", "--no-portraits", *args)
    assert done.code == 0
    return done.out.encode()


# -- made-up people


def test_the_same_seed_makes_the_same_people(jiazhao: Command) -> None:
    first = demo_data(jiazhao, "--holders", 5, "--seed", 7)
    assert first == demo_data(jiazhao, "--holders", 5, "--seed", 7)
    assert len(first.splitlines()) == 5
    assert first != demo_data(jiazhao, "--holders", 5, "--seed", 8)
    assert first != demo_data(jiazhao, "--holders", 5, "--seed", 7, "--on", "2021-06-01")
    assert first == b"".join(
        demo_data(jiazhao, "--holders", 6, "--seed", 7).splitlines(keepends=True)[:5]
    )


def test_people_are_drawn_into_a_file_with_their_portraits(
    jiazhao: Command, tmp_path: Path
) -> None:
    file = tmp_path / "people.jsonl"
    done = jiazhao("demo-data", "--holders", 2, "-o", file, "--json")
    assert done.json == {"holders": 2, "file": str(file)}
    for line in file.read_bytes().splitlines():
        assert json.loads(line)["photos"]


def test_made_up_people_can_be_imported(jiazhao: Command, empty: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    file.write_bytes(demo_data(jiazhao, "--holders", 8))
    jiazhao("migrate", config=empty)
    done = jiazhao("import", file, "--json", config=empty)
    told = {"format": "jsonl", "encoding": "utf-8", "refused_count": 0, "rejects": None}
    told |= {"refused": []}
    assert (done.code, done.json) == (0, {**told, "added": 8, "unchanged": 0})
    again = jiazhao("import", file, "--json", config=empty)
    assert (again.code, again.json) == (0, {**told, "added": 0, "unchanged": 8})


# -- bringing people in


@pytest.fixture
def mixed(jiazhao: Command) -> bytes:
    """Four lines, of which the second and the fourth are bad."""
    first, second, third = demo_data(jiazhao, "--holders", 3).splitlines(keepends=True)
    spoiled = json.loads(second)
    spoiled["points"] = [{"from": "2025-01-05", "until": None, "points": 3}]
    return first + json.dumps(spoiled, ensure_ascii=False).encode() + b"\n" + third + b"{}\n"


def test_bad_lines_are_named_and_good_ones_land(
    jiazhao: Command, empty: Path, mixed: bytes
) -> None:
    jiazhao("migrate", config=empty)
    done = jiazhao("import", "-", "--json", stdin=mixed, config=empty)
    assert done.code == 1
    assert (done.json["added"], done.json["unchanged"]) == (2, 0)
    refused = done.json["refused"]
    assert [one["line"] for one in refused] == [2, 4]
    assert refused[0]["zh"].startswith("第 2 行，字段 points")
    assert refused[0]["en"].startswith("Line 2, field points")
    state = jiazhao("state", WANG, *NOTE, config=empty)
    assert state.code == 0


def test_bad_lines_are_told_to_people_in_both_languages(
    jiazhao: Command, empty: Path, mixed: bytes
) -> None:
    jiazhao("migrate", config=empty)
    done = jiazhao("import", "-", stdin=mixed, config=empty)
    assert done.code == 1
    assert "新增 2，未变 0，拒绝 2" in done.out
    assert "2 added, 0 unchanged, 2 refused" in done.out
    assert "第 2 行" in done.err
    assert "Line 4" in done.err


def test_a_report_never_repeats_what_a_line_says_of_a_person(
    jiazhao: Command, empty: Path, mixed: bytes
) -> None:
    jiazhao("migrate", config=empty)
    done = jiazhao("import", "-", stdin=mixed, config=empty)
    person = json.loads(mixed.splitlines()[1])["persons"][0]
    for name in ("family_name_latin", "identity_number", "address", "birth_date"):
        assert person[name] not in done.out + done.err


def test_other_content_for_a_known_holder_is_refused(jiazhao: Command, empty: Path) -> None:
    jiazhao("migrate", config=empty)
    line = demo_data(jiazhao, "--holders", 1)
    jiazhao("import", "-", stdin=line, config=empty)
    changed = json.loads(line)
    changed["persons"][-1]["address"] = "样本区另一条路1号"
    done = jiazhao("import", "-", "--json", stdin=json.dumps(changed).encode(), config=empty)
    assert (done.code, done.json["refused"][0]["code"]) == (1, "holder_known")


def test_a_register_is_reconciled_with_an_export(
    jiazhao: Command, empty: Path, tmp_path: Path
) -> None:
    jiazhao("migrate", config=empty)
    file = tmp_path / "people.jsonl"
    file.write_bytes(demo_data(jiazhao, "--holders", 2))
    jiazhao("import", file, config=empty)
    same = jiazhao("reconcile", file, "--json", config=empty)
    assert (same.code, same.json) == (0, {"compared": 2, "differences": 0})
    line, other = file.read_bytes().splitlines()
    told = json.loads(line)
    told["persons"][-1]["address"] = "样本区另一条路1号"
    file.write_bytes(json.dumps(told).encode() + b"\n" + other + b"\n")
    differs = jiazhao("reconcile", file, config=empty)
    assert differs.code == 1
    assert "address" in differs.out
    assert "另一条路" not in differs.out
    assert "另一条路" in jiazhao("reconcile", file, "--personal-values", config=empty).out


@pytest.mark.parametrize("name", ["missing.jsonl", "a folder"])
def test_a_file_that_cannot_be_imported_is_named(
    jiazhao: Command, settings: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a folder").mkdir()
    done = jiazhao("import", tmp_path / name, config=settings)
    assert (done.code, done.out) == (1, "")
    assert name in done.sentence
    assert "Traceback" not in done.err


def test_people_are_not_written_where_nothing_can_be_written(
    jiazhao: Command, tmp_path: Path
) -> None:
    done = jiazhao("demo-data", "--holders", 1, "-o", tmp_path / "no folder" / "people.jsonl")
    assert done.code == 1
    assert "people.jsonl" in done.sentence
    assert "Traceback" not in done.err


# -- the schema


def test_the_schema_is_planned_then_made_then_up_to_date(jiazhao: Command, empty: Path) -> None:
    planned = jiazhao("migrate", "--plan", "--json", config=empty).json
    made = jiazhao("migrate", "--json", config=empty).json
    assert planned["revisions"] == made["revisions"] != []
    assert (planned["migrated"], made["migrated"]) == (False, True)
    assert jiazhao("migrate", "--json", config=empty).json["revisions"] == []
    assert "The schema is up to date." in jiazhao("migrate", config=empty).out


# -- offers at the counter


def test_an_offer_of_the_counter_is_taken_by_a_wallet(
    jiazhao: Command, live_server: LiveServer, guests: Guests
) -> None:
    offer = jiazhao("offer", ZHOU, "--json", config=live_server.state / "jiazhao.toml").json
    wallet = Wallet(live_server.wallet, guests.browser())
    copy = wallet.receive(wallet.redeem(offer), wallet.prove(server_time(wallet)))
    driver = guests.driver(ZHOU)
    assert driver.licence()["instance"]["instance_number"] == copy.instance_number


def test_an_offer_is_told_as_a_link_and_a_code(jiazhao: Command, settings: Path) -> None:
    done = jiazhao("offer", WANG, config=settings)
    link, code, until = done.out.splitlines()
    assert link.startswith("openid-credential-offer://?credential_offer_uri=http://localhost:8000/")
    assert "transaction code" in code
    assert "until" in until


def test_an_offer_against_the_law_is_refused_with_each_reason(
    jiazhao: Command, settings: Path
) -> None:
    done = jiazhao("offer", DETAINED, config=settings)
    assert (done.code, done.out) == (1, "")
    assert "扣留" in done.err
    assert "detained" in done.err
    assert "public notice" in done.sentence


# -- changes and past states


def test_a_change_is_recorded_and_shown(jiazhao: Command, settings: Path) -> None:
    said = jiazhao("change", WANG, "--add-status", "U", "--json", config=settings).json
    assert [one["code"] for one in said["statuses"]] == ["U"]
    assert said["may_drive"] is False
    seen = jiazhao("state", WANG, *NOTE, "--json", config=settings).json
    assert seen["licence"]["display_status"]["code"] == "U"
    assert not [one for one in seen["driving"] if one["allowed"]]

    ended = jiazhao("change", WANG, "--end-status", "U", "--grant-class", "D", config=settings)
    assert "C1 D" in ended.out
    assert "正常" in ended.out


def test_the_past_is_shown_as_it_was(jiazhao: Command, settings: Path) -> None:
    seen = jiazhao(
        "state", WANG, *NOTE, "--at", "2025-03-04T10:00:00+08:00", "--json", config=settings
    ).json
    assert [one["vehicle_class"] for one in seen["driving"] if one["allowed"]] == [
        "C1",
        "C2",
        "C3",
        "C4",
    ]
    plain = jiazhao("state", WANG, *NOTE, "--at", "2025-03-04T10:00:00+08:00", config=settings)
    assert "C1 C2 C3 C4" in plain.out


def test_the_driver_reads_why_the_operator_looked(
    jiazhao: Command, live_server: LiveServer, guests: Guests
) -> None:
    driver = guests.driver(ZHOU)
    before = driver.get("/wallet/accesses")["accesses"]
    done = jiazhao("state", ZHOU, *NOTE, config=live_server.state / "jiazhao.toml")
    assert done.code == 0
    after = driver.get("/wallet/accesses")["accesses"]
    (record,) = [one for one in after if one not in before]
    assert (record["kind"], record["reason"]["note"]) == ("history", NOTE[1])


def test_a_change_of_the_operator_reaches_the_running_system(
    live_server: LiveServer, guests: Guests
) -> None:
    """In a process of its own, as it is really done, beside the running one."""
    driver = guests.driver(ZHOU)
    changed = live_server.cli("change", ZHOU, "--points", "3", "--json")
    assert changed.returncode == 0, changed.stderr
    assert json.loads(changed.stdout)["points"] == 3
    assert driver.licence()["licence"]["points"] == 3


def test_one_pass_of_the_worker_is_run_by_hand(jiazhao: Command, settings: Path) -> None:
    jiazhao("change", WANG, "--points", 3, config=settings)
    assert jiazhao("worker", "--once", "--json", config=settings).json["drained"] == 1
    assert jiazhao("worker", "--once", "--json", config=settings).json["drained"] == 0
    assert "0" in jiazhao("worker", "--once", config=settings).out


# -- what is refused


@pytest.mark.parametrize(
    "words",
    [
        ("state", "sp-999999", *NOTE),
        ("change", "sp-999999", "--points", 3),
        ("offer", "sp-999999"),
        ("state", "../../etc", *NOTE),
        ("state", WANG, *NOTE, "--at", "2001-01-01T00:00:00Z"),
        ("state", WANG, *NOTE, "--at", "0001-01-02T00:00:00Z"),
        ("state", WANG, "--note", "x"),
        ("change", WANG, "--add-status", "D", "--until", "2020-01-01T00:00:00Z"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_in_two_languages(
    jiazhao: Command, settings: Path, words: tuple[object, ...]
) -> None:
    done = jiazhao(*words, config=settings)
    assert (done.code, done.out) == (1, "")
    assert "。" in done.err
    assert done.sentence.endswith(".")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("state", WANG),
        ("state", WANG, *NOTE, "--at", "2025-03-04T10:00:00"),
        ("state", WANG, *NOTE, "--at", "yesterday"),
        ("state", WANG, *NOTE, "--at", "0001-01-01T00:00:00+23:59"),
        ("change", WANG, "--add-status", "?"),
        ("change", WANG, "--points", 100),
        ("change", WANG, "--grant-class", "X9"),
        ("demo-data", "--on", "tomorrow"),
        ("demo-data", "--holders", 0),
        ("demo", "--holders", 1),
        ("fly",),
    ],
    ids=str,
)
def test_wrong_usage_is_told_from_a_refusal(
    jiazhao: Command,
    settings: Path,
    words: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JIAZHAO_CONFIG", str(settings))
    done = jiazhao(*words)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_without_a_configuration_it_says_where_to_get_one(
    jiazhao: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JIAZHAO_CONFIG", raising=False)
    done = jiazhao("state", WANG, *NOTE)
    assert done.code == 1
    assert "make demo" in done.sentence


def test_a_configuration_with_faults_lists_them_all(jiazhao: Command, tmp_path: Path) -> None:
    bad = tmp_path / "jiazhao.toml"
    bad.write_text('environment = "demo"\npublic_url = "http://example.com/x"\nunheard_of = 1\n')
    done = jiazhao("config-check", "--json", config=bad)
    assert (done.code, done.json["usable"]) == (1, False)
    keys = {fault["key"] for fault in done.json["faults"]}
    assert {"public_url", "unheard_of", "database_url"} <= keys


# -- for programs

JSON_OF = {
    "config-check": (),
    "migrate": (),
    "import": ("-",),
    "offer": (WANG,),
    "change": (WANG, "--points", 1),
    "state": (WANG, *NOTE),
    "seal": (),
    "worker": ("--once",),
    "appoint": ("an", "--name", "安样本", "--unit", "样本处"),
}
ELSEWHERE = {
    "demo": "test_demo_command.py",
    "serve": "test_demo_command.py",
    "demo-data": "above",
    "verify": "test_verify_files.py",
    "reconcile": "above",
    "smoke": "the gates",
    "keys": "test_keys.py",
    "backup": "test_keeping.py",
    "restore": "test_keeping.py",
    "reopen": "test_keeping.py",
    "erase": "test_keeping.py",
    "drill": "test_keeping.py",
    "terminal-check": "unit/cli/test_terminal_checking.py",
}


def test_every_verb_is_here_or_elsewhere() -> None:
    verbs = set(typer.main.get_command(cli).commands)  # type: ignore[attr-defined]
    assert verbs == set(JSON_OF) | set(ELSEWHERE)


@pytest.mark.parametrize("verb", JSON_OF)
def test_every_verb_speaks_json_and_nothing_else(
    jiazhao: Command, settings: Path, verb: str
) -> None:
    done: Done = jiazhao(verb, *JSON_OF[verb], "--json", config=settings)
    assert done.code == 0, done.err
    assert isinstance(done.json, dict)
