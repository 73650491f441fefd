"""A request that cannot be taken, and octets or text that cannot be read."""

from jiazhao.errors.kinds import Kind, Sentence

BAD_REQUEST = Sentence(
    Kind.INVALID,
    "请求格式不正确：{field}。请更正后重试。",
    "The request is malformed: {field}. Correct it and retry.",
)
BODY_TOO_LARGE = Sentence(
    Kind.TOO_LARGE,
    "内容超过 {limit} 字节的上限。",
    "The content exceeds the limit of {limit} bytes.",
)
NOT_FOUND = Sentence(Kind.NOT_FOUND, "没有找到该内容。", "There is nothing here.")
METHOD_NOT_ALLOWED = Sentence(
    Kind.METHOD_NOT_ALLOWED, "此地址不支持该操作。", "This address does not take that method."
)
UNSUPPORTED_MEDIA_TYPE = Sentence(
    Kind.UNSUPPORTED,
    "此处只接受 {accepted} 格式的内容。",
    "Only content of type {accepted} is taken here.",
)
ADDRESS_TOO_LONG = Sentence(
    Kind.ADDRESS_TOO_LONG,
    "网址超过 {limit} 字节的上限。",
    "The address exceeds the limit of {limit} bytes.",
)
REQUEST_TOO_SLOW = Sentence(
    Kind.TOO_SLOW,
    "内容未能及时收到，未做任何更改。请检查网络后重试。",
    "The content did not arrive in time, and nothing was changed. Check the connection and retry.",
)
TOO_MANY_REQUESTS = Sentence(
    Kind.TOO_MANY,
    "请求过于频繁，请在 {seconds} 秒后重试。",
    "Too many requests. Retry in {seconds} seconds.",
)
SERVER_FAULT = Sentence(
    Kind.INTERNAL,
    "系统繁忙，未做任何更改。编号 {trace}。",
    "Nothing was changed. Reference {trace}.",
)
SERVICE_UNAVAILABLE = Sentence(
    Kind.UNAVAILABLE,
    "服务暂时不可用，请稍后重试。",
    "The service is not available now. Retry later.",
)
CROSS_ORIGIN = Sentence(
    Kind.FORBIDDEN,
    "请求来自其他网站，已拦截。请从本站页面重试。",
    "The request came from another site and was blocked. Retry from this site's own page.",
)
UNEXPECTED_ANSWER = Sentence(
    Kind.UNAVAILABLE,
    "{door} 的回答不符合预期：{answer}。",
    "{door} did not answer as expected: {answer}.",
)
UNREADABLE = Sentence(
    Kind.INVALID,
    "无法读取：{what}（{reason}）。",
    "This cannot be read: {what} ({reason}).",
)
UNWRITABLE = Sentence(
    Kind.INVALID,
    "无法写入：{what}（{reason}）。",
    "This cannot be written: {what} ({reason}).",
)
LIMIT_EXCEEDED = Sentence(
    Kind.TOO_LARGE,
    "超出限制：{what} 的上限是 {limit}。",
    "A limit was exceeded: {what} may be {limit} at most.",
)
INVALID_IDENTIFIER = Sentence(
    Kind.INVALID,
    "{what} 的格式或校验码不正确。请核对后重新输入。",
    "The {what} has a wrong form or check digit. Compare it with the document and enter it again.",
)
BAD_TOKEN = Sentence(
    Kind.INVALID,
    "签名数据不符合要求（{reason}）。",
    "The signed token is not acceptable ({reason}).",
)
