"""A presentation judged from a file, for whoever has one and asks why."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from jiazhao.cli.shell import ConfigOption, JsonOption, bounded, open_house, out, show
from jiazhao.clock import system_clock
from jiazhao.credentials.status_token import MAX_TOKEN_OCTETS
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.presentation.files import MAX_FILE_OCTETS, TokenOf, as_received, is_sd_jwt, status_from
from jiazhao.presentation.steps import Outcome
from jiazhao.presentation.verdict import Reason
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from jiazhao.presentation.verify_sdjwt import ExpectedBinding, verify_sdjwt
from jiazhao.status.messages import TokenForm
from jiazhao.trust.anchors import read_root

verbs = typer.Typer()


VERDICT_EXIT = {
    Outcome.VALID: 0,
    Outcome.NOT_VALID: 10,
    Outcome.NOT_GENUINE: 11,
    Outcome.CANNOT_CONFIRM: 12,
}


@verbs.command("verify")
def verify(
    file: Annotated[
        Path, typer.Argument(help="IssuerSigned or DeviceResponse, raw or base64url; SD-JWT VC.")
    ],
    roots: Annotated[
        list[Path] | None,
        typer.Option("--root", help="IACA root certificate, PEM; the state's own by default."),
    ] = None,
    transcript: Annotated[
        Path | None,
        typer.Option(help="The SessionTranscript that the presentation answered, as CBOR."),
    ] = None,
    audience: Annotated[
        str | None, typer.Option(help="SD-JWT VC: the client_id of the request that it answered.")
    ] = None,
    nonce: Annotated[
        str | None, typer.Option(help="SD-JWT VC: the nonce of the request that it answered.")
    ] = None,
    max_age: Annotated[
        int, typer.Option(min=1, help="SD-JWT VC: how old the key binding may be, in seconds.")
    ] = 300,
    status_list: Annotated[
        Path | None,
        typer.Option(help="A Status List Token; the state's published ones by default."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a presentation step by step, and print the verdict."""
    received = as_received(bounded(file, MAX_FILE_OCTETS))
    if (audience is None) != (nonce is None):
        raise typer.BadParameter("--audience and --nonce go together")
    anchors, compromised, token_of, now = _judging(config, roots, status_list)
    trust = TrustAnchors(anchors, compromised)
    status = status_from(token_of, anchors=anchors, now=now, compromised=compromised)
    if is_sd_jwt(received):
        expected = None
        if audience is not None and nonce is not None:
            expected = ExpectedBinding(audience, nonce, timedelta(seconds=max_age))
        shown = verify_sdjwt(received, now=now, trust=trust, expected=expected, status=status)
        verdict, kind = shown.verdict, {"vct": shown.vct}
        elements = {name: sorted(told) for name, told in shown.by_namespace.items()}
    else:
        checked = verify_mdoc(
            received,
            now=now,
            trust=trust,
            expected_transcript=bounded(transcript, MAX_FILE_OCTETS) if transcript else None,
            status=status,
        )
        verdict, kind = checked.verdict, {"doc_type": checked.doc_type}
        elements = {name: sorted(told) for name, told in checked.elements.items()}
    report = {
        "verdict": verdict.outcome.value,
        "reason": told(verdict.reason),
        "what_to_do": {"zh": verdict.what_to_do.zh, "en": verdict.what_to_do.en},
        **kind,
        "steps": [
            {
                "number": int(check.step),
                "name": check.step.wire,
                "status": check.status.value,
                "demanded": check.step in verdict.profile,
                "reason": told(check.reason),
            }
            for check in verdict.checks
        ],
        "elements": elements,
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
        else tuple(read_root(bounded(root, MAX_FILE_OCTETS)) for root in roots or [])
    )
    compromised = house.trust.compromised if house else frozenset()
    now = house.clock() if house else system_clock()

    def token_of(uri: str) -> bytes:
        if status_list is not None:
            return bounded(status_list, MAX_TOKEN_OCTETS)
        if house is None or not uri.startswith(house.statuses.uri_of("")):
            raise JiazhaoError(ErrorCode.STATUS_UNDETERMINED)
        list_id = uri.removeprefix(house.statuses.uri_of(""))
        return house.statuses.token(list_id, TokenForm.CWT)

    return anchors, compromised, token_of, now


def told(reason: Reason | None) -> dict[str, str] | None:
    """Return a reason as JSON has it."""
    return {"code": reason.code.wire, "zh": reason.zh, "en": reason.en} if reason else None
