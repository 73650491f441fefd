"""Objections and reports of the holder."""

from jiazhao.errors.kinds import Kind, Sentence

OBJECTION_SUBJECT_UNKNOWN = Sentence(
    Kind.NOT_FOUND,
    "没有这条通知或查询记录，可能已被更正。请刷新后重试。",
    "There is no such notice or access record; it may have been corrected. Refresh and retry.",
)
OBJECTION_WAITING = Sentence(
    Kind.CONFLICT,
    "您对此已提出异议，正在等待答复。",
    "You have objected to this already; the answer is awaited.",
)
TOO_MANY_WAITING = Sentence(
    Kind.CONFLICT,
    "您有 {limit} 条待处理的内容，请等待答复后再提交。",
    "{limit} of yours are waiting. Wait for an answer before you send more.",
)
OBJECTION_UNKNOWN = Sentence(Kind.NOT_FOUND, "没有这条异议。", "There is no such objection.")
OBJECTION_OVER = Sentence(
    Kind.CONFLICT,
    "这条异议已有答复，未做任何更改。",
    "This objection has been answered already. Nothing was changed.",
)
OBJECTION_IS_OWN = Sentence(
    Kind.FORBIDDEN,
    "不能处理本人提出的异议，或针对本人查询的异议。请由其他工作人员办理。",
    "Nobody decides on an objection of their own, or on one against their own look. Leave it to "
    "someone else.",
)
