"""The journey itself, step by step in the order in which people take it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.status_token import CWT_TYPE, JWT_TYPE
from jiazhao.presentation.files import status_from
from jiazhao.presentation.steps import ISSUED_COPY
from jiazhao.presentation.steps import Step as CheckStep
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from jiazhao.smoke.people import Officer, Visitor, answered, named
from jiazhao.smoke.provider import Listed, SignInPage
from jiazhao.smoke.steps import Stage, StumbleError, Words, expect
from jiazhao.smoke.wallet import Wallet

TOKEN_TYPES = (f"application/{JWT_TYPE}", CWT_TYPE)


_CLAIM_AND_CHECK = Stage(
    Words("申领与核验", "a driver claims, an officer checks"),
    None,
    Words(
        "此系统须由真人登录：只检查了对外公开的入口。",
        "People sign in here themselves: only the public doors were walked.",
    ),
)
_CHECK = Stage(
    Words("交警核验", "an officer checks"),
    None,
    Words("请用 --terminal 指定执法终端的地址。", "Name the terminal's address with --terminal."),
)


@dataclass
class Journey:
    """What one walk knows so far."""

    wallet: Wallet
    terminal: str | None
    roots: tuple[bytes, ...] = ()
    page: SignInPage | None = None
    session: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    checked_at: str = ""
    now: Callable[[], datetime] = field(init=False)

    def stages(self) -> Iterator[Stage]:
        """The steps; which come after the public doors depends on what was found there."""
        yield from self._public()
        if self.page is None:
            yield _CLAIM_AND_CHECK
            return
        yield from self._of_the_driver()
        if self.terminal is None:
            yield _CHECK
        else:
            self.officer = Officer(self.terminal.rstrip("/"))
            yield from self._at_the_roadside()
        yield Stage(
            Words("驾驶人退出登录", "the driver signs out"),
            self.wallet.sign_out,
            Words("请查看服务日志。", "Look into the service's log."),
        )

    # -- doors that are open to everybody

    def _public(self) -> Iterator[Stage]:
        log = Words("请查看服务日志。", "Look into the service's log.")
        yield Stage(
            Words("服务运行正常", "the service is up"),
            self._healthy,
            Words(
                "请确认服务已启动、地址正确，且数据库可用。",
                "Check that the service runs at this address and that its database answers.",
            ),
        )
        yield Stage(
            Words("发证机关元数据", "the issuer says who it is"),
            self._metadata,
            Words(
                "public_url 须与对外地址一致。",
                "The setting public_url must be the address that people use.",
            ),
        )
        yield Stage(Words("发证机关根证书", "the issuer's root certificate"), self._root, log)
        yield Stage(
            Words("登录通往身份提供方", "sign-in leads to the identity provider"),
            self._provider,
            Words(
                "请核对 identity_issuer 和 identity_client_id，并确认身份提供方可达。",
                "Check identity_issuer and identity_client_id, and that the provider answers.",
            ),
        )

    def _healthy(self) -> Words | None:
        for origin in (self.wallet.origin, self.terminal):
            if origin is not None:
                visitor = Visitor(origin.rstrip("/"), self.wallet.browser)
                visitor.get("/livez")
                visitor.get("/readyz")
        self.session = self.wallet.get("/session")
        self.now = self.wallet.server_clock()
        return Words(f"环境：{self.session['environment']}", f"{self.session['environment']}")

    def _metadata(self) -> Words | None:
        metadata = self.wallet.get("/.well-known/openid-credential-issuer")
        issuer = metadata["credential_issuer"]
        expect(
            issuer == self.wallet.origin,
            f"发证机关自称 {issuer}，而不是 {self.wallet.origin}。",
            f"The issuer calls itself {issuer} and not {self.wallet.origin}.",
        )
        self.wallet.get("/.well-known/oauth-authorization-server")
        offered = ", ".join(metadata["credential_configurations_supported"])
        return Words(offered, offered)

    def _root(self) -> Words | None:
        url = f"{self.wallet.origin}/trust/iaca.pem"
        pem = answered(self.wallet.browser.get(url, accept="*/*")).body
        published = tuple(
            root.public_bytes(Encoding.DER) for root in x509.load_pem_x509_certificates(pem)
        )
        expect(bool(published), "没有公布根证书。", "No root is published.")
        expect(
            not self.roots or bool(set(self.roots) & set(published)),
            "公布的根证书不是您信任的那一个。",
            "The published root is not the one that you trust.",
        )
        self.roots = self.roots or published
        return None

    def _provider(self) -> Words | None:
        self.page = self.wallet.sign_in_page()
        if self.page is None:
            return Words("不是演示用身份提供方", "It is not the demonstration's.")
        return Words(
            f"演示用，{len(self.page.people)} 位样本人员",
            f"the demonstration's, with {len(self.page.people)} made-up people",
        )

    # -- the driver

    def _of_the_driver(self) -> Iterator[Stage]:
        law = Words(
            "请确认样本登记中有可以申领的驾驶人。",
            "Check that the register has a made-up driver who may claim.",
        )
        issuing = Words("请查看服务日志中的签发记录。", "Look for the claim in the service's log.")
        trusting = Words(
            "请核对密钥目录和状态列表的发布（worker）。",
            "Check the key folder, and that the worker publishes status lists.",
        )
        yield Stage(Words("驾驶人登录", "a driver signs in"), self._sign_in, law)
        yield Stage(Words("申领电子驾驶证", "and claims the licence"), self._claim, issuing)
        yield Stage(
            Words("状态列表可以读取", "whose status list can be read"), self._lists, trusting
        )
        yield Stage(Words("副本经核验为真", "and whose copy is genuine"), self._verify, trusting)

    def _sign_in(self) -> Words | None:
        # From the last one up: people who try the demonstration take the first ones.
        for person in reversed(_listed(self.page, "Driver")):
            self.wallet.sign_in(named(person.subject))
            said = self.wallet.licence()
            if said["claim"]["allowed"] and said["licence"]["may_drive"]:
                return Words(person.subject, person.subject)
        raise StumbleError("没有可以申领的驾驶人。", "There is no driver who may claim.")

    def _claim(self) -> Words | None:
        offer = self.wallet.claim(replace=True)
        token = self.wallet.redeem(offer)
        received = self.wallet.receive(token, self.wallet.prove(self.now()))
        self.wallet.prepare_codes(token, self.now())
        instance = self.wallet.licence()["instance"]
        own = self.wallet.key.public.thumbprint()
        expect(
            instance is not None and instance["device_key"] == own,
            "登记系统中的设备密钥不是本设备的。",
            "The register names another device key than ours.",
        )
        size = f"{len(received.octets) / 1024:.0f} kB"
        return Words(size, size)

    def _lists(self) -> Words | None:
        copy = self.wallet.copy
        if copy is None or copy.status is None:
            raise StumbleError("副本没有状态引用。", "The copy names no status list.")
        for form in TOKEN_TYPES:
            answered(self.wallet.browser.get(copy.status.uri, accept=form))
        return Words("JWT、CWT", "JWT and CWT")

    def _verify(self) -> Words | None:
        copy = self.wallet.copy
        if copy is None:
            raise StumbleError("没有副本。", "There is no copy.")
        now = self.now()
        for form in TOKEN_TYPES:
            status = status_from(self._token_in(form), anchors=self.roots, now=now)
            checked = verify_mdoc(
                copy.octets,
                now=now,
                trust=TrustAnchors(self.roots),
                expected_transcript=None,
                status=status,
                profile=ISSUED_COPY | {CheckStep.STATUS},
            )
            checked.verdict.require_passed()
            expect(
                checked.device_key == self.wallet.key.public.point,
                "副本绑定的不是本设备的密钥。",
                "The copy is bound to another key than ours.",
            )
        return Words(
            "根证书、签名、内容、有效期、状态", "root, signature, content, validity, status"
        )

    def _token_in(self, form: str) -> Callable[[str], bytes]:
        return lambda uri: answered(self.wallet.browser.get(uri, accept=form)).body

    # -- the officer

    def _at_the_roadside(self) -> Iterator[Stage]:
        log = Words("请查看服务日志。", "Look into the service's log.")
        yield Stage(Words("交警登录", "an officer signs in"), self._officer_signs_in, log)
        yield Stage(
            Words("驾驶人出示，交警核验", "the driver shows a code, the officer checks it"),
            self._check,
            Words(
                "请核对服务器时间和驾驶人在登记系统中的状态。",
                "Check the server's clock, and the driver's state in the register.",
            ),
        )
        yield Stage(Words("同一码不能再用", "the same code is not taken twice"), self._twice, log)
        yield Stage(
            Words("驾驶人看到这次核验", "the driver sees who looked"),
            self._access,
            Words("核验必须留有记录：请停用并检查。", "No check may go unrecorded: stop and look."),
        )

    def _officer_signs_in(self) -> Words | None:
        officers = _listed(self.officer.sign_in_page(), "Officer")
        expect(bool(officers), "没有样本交警。", "There is no made-up officer.")
        self.officer.sign_in(named(officers[0].subject))
        return Words(officers[0].subject, officers[0].subject)

    def _check(self) -> Words | None:
        self.code = self.wallet.new_code(self.now())
        answer = self.officer.check(self.code)
        self.checked_at = answer["checked_at"]
        reason = answer["reason"] or {"zh": "", "en": ""}
        expect(
            answer["verdict"] == "VALID" and bool(answer["portrait"]),
            f"结论是 {answer['verdict']}。{reason['zh']}",
            f"The verdict is {answer['verdict']}. {reason['en']}",
        )
        return Words(answer["verdict"], answer["verdict"])

    def _twice(self) -> Words | None:
        answer = self.officer.check(self.code)
        expect(
            answer["verdict"] == "CANNOT_CONFIRM",
            f"第二次核验的结论是 {answer['verdict']}。",
            f"The second check says {answer['verdict']}.",
        )
        return Words(answer["verdict"], answer["verdict"])

    def _access(self) -> Words | None:
        accesses = self.wallet.get("/wallet/accesses")["accesses"]
        expect(
            any((one["at"], one["verdict"]) == (self.checked_at, "VALID") for one in accesses),
            "访问记录中没有这次核验。",
            "This check is not among the records.",
        )
        self.officer.sign_out()
        return Words(f"{len(accesses)} 条记录", f"{len(accesses)} records")


def _listed(page: SignInPage | None, role: str) -> list[Listed]:
    return [one for one in page.people if role in one.words] if page else []
