"""A presented credential: why a step did not pass."""

from jiazhao.errors.kinds import Kind, Sentence

UNKNOWN_FORMAT = Sentence(
    Kind.REFUSED,
    "不是可识别的电子驾驶证数据（{what}：{reason}）。这不代表证件无效。",
    "This is not licence data that can be read ({what}: {reason}). "
    "This does not mean the licence is invalid.",
)
UNKNOWN_ISSUER = Sentence(
    Kind.REFUSED,
    "签发机关不在信任名单中，无法确认。",
    "The issuer is not on the trust list, so nothing can be confirmed.",
)
BAD_SIGNER_CERTIFICATE = Sentence(
    Kind.REFUSED,
    "签发证书不符合规定（{reason}），无法确认。",
    "The signer's certificate does not fit its profile ({reason}), so nothing can be confirmed.",
)
SIGNER_OUTSIDE_VALIDITY = Sentence(
    Kind.REFUSED,
    "签发证书不在有效期内，无法确认。",
    "The signer's certificate is outside its validity, so nothing can be confirmed.",
)
SIGNER_COMPROMISED = Sentence(
    Kind.REFUSED,
    "签发密钥已被公告失密，不能视为有效证件。",
    "The signing key is listed as compromised. Do not accept.",
)
SIGNATURE_MISMATCH = Sentence(
    Kind.REFUSED,
    "数据签名不符，不能视为有效证件。请核查本人身份。",
    "The signature does not match. Do not accept. Check the person's identity.",
)
DIGEST_MISMATCH = Sentence(
    Kind.REFUSED,
    "数据内容与签发时不一致，不能视为有效证件。请核查本人身份。",
    "The data differ from what was issued. Do not accept. Check the person's identity.",
)
ISSUER_DATA_MISMATCH = Sentence(
    Kind.REFUSED,
    "数据各部分不属于同一份证件（{reason}），无法确认。",
    "The parts do not belong to one licence ({reason}), so nothing can be confirmed.",
)
NOTHING_DISCLOSED = Sentence(
    Kind.REFUSED,
    "没有出示任何内容，无法确认。请让对方重新出示。",
    "Nothing was disclosed, so nothing can be confirmed. Ask for it to be presented again.",
)
NOT_YET_VALID = Sentence(
    Kind.REFUSED,
    "电子驾驶证尚未生效（自 {since} 起有效）。",
    "The electronic licence is not valid yet (valid from {since}).",
)
LAPSED = Sentence(
    Kind.REFUSED,
    "电子驾驶证副本已过有效期（{until}）。",
    "This copy of the electronic licence has lapsed ({until}).",
)
HOLDER_NOT_SHOWN = Sentence(
    Kind.REFUSED,
    "数据中没有持证人设备的签名，无法确认是本人出示。",
    "The holder's device did not sign, so it is not shown who presents this.",
)
NO_CODE_IN_IMAGE = Sentence(
    Kind.INVALID,
    "图片中没有找到唯一清晰的二维码。请上传 PNG 或 JPEG 图片，只包含一个二维码。",
    "No single clear QR code was found. Use a PNG or JPEG picture with one code in it.",
)
INSTANCE_ENDED = Sentence(
    Kind.REFUSED,
    "此设备上的电子驾驶证已失效：已在另一设备上重新领取。",
    "The electronic licence on this device has ended: it was claimed again on another device.",
)
INSTANCE_FROZEN = Sentence(
    Kind.REFUSED,
    "此设备上的电子驾驶证已冻结，解除冻结前不能使用。",
    "The electronic licence on this device is frozen and cannot be used until it is released.",
)
REGISTER_TOO_OLD = Sentence(
    Kind.UNAVAILABLE,
    "登记数据截至 {as_of}，已超过允许的时限，因此无法确认驾驶证现在的状态。",
    "The register here is as of {as_of}, older than is allowed, so the licence's present state is not known.",
)
REGISTER_RESTORED = Sentence(
    Kind.UNAVAILABLE,
    "系统已从 {as_of} 的备份恢复，其后的变更尚未补录，因此无法确认驾驶证现在的状态，也不签发。",
    "The system was restored from a backup of {as_of}; what changed since is not recorded again yet, so the licence's present state is not known and nothing is issued.",
)
REGISTER_SAYS_NO = Sentence(
    Kind.REFUSED,
    "登记系统显示：现在不得凭此证驾驶。",
    "The register says: this licence must not be driven on now.",
)
SHORT_CODE_UNKNOWN = Sentence(
    Kind.REFUSED,
    "短码已失效或输入有误。请让驾驶人重新生成。",
    "The short code has lapsed or was mistyped. Ask the driver for a new one.",
)
HOLDER_SIGNATURE_MISMATCH = Sentence(
    Kind.REFUSED,
    "持证人设备的签名与本次查验不符，不能视为有效证件。请核查本人身份。",
    "The holder's signature does not fit this check. Do not accept. Check the person's identity.",
)
ANSWER_TO_ANOTHER_REQUEST = Sentence(
    Kind.REFUSED,
    "持证人设备签名的不是本次请求（{reason}），无法确认。请重新发出请求。",
    "The holder's device signed for another request ({reason}), so nothing can be confirmed. Ask again.",
)
STATUS_UNDETERMINED = Sentence(
    Kind.REFUSED,
    "暂时无法确认状态。这不代表证件无效。",
    "The status cannot be confirmed now. This does not mean the licence is invalid.",
)
STATUS_ENDED = Sentence(
    Kind.REFUSED,
    "该电子驾驶证副本已失效。",
    "This copy of the electronic licence has ended.",
)
STATUS_SUSPENDED = Sentence(
    Kind.REFUSED,
    "驾驶证处于扣留或者暂扣状态。",
    "The licence is detained or suspended.",
)
ANSWER_DIFFERS_FROM_REQUEST = Sentence(
    Kind.REFUSED,
    "收到的内容不是所请求的（{reason}），无法确认。",
    "What was received is not what was asked for ({reason}), so nothing can be confirmed.",
)
UNKNOWN_DEVICE_KEY = Sentence(
    Kind.REFUSED,
    "没有与此二维码对应的已领取电子驾驶证。",
    "No claimed electronic licence belongs to this code.",
)
NOT_CHECKED = Sentence(
    Kind.REFUSED,
    "有必查步骤未执行，无法确认。",
    "A step that this check demands was not taken, so nothing can be confirmed.",
)
