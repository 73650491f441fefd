"""The two pages that work without script: picking a made-up person, and a failed sign-in.

Templates hold `{{names}}`; every value is escaped, unless it is a page's part already.
"""

import html
import re
from collections.abc import Mapping
from importlib import resources

from jiazhao.errors import JiazhaoError

_NAME = re.compile(r"\{\{(\w+)\}\}")

_FAILED = """<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>登录未完成 · Sign-in not completed</title>
    <link rel="icon" href="/assets/shared/mark.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/shared/base.css">
  </head>
  <body>
    <main class="stack" id="main">
      <h1>登录未完成 <span lang="en">Sign-in not completed</span></h1>
      <p role="alert">{{zh}} <span lang="en">{{en}}</span></p>
      <p>
        <a class="button button-primary" href="/sign-in?return=/">重新登录
          <span lang="en">Sign in again</span></a>
      </p>
      <p><a href="/">返回首页 <span lang="en">Back to the start page</span></a></p>
      <p class="soft small">编号 <span lang="en">Reference</span> {{trace}}</p>
    </main>
  </body>
</html>
"""


class Markup(str):
    """Text that is HTML already; everything else is escaped."""

    __slots__ = ()


def fill(template: str, values: Mapping[str, str]) -> Markup:
    """The template with its names replaced; a name without a value is a programming error."""

    def value(match: re.Match[str]) -> str:
        text = values[match.group(1)]
        return text if isinstance(text, Markup) else html.escape(text, quote=True)

    return Markup(_NAME.sub(value, template))


def template(name: str) -> str:
    """A template of `web/identity/`, without its comments."""
    text = (resources.files("jiazhao") / "web" / "identity" / name).read_text("utf-8")
    return re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)


def sign_in_failed(error: JiazhaoError, trace: str) -> Markup:
    """The page after a sign-in that did not succeed: what happened, and a way to try again.

    It repeats nothing of the request.
    """
    return fill(_FAILED, {"zh": error.zh, "en": error.en, "trace": trace})
