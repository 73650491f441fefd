"""Every door is what its description says, whoever comes and whatever is sent.

Requests are made up from `GET /openapi.json`: such as fit it and such as do not.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config._checks import NegativeDataRejectionConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from jiazhao import app
from jiazhao.clock import system_clock
from jiazhao.config import load
from jiazhao.http.connections import EVENTS_PATH
from jiazhao.http.gate import routes_of
from jiazhao.http.openapi import PATH
from jiazhao.smoke.people import Officer, Visitor, named
from tests.live_server import LiveServer

Operation = APIOperation[Any, Any, Any, Any]

INSTANTS = st.integers(min_value=0, max_value=2**32).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat()
)
schemathesis.openapi.format("date-time", INSTANTS)

load_all_checks()
CONFORMS: list[Any] = CHECKS.get_by_names(
    [
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    ]
)
REFUSED = NegativeDataRejectionConfig(
    expected_statuses=[400, 401, 403, 404, 406, 409, 413, 414, 415, 422, 429, 431]
)
A_FEW = settings(
    max_examples=3,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

MALFORMED = {"bad_request", "unreadable", "unsupported_media_type"}
"""What a door answers to a wrong form, so never to what it is described to take."""

MORE_THAN_FORM = {
    "POST /wallet/codes": "the text is a signed code",
    "POST /wallet/contacts": "the text is a signed proof",
    "POST /presentation/scans": "the octets are a picture",
    "POST /presentation/checks": "four digits are written without a fraction (4.0 is refused)",
    "POST /wallet/photo-request": "the octets are a photograph",
    "POST /wallet/refusal-reports": "what is told lies in the past",
    "POST /registry/changes": "an end lies after its beginning",
    "POST /identity/roles": "the provider is the configured one",
}
"""Doors whose text or order says more than a schema can, and what."""

VISITORS = [
    ("wallet", None),
    ("wallet", "sp-000007"),
    ("terminal", None),
    ("terminal", "officer-zhao"),
    ("console", None),
    ("console", "clerk-sun"),
    ("console", "registrar-qian"),
    ("console", "security-zhou"),
    ("console", "auditor-wu"),
]


@pytest.mark.parametrize(("origin", "subject"), VISITORS)
def test_the_doors_are_as_described(
    live_server: LiveServer, origin: str, subject: str | None
) -> None:
    kind = Officer if origin == "terminal" else Visitor
    visitor = kind(getattr(live_server, origin))
    description = visitor.get(PATH)
    operations = list(described_operations(description))
    assert len(operations) == sum(len(item) for item in description["paths"].values())

    failures = knock_everywhere(operations, visitor, subject)

    assert not failures, "\n".join(failures)


def described_operations(description: Mapping[str, Any]) -> Iterator[Operation]:
    """The operations; who is signed in is decided by the visitor, not made up."""
    described = deepcopy(dict(description))
    described["components"].pop("securitySchemes")
    for item in described["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(described)
    schema.config.generation.allow_x00 = False  # which no text of ours may hold
    schema.config.checks.negative_data_rejection = REFUSED
    schema.validate()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def knock_everywhere(
    operations: Iterable[Operation], visitor: Visitor, subject: str | None
) -> list[str]:
    """Send made-up requests to each door and return what does not fit."""
    failures = []
    with requests.Session() as session:
        for operation in operations:
            if operation.path == EVENTS_PATH and subject is not None:
                continue  # its answer has no end; tests/journeys/test_events.py reads it
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                if subject is not None and not visitor.get("/session")["signed_in"]:
                    visitor.sign_in(named(subject))  # the last operation may have signed out
                elif subject is not None and isinstance(visitor, Officer):
                    visitor.open_shift()  # or closed the shift
                session.cookies.update(dict(visitor.browser._client.cookies))
                failures += knock(operation, mode, visitor.origin, session)
    visitor.browser.close()
    return failures


def knock(
    operation: Operation, mode: GenerationMode, origin: str, session: requests.Session
) -> list[str]:
    """Send some made-up requests to one door."""

    @A_FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def request(case: Case[Any]) -> None:
        response = case.call(
            base_url=origin, session=session, headers={"origin": origin}, allow_redirects=False
        )
        # Of failures of the server only those that a text asks for by number.
        described = operation.definition.raw["responses"]
        assert response.status_code < 500 or str(response.status_code) in described, "a failure"
        case.validate_response(response, checks=CONFORMS)
        if mode is GenerationMode.POSITIVE and operation.label not in MORE_THAN_FORM:
            assert code_of(response) not in MALFORMED, f"{response.text} to {case.body!r}"

    try:
        request()
    except Unsatisfiable:
        pass  # Where nothing is asked for, nothing can be asked wrongly.
    except AssertionError as error:
        return [f"{mode.name} {operation.label}: {error}"]
    except FailureGroup as group:
        return [f"{mode.name} {operation.label}: {one}" for one in group.exceptions]
    return []


def code_of(response: Any) -> str:
    said = response.json() if "json" in response.headers.get("content-type", [""])[0] else {}
    return str(said.get("code", "")) if isinstance(said, dict) else ""


@pytest.mark.parametrize("origin", app.APPLICATIONS)
def test_every_route_is_described(live_server: LiveServer, origin: str) -> None:
    house = app.build(load(live_server.state / "jiazhao.toml"), system_clock)
    routes = {name for name, _ in routes_of(app.APPLICATIONS[origin](house))}
    house.close()
    visitor = Visitor(getattr(live_server, origin))
    paths = visitor.get(PATH)["paths"]
    visitor.browser.close()
    described = {f"{method.upper()} {path}" for path, item in paths.items() for method in item}

    hidden = {name for name in routes - described if "/assets/" not in name}

    assert hidden == {f"GET {PATH}"}
    assert described <= routes


def change_of_type(description: dict[str, Any]) -> None:
    answer = description["paths"]["/livez"]["get"]["responses"]["200"]
    answer["content"]["application/json"]["schema"] = {"type": "array"}


def change_of_status(description: dict[str, Any]) -> None:
    del description["paths"]["/wallet/licence"]["get"]["responses"]["401"]


def change_of_content(description: dict[str, Any]) -> None:
    answer = description["paths"]["/trust/iaca.pem"]["get"]["responses"]["200"]
    answer["content"] = {"application/json": {}}


def change_of_parameter(description: dict[str, Any]) -> None:
    operation = description["paths"]["/sign-in"]["get"]
    operation["parameters"] = [{"name": "return", "in": "query", "schema": {"enum": ["/"]}}]


@pytest.mark.parametrize(
    "change", [change_of_type, change_of_status, change_of_content, change_of_parameter]
)
def test_a_false_description_is_noticed(live_server: LiveServer, change: Any) -> None:
    visitor = Visitor(live_server.wallet)
    description = visitor.get(PATH)
    before = deepcopy(description)
    change(description)
    changed = [p for p in before["paths"] if before["paths"][p] != description["paths"][p]]

    operations = [one for one in described_operations(description) if one.path in changed]
    failures = knock_everywhere(operations, visitor, None)

    assert failures
