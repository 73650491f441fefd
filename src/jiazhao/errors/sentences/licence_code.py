"""A licence code: why a step did not pass, with a network or without."""

from jiazhao.errors.kinds import Kind, Sentence

CODE_EXPIRED = Sentence(
    Kind.REFUSED,
    "二维码已过期。请让驾驶人出示新的二维码。",
    "This code has expired. Ask the driver to show the new one.",
)
CODE_FROM_THE_FUTURE = Sentence(
    Kind.REFUSED,
    "二维码的时间晚于当前时间。请核对手机和终端的时间。",
    "The code's time lies ahead. Compare the clocks of the phone and the terminal.",
)
CODE_USED = Sentence(
    Kind.CONFLICT,
    "此码已被使用过一次。请让驾驶人重新出示。",
    "This code was already used. Ask the driver to present again.",
)
NO_DAY_KEY = Sentence(
    Kind.REFUSED,
    "本机没有此码当日的密钥，无法读取。请联网开始新的班次，或使用人工查询。这不代表证件无效。",
    "This device has no key for the day of this code, so it cannot be read. Go online and open a new shift, "
    "or use the manual look-up. This does not mean the licence is invalid.",
)
KEY_OF_ANOTHER_DAY = Sentence(
    Kind.REFUSED,
    "此码所用的密钥与其时间不是同一天，无法确认。请让驾驶人联网后重新出示。",
    "The key and the time of this code are of different days, so nothing can be confirmed. "
    "Ask the driver to go online and present again.",
)
CODE_PART_LAPSED = Sentence(
    Kind.REFUSED,
    "此码中签发机关的数据已过有效期（{until}），无法确认现在的状态。这不代表证件无效。",
    "What the issuer signed for this code has lapsed ({until}), so the present state is not known. "
    "This does not mean the licence is invalid.",
)
CODE_PART_FROM_THE_FUTURE = Sentence(
    Kind.REFUSED,
    "签发时间晚于本机时间。请核对本机的时间。",
    "The issuer signed at a time that lies ahead of this device's clock. Check the clock of this device.",
)
LICENCE_EXPIRED = Sentence(
    Kind.REFUSED,
    "驾驶证有效期已于 {until} 届满。",
    "The licence expired: its last day was {until}.",
)
CHALLENGE_MISSING = Sentence(
    Kind.REFUSED,
    "此码中没有终端显示的四位数字。请让驾驶人输入后重新出示。",
    "This code does not have the four digits that the terminal shows. "
    "Ask the driver to type them and present again.",
)
CHALLENGE_WRONG = Sentence(
    Kind.REFUSED,
    "此码中的四位数字与终端显示的不同。请让驾驶人重新输入并出示。",
    "The four digits in this code are not those that the terminal shows. "
    "Ask the driver to type them again and to present again.",
)
CHALLENGE_NEEDED = Sentence(
    Kind.REFUSED,
    "驾驶人的手机较久没有联网，须核对四位数字。请让驾驶人输入终端显示的数字后重新出示。",
    "The driver's phone was long without a network, so four digits are needed. "
    "Ask the driver to type the digits that the terminal shows and to present again.",
)
BEACON_WRONG = Sentence(
    Kind.REFUSED,
    "此码中的时间信标与本机所知不符，无法确认。请让驾驶人联网后重新出示。",
    "The time beacon in this code does not fit what this device knows, so nothing can be confirmed. "
    "Ask the driver to go online and present again.",
)
BACKUP_CODE_ENDED = Sentence(
    Kind.REFUSED,
    "此打印备用码已作废：已到期，或驾驶人已换领、作废。",
    "This printed backup code has ended: it lapsed, or the driver replaced or voided it.",
)
COMPARE_FACE = Sentence(
    Kind.REFUSED,
    "这是打印的备用码。请将照片与本人核对并确认。",
    "This is a printed backup code. Compare the photo with the person and confirm.",
)
FACE_DIFFERS = Sentence(
    Kind.REFUSED,
    "查验人确认照片与本人不符，无法确认是本人的证件。请核查本人身份。",
    "The officer found that the photo is not of this person, so it is not shown whose licence this is. "
    "Check the person's identity.",
)
NO_FACE_IN_CODE = Sentence(
    Kind.REFUSED,
    "此备用码中没有照片，离线时无法核对本人。请联网后重试，或使用人工查询。",
    "This backup code holds no photo, so without a network the person cannot be compared. "
    "Go online and retry, or use the manual look-up.",
)
CODE_STATUS_SAYS_NO = Sentence(
    Kind.REFUSED,
    "签发机关签署的状态显示：不得凭此证驾驶。",
    "By the state that the issuer signed, this licence must not be driven on.",
)
STATUS_MUST_NOT_DRIVE = Sentence(
    Kind.REFUSED,
    "全国状态数据显示：不得凭此证驾驶。",
    "The country's status data say that this licence must not be driven on.",
)
SNAPSHOT_TOO_OLD = Sentence(
    Kind.UNAVAILABLE,
    "本机的全国状态数据截至 {as_of}，已超过允许的时限，无法确认现在的状态。请联网更新。",
    "The country's status data on this device are as of {as_of}, older than is allowed, "
    "so the present state is not known. Go online to update them.",
)
SNAPSHOT_AHEAD = Sentence(
    Kind.UNAVAILABLE,
    "全国状态数据的时间（{as_of}）晚于本机时间。请核对本机的时间。",
    "The country's status data are of a time ({as_of}) that lies ahead of this device's clock. "
    "Check the clock of this device.",
)
SHIFT_NOT_OPEN = Sentence(
    Kind.REFUSED,
    "此班次的有效时间为 {since} 至 {until}，现在不在其内，不能据此查验。请核对本机时间，或联网开始新的班次。",
    "This shift holds from {since} to {until}, which is not now, so nothing can be checked by it. "
    "Check the clock of this device, or go online and open a new shift.",
)
