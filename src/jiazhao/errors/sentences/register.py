"""The record of law: what it holds, what was fed to it, and the rules that it is read by."""

from jiazhao.errors.kinds import Kind, Sentence

NO_LICENCE = Sentence(
    Kind.NOT_FOUND,
    "登记系统中没有相应的机动车驾驶证。请核对后重试。",
    "The register holds no such driving licence. Check the entry and retry.",
)
HOLDER_KNOWN = Sentence(
    Kind.CONFLICT,
    "登记系统中已有该持证人，且内容不同。请用变更记录更正，不要重复导入。",
    "The register has this holder already, with other content. Record a change instead of importing again.",
)
IDENTIFIER_TAKEN = Sentence(
    Kind.CONFLICT,
    "该号码（{kind}）已属于另一持证人。请核对来源数据。",
    "This number ({kind}) belongs to another holder already. Check the source data.",
)
NO_PHOTO = Sentence(
    Kind.NOT_FOUND,
    "登记系统中没有照片。请到车辆管理所采集照片。",
    "There is no photo on file. Have one taken at a vehicle administration office.",
)
SEALED_UNREADABLE = Sentence(
    Kind.UNAVAILABLE,
    "登记中的个人信息无法解密，未做任何更改。请联系系统管理员检查密钥。",
    "Personal data of this record cannot be decrypted; nothing was changed. Ask the operator to check the key.",
)
PERSON_ERASED = Sentence(
    Kind.REFUSED,
    "此人的个人信息已依法删除，不能再读取，也不再受理变更。",
    "The personal data of this person were erased by law: they can be read no more, and no change is taken.",
)
IMPORT_LINE = Sentence(
    Kind.INVALID,
    "第 {line} 行，字段 {field}：{reason}。此行未导入，其他行不受影响。",
    "Line {line}, field {field}: {reason}. This line was not imported; the others were.",
)
ENCODING_UNCLEAR = Sentence(
    Kind.INVALID,
    "无法确定文件编码：第 {line} 行与其他行不一致，或两种编码都能读。未导入任何内容，请用 --encoding 指明。",
    "The file's encoding is unclear: line {line} fits another one than the rest, or fits both. "
    "Nothing was imported; name it with --encoding.",
)
CHANGES_MISSING = Sentence(
    Kind.CONFLICT,
    "缺少第 {expected} 号变更文件：现有第 {found} 号，它及其后的文件未应用。请补齐后重试。",
    "Change file {expected} is missing: {found} is here, and neither it nor what follows was applied. "
    "Bring the missing one and repeat.",
)
CHANGES_REPEATED = Sentence(
    Kind.CONFLICT,
    "第 {number} 号变更文件已经应用过，未再应用。",
    "Change file {number} was applied before and was not applied again.",
)
CHANGES_DISORDERED = Sentence(
    Kind.CONFLICT,
    "第 {number} 号变更文件排在第 {after} 号之后；已按编号顺序处理。",
    "Change file {number} stands after {after}; they were taken in the order of their numbers.",
)
CHANGES_CONFLICT = Sentence(
    Kind.CONFLICT,
    "第 {number} 号变更文件与先前应用的同号文件内容不同，未应用。请向来源登记系统核实。",
    "Change file {number} differs from the one of that number that was applied before, and was not applied. "
    "Ask the register that it came from.",
)
CHANGES_REFUSED = Sentence(
    Kind.INVALID,
    "第 {number} 号变更文件有 {count} 行被拒绝，其后的文件未应用。请更正该文件后重试。",
    "Of change file {number}, {count} rows were refused, and no later file was applied. "
    "Correct that file and repeat.",
)
CHANGES_OUT_OF_TIME = Sentence(
    Kind.INVALID,
    "第 {number} 号变更文件的 as_of 早于前一文件或晚于当前时间，未应用。",
    "The as_of of change file {number} lies before the file before it, or in the future; it was not applied.",
)
FOLLOWS_ANOTHER = Sentence(
    Kind.CONFLICT,
    "本登记系统跟随的是 {followed}，其他来源的变更文件未应用。",
    "This register follows {followed}; change files of another source were not applied.",
)
NO_RULES_FOR_DAY = Sentence(
    Kind.INVALID,
    "系统没有 {day} 当日适用的规则（规则自 2013-01-01 起）。请更正日期。",
    "There are no rules for {day}; they begin on 2013-01-01. Correct the date.",
)
UNKNOWN_LOOKUP_REASON = Sentence(
    Kind.INVALID,
    "所填查询理由不在允许的范围内。请从列表中选择。",
    "That is not a reason for a look-up. Choose one from the list.",
)
