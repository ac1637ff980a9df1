"""Reading posters of our own: characters, sentences and codes that come back, and the time it takes.

Characters: one less the edits between each line and the best part of what was read. Sentences: those
broken into lines by the poster that come back as one segment. Speed: pictures a core-second against
the bare engine with the same models and settings. `--table` prints each kind.
"""

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from benchmarks.posters import CODE_LOOKS, HEADS, WIDTH, Poster, font, posters
from pipelines.pictures.codes import codes_of
from pipelines.pictures.engine import engine
from pipelines.pictures.read import read_picture, warm_up
from pipelines.pictures.segments import picture_segments

SEED = 20261130
CODE_SIDE = 190


def edits(line: str, read: str) -> int:
    """The fewest edits that make `line` of any part of `read`."""
    before = np.zeros(len(read) + 1, dtype=np.int32)
    steps = np.arange(len(read) + 1, dtype=np.int32)
    letters = np.array(list(read))
    for number, letter in enumerate(line, 1):
        now = np.minimum(before + 1, np.concatenate(([number], before[:-1] + (letters != letter))))
        before = np.minimum.accumulate(now - steps) + steps
    return int(min(before.min(), len(line)))


def spoken(text: str) -> str:
    return "".join(text.split())


def texts_of(data: bytes) -> list[str]:
    return [spoken(one.text) for one in picture_segments(read_picture(data), "0" * 64)]


def measure_text(made: list[Poster], *, table: bool) -> dict[str, float]:
    chars: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    joined = [0, 0]
    for poster in made:
        found = texts_of(poster.encoded())
        whole = "".join(found)
        for line in poster.lines:
            chars[poster.kind][0] += edits(spoken(line), whole)
            chars[poster.kind][1] += len(spoken(line))
        joined[0] += sum(min(edits(one, text) for text in found) <= 2 for one in poster.sentences)
        joined[1] += len(poster.sentences)
    if table:
        for kind, (wrong, count) in chars.items():
            print(f"{kind:16} characters {1 - wrong / count:.4f}")
    wrong, count = (sum(one[at] for one in chars.values()) for at in (0, 1))
    return {
        "picture_chars": 1 - wrong / count,
        "picture_sentences": joined[0] / joined[1],
    }


def coded(rng: random.Random, number: int) -> tuple[Image.Image, str]:
    """A sheet with a code that leads somewhere."""
    text = f"https://www.example.cn/join/{rng.randrange(10**6):06}?by={number}"
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    drawn = Image.fromarray(np.asarray(code.to_image(scale=8))).convert("RGB")
    drawn = drawn.resize((CODE_SIDE, CODE_SIDE), Image.Resampling.NEAREST)
    sheet = Image.new("RGB", (WIDTH, 620), "#ffffff")
    sheet.paste(drawn, (rng.randrange(60, 560), rng.randrange(140, 380)))
    pen = ImageDraw.Draw(sheet)
    pen.text((60, 40), rng.choice(HEADS), font=font("NotoSansCJK-Bold", 44), fill="#222222")
    return sheet, text


def measure_codes(each: int, *, table: bool) -> dict[str, float]:
    rng = random.Random(SEED)
    right = dict.fromkeys(CODE_LOOKS, 0)
    for kind, look in CODE_LOOKS.items():
        for number in range(each):
            sheet, text = coded(rng, number)
            found = codes_of(np.asarray(look(sheet, rng)))
            right[kind] += [code.text for code in found] == [text]
    if table:
        for kind, count in right.items():
            print(f"{kind:16} codes {count / each:.2f}")
    return {"picture_codes": sum(right.values()) / (each * len(right))}


def measure_speed(made: list[Poster], rounds: int) -> dict[str, float]:
    pictures = [poster.encoded() for poster in made]
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(seconds(engine(), pictures))
        ours.append(seconds(read_picture, pictures))
    per_second = len(pictures) / min(ours)
    print(
        f"{per_second:.2f} pictures a core-second, the engine alone {len(pictures) / min(bare):.2f}"
    )
    return {"picture_speed_ratio": min(bare) / min(ours)}


def seconds(read: Callable[[bytes], object], pictures: Iterable[bytes]) -> float:
    begun = time.process_time()
    for picture in pictures:
        read(picture)
    return time.process_time() - begun


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posters", type=int, default=72)
    parser.add_argument("--codes", type=int, default=20, help="of each kind")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    warm_up()
    made = posters(SEED, options.posters)
    figures = {
        **measure_text(made, table=options.table),
        **measure_codes(options.codes, table=options.table),
        **measure_speed(made[:12], options.rounds),
    }
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
