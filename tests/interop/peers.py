"""The implementations of others that these tests run: npm packages under Node, pymdoccbor here."""

import fcntl
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pymdoccbor.mdoc.verifier import MdocCbor

from jiazhao.presentation.steps import FILE, Outcome, Step
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from tests.interop import holder
from tests.interop.mutants import Presentation

NPM_FOLDER = Path(__file__).parent / "npm"
SECONDS_FOR_ONE_SCRIPT = 120

SCRIPTS = {"@auth0/mdl": "auth0", "@owf/mdoc": "owf", "@animo-id/mdoc": "animo"}
"""The mdoc peers of npm, and the module in `npm/` that speaks to each."""


class PeerRefusedError(Exception):
    """The wallet of a peer gave up; `report` says at which step and what the issuer answered."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        super().__init__(report)
        self.report = report


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a wallet holds after a claim. Its key is a made-up holder's."""

    credential: bytes
    device_key_jwk: Mapping[str, str] = field(repr=False)
    issuer_metadata: Mapping[str, Any] = field(repr=False)
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a verifier said of one presentation."""

    accepted: bool
    elements: Mapping[str, Mapping[str, Any]]
    reason: str

    def names(self) -> set[holder.Element]:
        """Return which elements were read."""
        return {(space, name) for space, values in self.elements.items() for name in values}


@dataclass(frozen=True, slots=True)
class NpmPeers:
    """The npm packages, started as one process for each question."""

    node: str

    @classmethod
    def installed(cls) -> "NpmPeers":
        """Find Node and install the locked packages where that was not done yet."""
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise FileNotFoundError("Node.js 20 or newer with npm is needed to run the peers")
        with one_at_a_time("jiazhao-interop-npm"):
            if not (NPM_FOLDER / "node_modules" / ".package-lock.json").exists():
                command = [npm, "ci", "--no-audit", "--no-fund"]
                subprocess.run(command, cwd=NPM_FOLDER, check=True)
        return cls(node)

    def claim(self, offer: str | Mapping[str, Any], tx_code: str | None) -> Claimed:
        """Claim a credential with @openid4vc/openid4vci, or raise `PeerRefusedError`.

        `offer` is an `openid-credential-offer:` URI, the address of an offer, or the offer.
        """
        given: dict[str, Any] = {"offer": offer}
        if tx_code is not None:
            given["txCode"] = tx_code
        finished = self._run("wallet.mjs", stdin=given)
        if finished.returncode != 0:
            raise PeerRefusedError(json.loads(finished.stderr))
        answer = json.loads(finished.stdout)
        return Claimed(
            credential=holder.octets(answer["credential"]),
            device_key_jwk=answer["deviceKeyJwk"],
            issuer_metadata=answer["issuerMetadata"],
            steps=answer["steps"],
        )

    def grant(self, **given: Any) -> Mapping[str, Any]:
        """Take one step of a grant, or raise `PeerRefusedError`."""
        return self._stepped("grants.mjs", given)

    def encrypted(self, **given: Any) -> Mapping[str, Any]:
        """Speak to the issuer in JWE with jose, or raise `PeerRefusedError`."""
        return self._stepped("encrypted.mjs", given)

    def _stepped(self, script: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        finished = self._run(script, stdin=given)
        if finished.returncode != 0:
            raise PeerRefusedError(json.loads(finished.stderr))
        answer: Mapping[str, Any] = json.loads(finished.stdout)
        return answer

    def present(
        self,
        peer: str,
        claimed: Claimed,
        session: holder.Session,
        elements: Sequence[holder.Element],
    ) -> bytes:
        """Let a peer show some elements of a credential; return its DeviceResponse."""
        shown = {
            "issuerSigned": holder.text(claimed.credential),
            "deviceKeyJwk": claimed.device_key_jwk,
            "elements": elements,
            **_session(session),
        }
        answer = self._answer("verify.mjs", SCRIPTS[peer], stdin={"present": {"one": shown}})
        return holder.octets(answer["presented"]["one"])

    def verify(
        self,
        peer: str,
        presentations: Mapping[str, Presentation],
        *,
        root: x509.Certificate,
        now: datetime,
    ) -> dict[str, Judgement]:
        """Let a peer judge presentations. @auth0/mdl takes its own clock, whatever `now` is."""
        shown = {
            name: {
                "deviceResponse": holder.text(presentation.response),
                **_session(presentation.session),
            }
            for name, presentation in presentations.items()
        }
        pem = root.public_bytes(serialization.Encoding.PEM).decode()
        given = {"verify": shown, "roots": [pem], "now": now.isoformat()}
        judged = self._answer("verify.mjs", SCRIPTS[peer], stdin=given)["verified"]
        return {
            name: Judgement(one["accepted"], one.get("elements", {}), one.get("reason", ""))
            for name, one in judged.items()
        }

    def verify_sd_jwt(
        self,
        presentations: Mapping[str, str],
        *,
        root: x509.Certificate,
        now: datetime,
        nonce: str,
        status_lists: Mapping[str, str],
    ) -> dict[str, Judgement]:
        """Let @sd-jwt/sd-jwt-vc judge presentations, with published lists by their address."""
        given = {
            "root": root.public_bytes(serialization.Encoding.PEM).decode(),
            "now": int(now.timestamp()),
            "nonce": nonce,
            "statusLists": status_lists,
            "verify": presentations,
        }
        judged = self._answer("sd-jwt.mjs", stdin=given)["verified"]
        return {
            name: Judgement(one["accepted"], one.get("claims", {}), one.get("reason", ""))
            for name, one in judged.items()
        }

    def version(self, peer: str) -> str:
        """Return the installed version of a package."""
        manifest = NPM_FOLDER / "node_modules" / peer / "package.json"
        found: str = json.loads(manifest.read_text())["version"]
        return found

    def _answer(self, *script: str, stdin: Mapping[str, Any]) -> Any:
        finished = self._run(*script, stdin={"docType": holder.MDL, **stdin})
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    def _run(self, *script: str, stdin: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.node, *script],
            cwd=NPM_FOLDER,
            input=json.dumps(stdin),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_FOR_ONE_SCRIPT,
        )


class PyMdocCbor:
    """PyPI pymdoccbor, which checks the issuer's side only."""

    name = "pymdoccbor"

    @property
    def version(self) -> str:
        """Return the installed version."""
        return version(self.name)

    def verify(self, presentation: Presentation, *, root: x509.Certificate) -> Judgement:
        """Judge the issuer's side of a presentation."""
        mdoc = MdocCbor()
        mdoc.loads(presentation.response)
        accepted = mdoc.verify([root])
        return Judgement(accepted, mdoc.disclosure_map, reason="")


class Ourselves:
    """The verifier of this project, without a status list and without a register."""

    name = "Jiazhao"

    def verify(
        self, presentation: Presentation, *, root: x509.Certificate, now: datetime
    ) -> Judgement:
        """Judge a presentation by the steps that the peers take too."""
        checked = verify_mdoc(
            presentation.response,
            now=now,
            trust=TrustAnchors(roots=(root.public_bytes(serialization.Encoding.DER),)),
            expected_transcript=presentation.session.transcript(),
            profile=FILE - {Step.STATUS},
        )
        outcome, reason = checked.verdict.outcome, checked.verdict.reason
        return Judgement(outcome is Outcome.VALID, checked.elements, str(reason))


def _session(session: holder.Session) -> dict[str, Any]:
    return {"session": session.as_json(), "transcript": holder.text(session.transcript())}


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Hold a lock between processes: tests may run in several."""
    with (Path(tempfile.gettempdir()) / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
