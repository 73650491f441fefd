"""Why a line of an import file was refused, in words for the operator in two languages."""

from enum import Enum
from typing import NamedTuple

from jiazhao.errors import ErrorCode, UnreadableError


class Words(NamedTuple):
    """One reason in Chinese and in English; it never quotes the value, which may name a person."""

    zh: str
    en: str


class Reason(Enum):
    """All reasons for which a line is refused; `docs/specs/register-import.md` lists the rules."""

    LINE_TOO_LONG = Words("一行超过 262144 字节", "the line is longer than 262144 bytes")
    NOT_UTF8 = Words("不是 UTF-8 编码", "it is not UTF-8")
    NOT_GB18030 = Words("不是 GB 18030 编码", "it is not GB 18030")
    NOT_CSV = Words("不是一行完整的 CSV", "it is not one whole row of CSV")
    WRONG_COLUMNS = Words("列数与表头不同", "it has not as many cells as the header")
    OF_ANOTHER_KIND = Words("此列不属于该行的类别", "this column does not belong to the row's kind")
    HOLDER_TOO_LARGE = Words(
        "一位持证人超过 4000 行或 1048576 字节",
        "one holder has more than 4000 rows or 1048576 bytes",
    )
    NOT_JSON = Words("不是完整的 JSON 对象", "it is not one whole JSON object")
    DUPLICATE_MEMBER = Words("同一成员出现两次", "a member occurs twice in one object")
    UNKNOWN_MEMBER = Words("格式中没有此成员", "the format has no such member")
    MISSING_MEMBER = Words("缺少此成员", "this member is missing")
    WRONG_TYPE = Words("类型不正确", "it has the wrong type")
    UNKNOWN_VALUE = Words("不在允许的取值之内", "it is not one of the allowed values")
    WRONG_LENGTH = Words("长度不在允许的范围内", "its length is outside the bounds")
    OUT_OF_RANGE = Words("数值不在允许的范围内", "the number is outside the bounds")
    WRONG_FORM = Words("书写格式不正确", "it does not have the form that the format demands")
    NOT_BASE64 = Words("不是 Base64 编码", "it is not base64")
    WRONG_CHECK = Words("格式或校验码不正确", "its form or check digit is wrong")
    NO_SUCH_DAY = Words("不是有效的日期或时间", "it is no valid date or time")
    DAY_OUT_OF_BOUNDS = Words("年份不在 1900 至 2199 之间", "its year is not within 1900 to 2199")
    DAYS_OUT_OF_ORDER = Words("早于它应当晚于的日期", "it lies before the day that it must follow")
    EMPTY_INTERVAL = Words("until 不晚于 from", "until is not after from")
    OVERLAP = Words("与同类的另一时间段重叠", "it overlaps another interval of the same subject")
    GAP = Words("与前一时间段之间有空缺", "there is a gap after the interval before it")
    ENDED = Words("最后一段必须没有结束时间", "the last interval must have no end")
    NONE_GIVEN = Words("至少需要一项", "at least one is needed")
    CONTROL_CHARACTER = Words(
        "含有控制字符、不可见字符或乱码", "it holds a control, invisible or replacement character"
    )
    OUTER_SPACE = Words("首尾有空格", "it begins or ends with a space")
    NOT_LATIN_1 = Words("含有 ISO 8859-1 以外的字符", "it holds a character outside ISO 8859-1")
    BIRTH_DATE_DIFFERS = Words(
        "与公民身份号码中的出生日期不一致", "it differs from the birth date in the citizen number"
    )
    NOT_JPEG = Words("不是可读的 JPEG", "it is not a readable JPEG")
    PHOTO_TOO_LARGE = Words("照片超过 102400 字节", "the photo is larger than 102400 bytes")
    PHOTO_SIZE = Words(
        "照片的宽或高（像素）不在允许的范围内",
        "the photo's width or height in pixels is out of bounds",
    )


class ImportLineError(UnreadableError):
    """A line that was refused. `values["reason"]` is English; `zh` carries the Chinese reason."""

    def __init__(self, number: int, field: str, reason: Reason) -> None:
        super().__init__(
            ErrorCode.IMPORT_LINE, line=str(number), field=field or "-", reason=reason.value.en
        )
        self.reason = reason

    @property
    def zh(self) -> str:
        """The Chinese sentence, with the reason in Chinese too."""
        return self.code.zh.format(**(self.values | {"reason": self.reason.value.zh}))


class UnfitError(Exception):
    """Inside the import parser only: `field` of the entry at hand does not fit, and why."""

    def __init__(self, field: str, reason: Reason) -> None:
        super().__init__(field)
        self.field, self.reason = field, reason
