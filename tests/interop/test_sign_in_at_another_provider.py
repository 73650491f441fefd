"""Sign-in at an OpenID provider that we did not write: the npm package `oidc-provider`."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from jiazhao import app
from jiazhao.app import House
from jiazhao.clock import system_clock
from jiazhao.errors import AccessError
from jiazhao.http.browser import Browser, Reply
from jiazhao.identity import attempt
from jiazhao.identity.id_token import VerifiedIdentity, key_id, verify_id_token
from jiazhao.identity.permissions import require_fresh
from jiazhao.identity.refusal import SignInRefusedError
from jiazhao.identity.service import Begun, ProviderAnswer
from jiazhao.licence.identifiers import HolderId
from tests.houses import reopen, served_application, settle
from tests.interop.peers import one_at_a_time
from tests.live_server import free_ports

FOLDER = Path(__file__).parent / "oidc-provider"
FACE = "urn:example:face"
Answered = Mapping[str, str | None]
PASSWORD = "urn:example:password"
HOLDER = HolderId("sp-000001")


@dataclass(frozen=True, slots=True)
class Place:
    """A served wallet and terminal, and the provider that they ask."""

    house: House

    def begin(self, name: str = "wallet") -> Begun:
        """Start a sign-in."""
        return self.house.identity.begin(
            name, return_to="/", fresh=True, secret=None, now=system_clock()
        )

    def finish(self, begun: Begun, back: Answered, name: str = "wallet") -> str:
        """Complete a sign-in; return the session's token."""
        answer = ProviderAnswer(*(back.get(part) for part in ("state", "code", "iss", "error")))
        return self.house.identity.finish(
            name, answer, secret=begun.secret, former_token=None, now=system_clock()
        ).token


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    state = tmp_path_factory.mktemp("provider") / "state"
    port = free_ports()
    settle(state, system_clock, port=port, holders=1).close()
    house = reopen(state, system_clock, identity_required_acr=(FACE,))
    with (
        served_application(app.wallet_app(house), port),
        running_provider(house),
    ):
        yield Place(house)
    house.identity.provider._outbound.close()
    house.close()


@contextmanager
def running_provider(house: House) -> Iterator[None]:
    """Run the provider at the configured address; it fetches our keys from the wallet's door."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise FileNotFoundError("Node.js 20 or newer with npm is needed to run the provider")
    with one_at_a_time("jiazhao-oidc-provider"):
        if not (FOLDER / "node_modules" / ".package-lock.json").exists():
            subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=FOLDER, check=True)
    now = system_clock()
    with house.database.reading() as db:
        person = house.register.licence_of(db, HOLDER, at=now, known_at=now).person
    settings = {
        "port": urlsplit(house.config.identity_issuer).port,
        "acrValues": [FACE, PASSWORD],
        "clients": [
            {
                "client_id": client.client_id,
                "redirect_uris": [client.redirect_uri],
                "jwks_uri": f"{house.config.public_url}/sign-in/keys",
            }
            for client in map(house.identity.client, house.config.origins)
        ],
        "people": {
            "a-driver": {"name": person.name, "identity_number": person.identity_number},
            "an-officer": {"name": "李样本"},
        },
    }
    with subprocess.Popen(
        [node, "provider.mjs"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(settings))
        process.stdin.flush()
        said = process.stdout.readline().strip()
        try:
            assert said == house.config.identity_issuer
            yield
        finally:
            process.stdin.write("end")
            process.stdin.close()
            process.wait(20)


def go(browser: Browser, url: str) -> Reply:
    """Follow the provider's redirections until a page, or until the way back to us."""
    reply = browser.get(url, accept="text/html")
    while reply.status in {302, 303} and "/sign-in/callback" not in reply.headers["location"]:
        reply = browser.get(urljoin(reply.url, reply.headers["location"]), accept="text/html")
    return reply


def prove(url: str, *, subject: str = "a-driver", acr: str = FACE) -> dict[str, str]:
    """Sign in at the provider as a person does; return what the browser brings back."""
    browser = Browser()
    page = go(browser, url)
    assert page.body == b"who are you?", page.body
    picked = browser.post_form(page.url, {"subject": subject, "acr": acr})
    back = go(browser, urljoin(page.url, picked.headers["location"]))
    query = urlsplit(back.headers["location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def altered(url: str, **changes: str) -> str:
    """The request to the provider with other parameters."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return parts._replace(query=urlencode({**query, **changes})).geturl()


def refused(place: Place, begun: Begun, back: Answered) -> str:
    """The step at which a sign-in is refused."""
    with pytest.raises(SignInRefusedError) as refusal:
        place.finish(begun, back)
    return refusal.value.step


def test_a_driver_signs_in(place: Place) -> None:
    """Discovery, the code flow with PKCE, our key fetched by the provider, and its UserInfo."""
    begun = place.begin()
    token = place.finish(begun, prove(begun.url))

    now = system_clock()
    actor = place.house.identity.actor_of("wallet", token, now)
    assert actor is not None
    assert actor.holder_id == HOLDER
    assert actor.acr == FACE
    assert now - actor.authenticated_at < timedelta(seconds=60)


def test_somebody_without_a_licence_signs_in_as_nobody(place: Place) -> None:
    begun = place.begin()
    token = place.finish(begun, prove(begun.url, subject="an-officer"))

    actor = place.house.identity.actor_of("wallet", token, system_clock())
    assert actor is not None
    assert (actor.name, actor.roles) == ("李样本", frozenset())


def test_a_weak_proof_claims_nothing_and_opens_no_terminal(place: Place) -> None:
    begun = place.begin()
    token = place.finish(begun, prove(begun.url, acr=PASSWORD))
    actor = place.house.identity.actor_of("wallet", token, system_clock())
    assert actor is not None
    with pytest.raises(AccessError):
        require_fresh(actor, system_clock(), place.house.config)

    begun = place.begin("terminal")
    with pytest.raises(SignInRefusedError) as refusal:
        place.finish(begun, prove(begun.url, acr=PASSWORD), "terminal")
    assert refusal.value.step == "acr"


def test_a_token_for_another_nonce_is_refused(place: Place) -> None:
    begun = place.begin()
    assert refused(place, begun, prove(altered(begun.url, nonce="of-another"))) == "nonce"


def test_a_code_for_another_verifier_is_refused(place: Place) -> None:
    begun = place.begin()
    other = altered(begun.url, code_challenge="A" * 43)
    assert refused(place, begun, prove(other)) == "code_refused"


def test_a_code_of_another_client_is_refused(place: Place) -> None:
    begun, elsewhere = place.begin(), place.begin("terminal")
    answered = prove(begun.url)
    swapped = {**answered, "code": prove(elsewhere.url)["code"]}
    assert refused(place, begun, swapped) == "code_refused"


def test_a_code_is_redeemed_once(place: Place) -> None:
    first = place.begin()
    answered = prove(first.url)
    place.finish(first, answered)
    again = place.begin()
    state = parse_qs(urlsplit(again.url).query)["state"][0]
    assert refused(place, again, {**answered, "state": state}) == "code_refused"


def test_an_answer_without_its_issuer_or_from_another_is_refused(place: Place) -> None:
    for change in ({"iss": "https://other.example"}, {"iss": None}):
        begun = place.begin()
        answered = {**prove(begun.url), **change}
        assert refused(place, begun, answered) == "answer_of_another_issuer"


WRONG: Mapping[str, Mapping[str, Any]] = {
    "audience": {"expected_client": "jiazhao-terminal"},
    "issuer": {"expected_issuer": "https://other.example"},
    "nonce": {"expected_nonce": "of-another"},
    "expired": {"later": timedelta(minutes=2)},
    "authenticated_long_ago": {"since": timedelta(minutes=1)},
}


@pytest.mark.parametrize("step", WRONG)
def test_a_real_token_is_held_against_each_expectation(place: Place, step: str) -> None:
    """The provider's own token, judged by somebody who expects something else."""
    begun = place.begin()
    state = parse_qs(urlsplit(begun.url).query)["state"][0]
    derived = attempt.secrets_of(state, begun.secret)
    identity, now = place.house.identity, system_clock()
    client = identity.client("wallet")
    token = identity.provider.redeem(
        client, prove(begun.url)["code"], derived.verifier, now
    ).id_token

    def judge(
        *, later: timedelta = timedelta(0), since: timedelta = timedelta(0), **expected: str
    ) -> VerifiedIdentity:
        expectations = {
            "expected_issuer": identity.provider.issuer,
            "expected_client": client.client_id,
            "expected_nonce": derived.nonce,
            **expected,
        }
        return verify_id_token(
            token,
            identity.provider.key(key_id(token), now),
            algorithms=identity.provider.algorithms,
            authenticated_since=now + since,
            now=now + later,
            **expectations,
        )

    assert judge().subject == "a-driver"
    with pytest.raises(SignInRefusedError) as refusal:
        judge(**WRONG[step])
    assert refusal.value.step == step
