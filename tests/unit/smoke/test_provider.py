"""Reading the page of the demonstration's identity provider."""

from jiazhao.http.browser import Reply
from jiazhao.smoke.provider import Listed, read_page

PAGE = """
<form method="post" action="/authorize">
  <input type="hidden" name="transaction" value="a&amp;b">
  <button type="submit" name="subject" value="sp-000001"><b>王样本</b> <i>驾驶人</i>
    <span lang="en">Driver</span></button>
  <button type="submit" name="subject" value="officer-li">李样本 Officer</button>
</form>
"""


def reply(body: str, *, status: int = 200, kind: str = "text/html; charset=utf-8") -> Reply:
    url = "http://localhost:8004/authorize?client_id=x"
    return Reply(status, {"content-type": kind}, body.encode(), url)


def test_the_form_and_its_people_are_read() -> None:
    page = read_page(reply(PAGE))

    assert page is not None
    assert page.action == "http://localhost:8004/authorize"
    assert page.hidden == {"transaction": "a&b"}
    assert page.people == (
        Listed("sp-000001", "王样本 驾驶人 Driver"),
        Listed("officer-li", "李样本 Officer"),
    )


def test_any_other_page_is_not_the_demonstrations() -> None:
    assert (
        read_page(reply("<form method='post' action='/login'><input name='user'></form>")) is None
    )
    assert read_page(reply(PAGE, status=403)) is None
    assert read_page(reply(PAGE, kind="application/json")) is None
    assert read_page(reply("")) is None
