"""The journeys of a driver and of an officer who see nothing of the pages and use no mouse."""

import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Browser, Page, Route

from jiazhao.errors import ErrorCode
from tests.browser.agreements import WALLET, answered, pushed
from tests.browser.codes import Opener, octets_of, text_of
from tests.browser.offline_codes import Phone
from tests.browser.reader_of_tree import Listener, Words
from tests.browser.visits import KEEPING, visitor
from tests.houses import Town
from tests.live_server import LiveServer
from tests.unit.pictures import on_phone, with_another, written

Answer = dict[str, Any]
Place = LiveServer | Town

DRIVER, HOLDER = re.compile("^韩远鹏"), "sp-000002"
REFUSED = re.compile("^沈宁勇")
"""As seed 1 draws them: one who drives for a living, and one whose licence is detained."""
OFFICER, OFFICER_UNIT = re.compile("李样本"), "样本·成都市公安局交通警察支队一大队"
PIN, WRONG_PIN = "730418", "926035"
DIGITS = "4821"
OLD_HOURS = 30
"""A phone that was out of reach for so long is asked for four digits."""
NO_PASSKEYS = "delete window.PublicKeyCredential"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Driver(Listener):
    """A driver with the wallet."""

    last = ""
    """The code that was read last."""

    def signs_in(self, server: Place, who: re.Pattern[str] = DRIVER) -> None:
        """Sign in at the identity provider."""
        self.page.goto(f"{server.wallet}/?lang={self.words.language}")
        self.lands(self.words("wallet.name"))
        self.follows(self.words("welcome.sign_in"))
        self.presses(who)

    def claims(self) -> None:
        """Claim the licence, wherever it is now."""
        self.find("heading", self.words.any_of("claim.title", "claim.elsewhere_title"))
        self.presses(self.words.any_of("claim.start", "claim.here_instead"))
        self.hears(self.words("claim.kept"))
        self.arrives(self.words("home.title"))

    def shows(self) -> str:
        """Show the code and return it as text."""
        self.follows(self.words("home.show"))
        self.arrives(self.words("show.title"))
        self.find("image", self.words("show.qr_label"))
        self.unfolds(self.words("show.as_text"))
        return self.code()

    def code(self) -> str:
        """Return a code that was not returned before; while one is read it does not change."""
        label = self.words("show.as_text_help")
        self.goes("button", self.words("show.copy"))
        self.differs(label, self.last)
        self.goes("textbox", label)
        self.last = self.value(label)
        return self.last

    def goes_home(self) -> None:
        """Leave a screen by its way back."""
        self.follows(self.words("show.back"))
        self.arrives(self.words("home.title"))

    def goes_to(self, title: str) -> None:
        """Open a screen from the home screen."""
        self.follows(self.words(title))
        self.arrives(self.words(title))

    def told(self, server: LiveServer, path: str) -> Answer:
        """Return what the service answers this driver, to know what should be heard."""
        answer: Answer = self.page.request.get(f"{server.wallet}{path}").json()
        return answer


class Officer(Listener):
    """An officer with the terminal."""

    def signs_in(self, server: Place) -> None:
        """Sign in at the identity provider."""
        self.page.goto(f"{server.terminal}/?lang={self.words.language}")
        self.lands(self.words("terminal.name"))
        self.follows(self.words("welcome.sign_in"))
        self.presses(OFFICER)

    def begins(self) -> None:
        """Make this device a terminal and open a shift."""
        self.find("heading", self.words("shift.register_title"))
        assert self.value(self.words("shift.code")) == "DEMONSTRATION"
        self.types(self.words("shift.label"), "3 号终端")
        self.presses(self.words("shift.register"))
        self.find("heading", self.words("shift.title"))
        self.keeps_its_place()
        self.reads(self.words.form("shift.lead", unit=OFFICER_UNIT))
        self.presses(self.words("shift.open"))
        self.arrives(self.words("check.title"))
        self.hears(self.words("camera.none"))

    def checks(self, code: str, verdict: str, *more: str | re.Pattern[str]) -> str:
        """Type a code, hear the word and what comes with it; return all that is read."""
        self.types(self.words("check.code"), code, end="Enter")
        self.hears(self.words(f"verdict.{verdict}"), *more)
        self.find("article", self.words("verdict.title"))
        self.keeps_its_place()
        return self.reads(self.words("verdict.what_to_do"))

    def takes_the_next(self) -> None:
        """Put the result away."""
        self.presses(self.words("check.next"))
        self.gone("article")
        assert self.where().name == self.words("check.code")

    def goes_to(self, link: str, title: str) -> None:
        """Open another screen."""
        self.follows(self.words(link))
        self.arrives(self.words(title))


def driver(browser: Browser, words: Words) -> Driver:
    """Return a driver at a phone that makes no passkeys."""
    page = visitor(browser, **KEEPING)
    page.add_init_script(NO_PASSKEYS)
    return Driver(page, words)


def officer(browser: Browser, words: Words) -> Officer:
    """Return an officer at a device with an authenticator."""
    return Officer(_with_authenticator(visitor(browser, width=1280, **KEEPING)), words)


def _with_authenticator(page: Page) -> Page:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


# -- the driver


def drives(browser: Browser, server: LiveServer, words: Words) -> None:
    """Walk through everything that the wallet does."""
    me = driver(browser, words)
    _is_refused(driver(browser, words), server)
    me.signs_in(server)
    _claims_step_by_step(me)
    _reads_the_licence(me, server)
    _hears_of_a_change(me, server)
    _is_checked(me, server, officer(browser, words))
    _objects(me, server)
    _sets_a_pin(me)
    _locks(me)
    _freezes(me)
    _prints(me)
    _hands_in_a_photo(me)
    _reports_and_reads(me)
    _loses_the_network(me, server)
    _agrees_to_no_other_wallet(me, server)
    _leaves_and_comes_back(me, server)
    _deletes(me)


def _is_refused(me: Driver, server: LiveServer) -> None:
    me.signs_in(server, REFUSED)
    me.find("heading", me.words("claim.refused_title"))
    refusals = me.told(server, "/wallet/licence")["claim"]["refusals"]
    assert refusals
    for one in refusals:
        language = me.words.language
        me.find("heading", one[language])
        me.reads(me.words("claim.todo"), one[f"todo_{language}"])
    assert me.lacks("button", me.words.any_of("claim.start", "claim.here_instead"))
    me.page.context.close()


def _claims_step_by_step(me: Driver) -> None:
    held: list[Route] = []
    me.find("heading", me.words.any_of("claim.title", "claim.elsewhere_title"))
    me.find("image", me.words("claim.photo_alt"))
    me.page.route("**/issuance/credential", lambda route: held.append(route))
    me.presses(me.words.any_of("claim.start", "claim.here_instead"))
    me.hears(me.words("step.issue"))
    steps = me.find("list", me.words("step.list"))
    assert f"{me.words('step.issue')} {me.words('step.doing')}" in steps.text()
    assert f"{me.words('step.key')} {me.words('step.done')}" in steps.text()
    assert me.where().name == me.words("step.list")
    me.page.unroute("**/issuance/credential")
    for route in held:
        route.continue_()
    me.hears(me.words("claim.kept"))
    me.arrives(me.words("home.title"))


def _reads_the_licence(me: Driver, server: LiveServer) -> None:
    w = me.words
    licence = me.told(server, "/wallet/licence")["licence"]
    classes = [one["code"] for one in licence["classes"]]
    me.reads(
        licence["name"],
        " ".join(classes),
        f"{licence['display_status']['zh']} {licence['display_status']['en']}",
        w("points.spoken", points=licence["points"], full=licence["full_score"]),
        licence["valid_from"],
        licence["valid_until"] or "长期 long-term",
        licence["archive_number"],
        re.compile(r"生成时间 Made at \d\d:\d\d:\d\d"),
        re.compile(r"当前时间 Now [\d-]+ \d\d:\d\d:\d\d"),
    )
    me.find("image", re.compile(f"bar code.* {licence['instance_number']}"))
    me.find("image", re.compile(re.escape(licence["name"])))
    law = me.find("region", w("law.label")).text()
    assert w("law.says") in law
    assert w("law.source") in law
    me.reads(me.words.form("home.confirmed"))

    assert licence["licence_number"] not in me.tree().text()
    me.presses(w("home.show_number"))
    me.reads(licence["licence_number"])
    me.presses(w("home.hide_number"))
    me.presses(w("home.turn"))
    me.reads(licence["address"], licence["issuing_office"], licence["instance_number"])
    me.find("table", re.compile("准驾车型代号"))
    me.find("rowheader", classes[0])
    assert licence["archive_number"] not in me.tree().text()  # the page that is turned away
    me.presses(w("home.turn_back"))
    me.presses(w("home.pause"))
    me.presses(w("home.resume"))
    me.keeps_its_place()


def _hears_of_a_change(me: Driver, server: LiveServer) -> None:
    licence = me.told(server, "/wallet/licence")["licence"]
    points = (licence["points"] + 1) % licence["full_score"]
    server.cli("change", HOLDER, "--points", str(points), "--json")
    me.hears(me.words("home.points_changed", points=points, full=licence["full_score"]))
    me.keeps_its_place()


def _is_checked(me: Driver, server: LiveServer, other: Officer) -> None:
    w = me.words
    other.signs_in(server)
    other.begins()
    licence = me.told(server, "/wallet/licence")["licence"]
    code = me.shows()
    me.reads(licence["display_status"][w.language], licence["name"], w("show.hand"))
    me.types(w("challenge.label"), DIGITS)
    me.hears(w("challenge.in_code", digits=DIGITS))
    other.checks(code, "VALID")
    me.hears(me.words.form("show.used_by", unit=OFFICER_UNIT, verdict=w("verdict.VALID")))
    me.presses(w("show.short"))
    short = re.compile(r"(?:\w ){4}- (?:\w ){3}\w")
    said = short.search(me.hears(me.words.form("show.short_ready")))
    assert said
    me.reads(said.group())
    other.takes_the_next()
    other.checks(said.group().replace(" ", ""), "VALID")
    other.page.context.close()
    me.follows(w("accesses.title"))
    me.arrives(w("accesses.title"))
    newest = me.told(server, "/wallet/accesses")["accesses"][0]
    assert newest["actor"]["unit"] == OFFICER_UNIT
    me.reads(
        OFFICER_UNIT,
        f"{w('role.officer')} {newest['actor']['name']}",
        f"{w('accesses.why')} {newest['reason'][w.language]}",
        w("accesses.law"),
        w("verdict.VALID"),
    )
    me.chooses(w("accesses.filter"), w("accesses.filter_failed"))
    me.hears(me.words.form("accesses.count"))
    me.chooses(w("accesses.filter"), w("accesses.filter_roadside"))
    me.hears(me.words.form("accesses.count"))
    me.goes_home()


def _objects(me: Driver, server: LiveServer) -> None:
    w = me.words
    unread = w.form("notices.unread_one").pattern  # more than one read alike
    me.follows(re.compile(rf"^{w('notices.title')}.*{unread}"))
    me.arrives(w("notices.title"))
    notice = me.told(server, "/wallet/notices")["notices"][0][w.language]
    me.find("heading", notice, within=notice)
    me.unfolds(w("objection.start"), within=notice)
    me.presses(w("objection.send"), within=notice)
    me.hears(w("objection.empty"))
    assert me.where().name == w("objection.why")
    me.types(w("objection.why"), "记分有误，请核查。", within=notice)
    me.presses(w("objection.send"), within=notice)
    me.hears(w("objection.sent"))
    me.keeps_its_place()
    me.reads(w("objection.waiting"))
    me.goes_home()


def _sets_a_pin(me: Driver) -> None:
    w = me.words
    me.goes_to("passkeys.title")
    me.find("DisclosureTriangle", w("pin.instead"))
    for first, second, said in (("12345", "12345", "pin.six"), (PIN, WRONG_PIN, "pin.differ")):
        me.types(w("pin.choose"), first)
        me.types(w("pin.again"), second, end="Enter")
        me.hears(w(said))
        me.keeps_its_place()
    me.types(w("pin.again"), PIN, end="Enter")
    me.hears(w("pin.registered"))
    me.keeps_its_place()
    me.find("heading", w("passkeys.label_default"))
    me.goes_home()


def _locks(me: Driver) -> None:
    w = me.words
    me.shows()
    me.presses(w("lock.start"))
    me.reads(w("lock.locked"))
    me.arrives(w("show.title"))
    assert me.lacks("link", w("show.back"))
    me.presses(w("lock.leave"))
    me.reads(w("lock.prove"))
    me.keeps_its_place()
    me.types(w("pin.of_this_phone"), WRONG_PIN)
    me.presses(w("lock.leave"))
    me.hears(re.compile("."))
    me.types(w("pin.of_this_phone"), PIN)
    me.presses(w("lock.leave"))
    me.find("link", w("show.back"))
    me.arrives(w("show.title"))
    me.goes_home()


def _freezes(me: Driver) -> None:
    w = me.words
    me.goes_to("devices.title")
    me.reads(w("devices.this"), w("devices.state_live"))
    me.presses(w("devices.freeze"))
    assert me.where().name == w("devices.freeze_sure")
    me.reads(w("devices.freeze_what"))
    me.page.keyboard.press("Enter")
    me.hears(w("devices.frozen"))
    me.reads(w("devices.frozen_now"))
    me.keeps_its_place()
    me.follows(w("show.back"))
    me.arrives(w("stopped.frozen_title"))
    me.reads(w("stopped.frozen_todo"))
    me.goes_to("devices.title")
    me.presses(w("devices.unfreeze"))  # who unlocked with the PIN has not proved enough
    me.hears(w("claim.sign_in_again"))
    me.follows(w("claim.sign_in_again"))
    me.presses(DRIVER)
    me.lands(w("devices.title"))
    me.presses(w("devices.unfreeze"))
    me.hears(w("devices.unfrozen"))
    me.keeps_its_place()
    me.goes_home()


def _prints(me: Driver) -> None:
    w = me.words
    me.goes_to("backup.title")
    me.reads(w("backup.rule_face"))
    me.presses(w("backup.make"))
    me.hears(w("backup.made"))
    me.keeps_its_place()
    me.find("image", w("backup.qr_label"))
    me.find("button", w("backup.print_card"))
    me.reads(w("backup.only_now"))
    me.goes_home()
    me.goes_to("backup.title")
    me.presses(w("backup.end"))
    me.hears(w("backup.void"))
    me.keeps_its_place()
    me.goes_home()


def _hands_in_a_photo(me: Driver) -> None:
    w = me.words
    me.follows(w("photo.way"))
    me.arrives(w("photo.title"))
    for picture, said in (
        (with_another(), re.compile(".")),
        (on_phone(), me.words.form("photo.waiting")),
    ):
        me.chooses_file(w("photo.album")).set_files(
            {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": written(picture)}
        )
        me.find("image", w("photo.preview"))
        me.keeps_its_place()
        me.presses(w("photo.send"))
        me.gone("paragraph", w("photo.sending"))
        me.hears(said)
    me.keeps_its_place()
    me.presses(w("photo.withdraw"))
    me.hears(w("photo.withdrawn"))
    me.keeps_its_place()
    me.goes_home()


def _reports_and_reads(me: Driver) -> None:
    w = me.words
    me.goes_to("refused.title")
    me.presses(w("refused.send"))
    me.hears(w("refused.incomplete"))
    assert me.where().name == w("refused.who")
    me.types(w("refused.who"), "样本租车行")
    me.types(w("refused.where"), "成都")
    me.types(w("refused.text"), "说手机里的不算数")
    me.presses(w("refused.send"))
    me.hears(w("refused.sent"))
    me.find("heading", w("refused.sent_before"))
    me.keeps_its_place()
    me.reads("样本租车行")
    me.goes_home()
    me.goes_to("paper.title")
    for heading in ("paper.needed", "paper.enough"):
        me.find("heading", w(heading))
    me.reads(w("paper.points"), w("paper.roadside"))
    me.goes_home()


def _loses_the_network(me: Driver, server: LiveServer) -> None:
    name = me.told(server, "/wallet/licence")["licence"]["name"]
    me.page.context.set_offline(True)
    me.hears(me.words.form("home.offline"))
    me.reads(name)
    assert len(octets_of(me.shows())) > 0
    me.goes_home()
    me.page.context.set_offline(False)
    me.reads(me.words.form("home.confirmed"))


def _agrees_to_no_other_wallet(me: Driver, server: LiveServer) -> None:
    answered(me.page)
    me.page.goto(pushed(server))  # the sign-in is fresh: the licence was just released
    me.lands(re.compile("领取到该钱包.*Put your licence into this wallet"))
    me.reads(WALLET)
    assert "Agree only if you started this yourself" in me.tree().text()
    assert "另一设备上的电子驾驶证将失效" in me.find("note").text()
    me.find("button", re.compile("^同意 Agree$"))
    me.presses(re.compile("Refuse and go back"))
    me.find("RootWebArea", "wallet")
    me.page.goto(f"{server.wallet}/")
    me.lands(me.words("home.title"))


def _leaves_and_comes_back(me: Driver, server: LiveServer) -> None:
    w = me.words
    me.presses(w("page.sign_out"))
    me.find("link", w("welcome.sign_in"))
    me.types(w("pin.of_this_phone"), WRONG_PIN, end="Enter")
    me.hears(re.compile("."))
    assert me.where().name == w("pin.of_this_phone")
    me.types(w("pin.of_this_phone"), PIN, end="Enter")
    me.lands(w("home.title"))


def _deletes(me: Driver) -> None:
    w = me.words
    me.goes_to("delete.title")
    me.presses(w("delete.start"))
    assert me.where().name == w("delete.sure")
    me.reads(w("delete.what"))
    me.page.keyboard.press("Enter")
    me.arrives(w("delete.done_title"))
    me.follows(w("delete.begin_again"))
    me.lands(Words("zh")("wallet.name"))  # the choice of language was deleted, too


# -- the officer


def is_on_duty(browser: Browser, server: LiveServer, words: Words) -> None:
    """Walk through everything that the terminal does."""
    me, other = officer(browser, words), driver(browser, words)
    other.signs_in(server)
    other.claims()
    licence = other.told(server, "/wallet/licence")["licence"]
    me.signs_in(server)
    me.begins()
    _judges(me, other, server, licence)
    _judges_alone(me, Phone(server.state))
    _hands_in(me)
    _looks_up(me, server, licence)
    _trains(me)
    _rests(me)
    _goes_off_duty(me)


def _judges(me: Officer, other: Driver, server: LiveServer, licence: Answer) -> None:
    w = me.words
    me.types(w("check.code"), "", end="Enter")
    me.hears(w("check.empty"))
    assert me.where().name == w("check.code")

    me.chooses(w("check.class"), re.compile("^C1"))
    code = other.shows()
    me.checks(code, "VALID", w("verdict.may_drive", **{"class": "C1"}))
    me.find("heading", f"{w('verdict.VALID')} {_other(w)('verdict.VALID')}")
    me.find("image", w("verdict.portrait", name=licence["name"]))
    me.reads(
        licence["name"],
        licence["display_status"][w.language],
        w("points.spoken", points=licence["points"], full=licence["full_score"]),
        licence["licence_number"],
        re.compile(
            "|".join(w.form(f"verdict.confirmed_{age}").pattern for age in ("now", "seconds"))
        ),
    )
    me.unfolds(me.words.form("verdict.steps"))
    me.reads(w("step.1"), w("verdict.step_passed"))
    me.takes_the_next()

    me.checks(code, "CANNOT_CONFIRM", _error(ErrorCode.CODE_USED, w))
    me.takes_the_next()
    me.chooses(w("check.class"), re.compile("^D\\b"))
    heard = w("verdict.may_not_drive", **{"class": "D"})
    code = other.code()
    me.checks(code, "VALID", heard)
    me.takes_the_next()
    me.checks(text_of(Opener(server).forged(octets_of(other.code()))), "NOT_GENUINE")
    assert licence["name"] not in me.tree().text()
    me.takes_the_next()
    me.checks("hello", "CANNOT_CONFIRM", re.compile(".{8}"))
    me.takes_the_next()
    other.page.context.close()


def _judges_alone(me: Officer, phone: Phone) -> None:
    w = me.words
    me.chooses(w("check.class"), w("check.class_none"))
    me.page.context.set_offline(True)
    me.checks(phone.code(), "VALID")
    me.reads(phone.data(device=True).name, w("fresh.offline"))
    me.takes_the_next()

    long_ago = timedelta(hours=OLD_HOURS)
    me.checks(phone.code(heard=long_ago), "CANNOT_CONFIRM", _error(ErrorCode.CHALLENGE_NEEDED, w))
    me.find("heading", w("challenge.title"))
    asked = re.search(
        rf"{re.escape(w('challenge.title'))} ((?:\d ){{3}}\d)", me.hears(w("challenge.title"))
    )
    assert asked
    digits = int(asked.group(1).replace(" ", ""))
    me.checks(phone.code(heard=long_ago, challenge=digits), "VALID")
    me.takes_the_next()

    me.checks(phone.backup_code(), "CANNOT_CONFIRM", _error(ErrorCode.COMPARE_FACE, w))
    me.find("heading", w("face.title"))
    me.find("button", w("face.differs"))
    me.presses(w("face.same"))
    me.hears(w("verdict.VALID"))
    me.keeps_its_place()
    me.takes_the_next()


def _hands_in(me: Officer) -> None:
    w = me.words
    me.goes_to("terminal.queue", "unsent.title")
    me.reads(me.words.form("unsent.waiting"), w("shift.until"))
    me.presses(w("unsent.send"))
    me.hears(w("problem.offline"))
    me.keeps_its_place()
    me.page.context.set_offline(False)
    me.page.wait_for_timeout(500)
    if me.lacks("paragraph", w("unsent.none")):
        me.presses(w("unsent.send"))
    me.hears(w("unsent.none"))
    me.keeps_its_place()
    me.find("checkbox", w("shift.sound"))


def _looks_up(me: Officer, server: LiveServer, licence: Answer) -> None:
    w = me.words
    reasons = me.page.request.get(f"{server.terminal}/presentation/lookup-reasons").json()
    accident = next(one for one in reasons if one["code"] == "accident")[w.language]
    me.goes_to("terminal.lookup", "lookup.title")
    me.reads(w("lookup.warning"))
    me.presses(w("lookup.submit"))
    me.hears(w("lookup.incomplete"))
    assert me.where().name == w("lookup.identifier")
    me.types(w("lookup.identifier"), licence["licence_number"])
    me.chooses(w("lookup.reason"), accident)
    me.types(w("lookup.note"), "事故现场，手机损坏")
    me.presses(w("lookup.submit"))
    me.hears(w("verdict.VALID"))
    me.reads(licence["name"], w("verdict.looked_up"))
    me.keeps_its_place()

    me.goes_to("terminal.mine", "mine.title")
    me.find("table")
    for column in ("mine.when", "mine.kind", "mine.verdict", "mine.class", "mine.reason"):
        me.find("columnheader", w(column))
    me.reads(w("mine.lookup"), accident, w("verdict.CANNOT_CONFIRM"))


def _trains(me: Officer) -> None:
    w = me.words
    me.goes_to("terminal.training", "training.title")
    me.reads(w("training.banner"))
    for scene, verdict in (("valid", "VALID"), ("points", "NOT_VALID"), ("forged", "NOT_GENUINE")):
        me.presses(w(f"training.{scene}"))
        me.hears(w(f"verdict.{verdict}"))
        assert me.where().role == "heading"
        me.presses(w("check.next"))
        me.find("button", w("training.valid"))
        me.keeps_its_place()


def _rests(me: Officer) -> None:
    w = me.words
    me.page.evaluate("localStorage.setItem('jiazhao-last-touch', '1')")  # long ago
    me.arrives(w("lock.title"))
    me.reads(w("lock.lead", name="李样本"))
    assert me.lacks("navigation")
    me.presses(w("lock.open"))
    me.arrives(w("training.title"))


# -- both, with a passkey


def hold_passkeys(browser: Browser, town: Town, words: Words) -> None:
    """Register passkeys, sign in with them, and keep the last one of an officer."""
    w = words
    me = Driver(_with_authenticator(visitor(browser, **KEEPING)), w)
    me.signs_in(town)
    me.claims()
    me.goes_to("passkeys.title")
    me.reads(w("passkeys.none"))
    me.types(w("passkeys.label"), "我的手机", end="Enter")
    me.hears(w("passkeys.registered"))
    me.find("heading", "我的手机")
    me.keeps_its_place()
    me.presses(w("page.sign_out"))
    me.presses(w("welcome.passkey"))
    me.lands(w("home.title"))

    _has_a_second_step(officer(browser, words), town)


def _has_a_second_step(me: Officer, town: Town) -> None:
    w = me.words
    me.signs_in(town)
    me.lands(w("second.title"))
    me.presses(w("second.register"))
    me.begins()
    me.page.evaluate("localStorage.setItem('jiazhao-last-touch', '1')")  # long ago
    me.arrives(w("lock.title"))
    me.presses(w("lock.open"))
    me.arrives(w("check.title"))
    me.goes_to("terminal.passkeys", "passkeys.title")
    me.find("heading", w("passkeys.label_default"))
    me.presses(f"{w('passkeys.remove')} {w('passkeys.label_default')}")
    assert me.where().name == w("passkeys.remove_sure")
    me.page.keyboard.press("Enter")
    me.hears(re.compile("."))  # it is the only one
    me.keeps_its_place()


def _goes_off_duty(me: Officer) -> None:
    w = me.words
    me.goes_to("terminal.queue", "unsent.title")
    me.presses(w("shift.close"))
    me.hears(w("shift.closed"))
    me.keeps_its_place()
    me.presses(w("page.sign_out"))
    me.find("link", w("welcome.sign_in"))
    me.lands(w("terminal.name"))


def _error(code: ErrorCode, words: Words) -> str:
    """Return the sentence of an error that has nothing to fill in."""
    sentence: str = code.zh if words.language == "zh" else code.en
    return sentence


def _other(words: Words) -> Words:
    return Words("en" if words.language == "zh" else "zh")
