"""The pages in shades of grey: who sees no colours tells the same things apart."""

import io
from collections.abc import Mapping

from PIL import Image, ImageChops, ImageOps, ImageStat
from playwright.sync_api import Locator, Page

SIDE = 48
LEAST = 6.0
"""Mean difference of two pictures of 0 to 255; the nearest of ours are at twice that."""
GREY = "document.documentElement.style.filter = 'grayscale(1)'"

FAINT = """() => {
  const paper = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const grey = (colour) => {  // as the filter reckons, and then its luminance
    paper.clearRect(0, 0, 1, 1);
    paper.fillStyle = colour;
    paper.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = paper.getImageData(0, 0, 1, 1).data;
    const shade = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
    return {alpha, light: shade <= 0.04045 ? shade / 12.92 : ((shade + 0.055) / 1.055) ** 2.4};
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const {alpha, light} = grey(getComputedStyle(one).backgroundColor);
      if (alpha === 255) return light;
    }
    return 1;
  };
  const written = ({nodeType, textContent}) => nodeType === 3 && textContent.trim();
  return [...document.querySelectorAll("[class*=band-], [class*=tone-], .notice, .button")]
    .flatMap((place) => [place, ...place.querySelectorAll("*")])
    .filter((one) => one.checkVisibility() && !one.closest("[inert], [disabled], svg")
      && [...one.childNodes].some(written))
    .map((one) => {
      const [text, ground] = [grey(getComputedStyle(one).color).light, behind(one)];
      const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      return [ratio, one.textContent];
    })
    .filter(([ratio]) => ratio < 4.5)
    .map(([ratio, text]) => `${ratio.toFixed(2)} in grey: ${text}`);
}"""


def in_grey(page: Page) -> Page:
    """Take the colours off a page until it is loaded anew."""
    page.evaluate(GREY)
    return page


def faint_in_grey(page: Page) -> list[str]:
    """Return the words of statuses, verdicts, notices and buttons that are hard to read in grey."""
    found: list[str] = page.evaluate(FAINT)
    return found


def picture_of(sign: Locator) -> Image.Image:
    """Return how a sign looks in grey; what is dark beside what is light, whatever the shade."""
    shown = Image.open(io.BytesIO(sign.screenshot())).convert("L").resize((SIDE, SIDE))
    return ImageOps.autocontrast(shown)


def alike(pictures: Mapping[str, Image.Image]) -> list[str]:
    """Return the pairs that look the same."""
    names = sorted(pictures)
    return [
        f"{one} = {other}"
        for i, one in enumerate(names)
        for other in names[i + 1 :]
        if _difference(pictures[one], pictures[other]) < LEAST
    ]


def _difference(one: Image.Image, other: Image.Image) -> float:
    return ImageStat.Stat(ImageChops.difference(one, other)).mean[0]
