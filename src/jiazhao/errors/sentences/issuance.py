"""Offers, tokens, wallets, and the devices that hold the electronic licence.

The wire of OpenID4VCI has a form of its own; these are for people and logs.
"""

from jiazhao.errors.kinds import Kind, Sentence

OFFER_NOT_USABLE = Sentence(
    Kind.REFUSED,
    "该领取凭据已失效、已使用或不存在。请重新申领。",
    "This offer has lapsed, was used, or never existed. Start the claim again.",
)
AUTHORIZATION_LAPSED = Sentence(
    Kind.INVALID,
    "该钱包的请求已失效、已处理或不存在。请回到钱包重新发起。",
    "This request of a wallet has lapsed, was answered, or never existed. Start again in the wallet.",
)
WALLET_NOT_KNOWN = Sentence(
    Kind.INVALID,
    "无法确认发起请求的钱包，未作任何授权。请回到钱包重新发起。",
    "The wallet that asks cannot be confirmed, and nothing was granted. Start again in the wallet.",
)
PROTOCOL = Sentence(
    Kind.INVALID,
    "钱包请求未被接受：{error}（{description}）。",
    "The wallet's request was not accepted: {error} ({description}).",
)
CLAIM_REFUSED = Sentence(
    Kind.REFUSED,
    "目前不能申领电子驾驶证。请查看下列原因和办理方式。",
    "The electronic licence cannot be claimed now. See the reasons and what to do.",
)
CLAIM_UNDER_WAY = Sentence(
    Kind.CONFLICT,
    "另一项申领正在进行。如要改在此设备领取，请选择“改在此设备领取”。",
    "Another claim is under way. To claim on this device instead, choose “Claim here instead”.",
)
ALREADY_CLAIMED = Sentence(
    Kind.CONFLICT,
    "您已在另一设备上领取电子驾驶证。改在此设备领取后，原设备上的将失效。",
    "You already hold the electronic licence on another device. Claiming it here ends the one there.",
)
NOT_VOUCHED_FOR = Sentence(
    Kind.REFUSED,
    "无法为该钱包出具证明（{reason}）。请登录后重试。",
    "Nothing is vouched for ({reason}). Sign in and retry.",
)
WALLETS_NOT_VOUCHED = Sentence(
    Kind.NOT_FOUND,
    "此处不为钱包出具证明。",
    "No wallet is vouched for here.",
)
CONTACT_REFUSED = Sentence(
    Kind.INVALID,
    "无法确认此设备（{reason}）。请校正设备时间后重试。",
    "This device cannot be confirmed ({reason}). Correct its clock and retry.",
)
CONTACT_REPEATED = Sentence(
    Kind.CONFLICT,
    "此次联络早已答复，未做任何更改。请刷新页面后重试。",
    "This contact was answered before, and nothing was changed. Reload the page and retry.",
)
DEVICE_NOT_KNOWN = Sentence(
    Kind.NOT_FOUND,
    "登记中没有此设备上的电子驾驶证。请在此设备上重新申领。",
    "The register knows no electronic licence on this device. Claim it here again.",
)
WALLET_COPIED = Sentence(
    Kind.CONFLICT,
    "此设备上的电子驾驶证疑被复制，两处均已冻结。请登录后结束此设备并重新申领，或联系车辆管理所。",
    "The electronic licence on this device seems to have been copied; both are frozen. "
    "Sign in, end this device and claim again, or contact the vehicle administration office.",
)
NO_LIVE_DEVICE = Sentence(
    Kind.CONFLICT,
    "没有有效的电子驾驶证，未做任何更改。",
    "There is no live electronic licence, and nothing was changed.",
)
