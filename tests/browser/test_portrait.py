"""Chromium decodes the portraits of licence codes to the pixels that our own decoder sees."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from jiazhao.photo.code_portrait import HEIGHT, WIDTH

VECTORS = sorted((Path(__file__).parents[2] / "vectors" / "portrait").glob("*.json"))

DECODE = """async (avif) => {
  const picture = await createImageBitmap(new Blob([new Uint8Array(avif)], { type: "image/avif" }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, picture.width, picture.height);
  return { width, height, red: Array.from(data).filter((_, at) => at % 4 === 0) };
}"""


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_rebuilt_portrait_is_the_same_picture_there(browser: Browser, path: Path) -> None:
    avif = bytes.fromhex(json.loads(path.read_text())["avif"])
    page = browser.new_context().new_page()
    seen = page.evaluate(DECODE, list(avif))
    assert (seen["width"], seen["height"]) == (WIDTH, HEIGHT)
    with Image.open(io.BytesIO(avif), formats=["AVIF"]) as image:
        ours = image.convert("L").tobytes()
    assert max(abs(a - b) for a, b in zip(seen["red"], ours, strict=True)) <= 1
