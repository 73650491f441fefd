"""The page on which a driver agrees to a wallet; it works without script."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from jiazhao.errors import JiazhaoError
from jiazhao.identity.pages import Markup, fill
from jiazhao.issuance.authorization import AuthorizationRequest, own_name
from jiazhao.issuance.authorizing import Prospect
from jiazhao.rules.refusal import Refusal

_PAGE = """<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{{title_zh}} · {{title_en}}</title>
    <link rel="icon" href="/assets/shared/mark.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/shared/base.css">
  </head>
  <body>
    <main class="stack" id="main">
      <h1>{{title_zh}} <span lang="en">{{title_en}}</span></h1>
{{content}}
    </main>
  </body>
</html>
"""
_ASK = """      <p>{{mark}}请求方 <span lang="en">Asked by</span>:
        <strong>{{wallet}}</strong></p>
      <p>该钱包将得到您的电子驾驶证，含姓名、照片、证号和住址。仅当您刚刚在该钱包中自己发起时才同意。
        <span lang="en">That wallet will hold your electronic licence, with your name, portrait,
        licence number and address. Agree only if you started this yourself in that wallet just
        now.</span></p>
{{warning}}      <form class="stack" method="post" action="/agreements/{{reference}}">
{{buttons}}      </form>
"""
_ENDS = """      <div class="notice notice-warn" role="note"><p class="notice-body">
        <span>您另一设备上的电子驾驶证将失效。</span>
        <span lang="en">The electronic licence on your other device will end.</span></p></div>
"""
_AGREE = """        <button class="button button-primary" name="decision" value="agree">同意
          <span lang="en">Agree</span></button>
"""
_REFUSE = """        <button class="button" name="decision" value="refuse">不同意，返回钱包
          <span lang="en">Refuse and go back</span></button>
"""
_REFUSAL = """      <div class="notice notice-bad" role="alert"><p class="notice-body">
        <span>{{zh}} {{todo_zh}}</span>
        <span lang="en">{{en}} {{todo_en}}</span>
        <span class="soft small">{{source}}</span></p></div>
"""
_FAILED = """      <div class="notice notice-bad" role="alert"><p class="notice-body">
        <span>{{zh}}</span> <span lang="en">{{en}}</span></p></div>
      <p><a href="/">返回首页 <span lang="en">Back to the start page</span></a></p>
      <p class="soft small">编号 <span lang="en">Reference</span> {{trace}}</p>
"""


def agreement(
    reference: str, asked: AuthorizationRequest, prospect: Prospect, *, specimen: bool
) -> Markup:
    """Who asks, what for, and the two answers; where the law says no, why, and the way back.

    The wallet is named by where the answer goes: what it says of itself proves nothing.
    """
    may_agree = not prospect.refusals
    warning = _ENDS if prospect.ends_another else ""
    return _page(
        ("领取到该钱包？", "Put your licence into this wallet?"),
        fill(
            _ASK,
            {
                "mark": "样本 SPECIMEN · " if specimen else "",
                "wallet": own_name(asked.redirect_uri) or "",
                "warning": Markup(_refusals(prospect.refusals) + warning),
                "reference": reference,
                "buttons": Markup((_AGREE if may_agree else "") + _REFUSE),
            },
        ),
    )


def failed(error: JiazhaoError, trace: str) -> Markup:
    """The page where nothing can be granted; it repeats nothing of the request."""
    values = {"zh": error.zh, "en": error.en, "trace": trace}
    return _page(("未授权", "Nothing was granted"), fill(_FAILED, values))


def form_target(redirect_uri: str) -> str:
    """What a form of the page may lead to, as a source of `form-action`."""
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"https", "http"}:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"


def _page(title: tuple[str, str], content: Markup) -> Markup:
    return fill(_PAGE, {"title_zh": title[0], "title_en": title[1], "content": content})


def _refusals(refusals: Sequence[Refusal]) -> str:
    return "".join(
        fill(
            _REFUSAL,
            {
                "zh": one.zh,
                "en": one.en,
                "todo_zh": one.todo_zh,
                "todo_en": one.todo_en,
                "source": str(one.source),
            },
        )
        for one in refusals
    )
