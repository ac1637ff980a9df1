"""Posters of our own: texts, layouts, and what cameras, printers and phones do to them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

FONTS = Path("/usr/share/fonts/opentype/noto")
FACES = ("NotoSansCJK-Regular", "NotoSansCJK-Bold", "NotoSerifCJK-Regular", "NotoSerifCJK-Bold")
SIMPLIFIED = 2  # the number of the simplified Chinese face in the collection
WIDTH, MARGIN = 860, 50
HEADS = (
    "青禾颐养园养老公寓预订", "云岭古茶山合伙人招募", "清浦老街改造工程公告", "桂溪镇春季招聘会",
    "岭南沉香基地认养计划", "星沙新能源车桩托管", "石桥村农副产品展销", "蓝湾社区健康讲座",
)  # fmt: skip
SENTENCES = (
    "本公司面向社会公开招募合伙人，一万元起投，月息两分，到期还本付息。",
    "保本保息，本金绝对安全，名额有限，先到先得，额满即止。",
    "推荐亲友加入另有百分之五的奖励，签约当天返现，绝不拖欠。",
    "每认养一棵沉香树，每年分红一千八百元，五年后公司溢价回购。",
    "投资一台充电桩只需9800元，每天收益36元，合同期三年。",
    "施工期间请过往车辆绕行北环路，给您带来不便敬请谅解。",
    "凭身份证到居委会登记即可免费领取鸡蛋十枚，数量有限。",
    "讲座由县医院主任医师主讲，内容包括高血压的预防和日常护理。",
    "招聘缝纫工二十名，月薪5000至7000元，包吃住，购买五险。",
    "会员充值满三千元送等额消费券，积分可兑换米面粮油。",
)
ITEMS = (
    "年化收益18%", "国企担保", "随进随出", "三餐配送", "医护上门", "免费体检", "七天无理由",
    "地址：清浦路88号", "电话：19900001234", "微信：qinghe_6688", "时间：11月28日上午9点", "限前100名",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Poster:
    """A picture, the lines that stand on it, and the sentences that were broken into several."""

    kind: str
    picture: Image.Image
    lines: tuple[str, ...]
    sentences: tuple[str, ...] = ()

    def encoded(self, kind: str = "PNG", **options: int) -> bytes:
        """The picture's bytes."""
        out = BytesIO()
        self.picture.save(out, kind, **options)
        return out.getvalue()


@cache
def font(face: str, points: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"{face}.ttc"), points, index=SIMPLIFIED)


def posters(seed: int, count: int) -> list[Poster]:
    """Each kind of poster in turn."""
    rng = random.Random(seed)
    kinds = [*LOOKS, "vertical"]
    made = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        drawn = _upright(rng) if kind == "vertical" else _sheet(rng, dark=kind == "dark")
        look = LOOKS.get(kind)
        picture = look(drawn.picture, rng) if look else drawn.picture
        made.append(Poster(kind, picture, drawn.lines, drawn.sentences))
    return made


def _sheet(rng: random.Random, *, dark: bool) -> Poster:
    """A heading, wrapped sentences, and a list in large letters."""
    face = rng.choice(FACES)
    ground, ink = (
        ("#14243a", "#f4e9c8") if dark else (rng.choice(("#ffffff", "#fff3df")), "#222222")
    )
    picture = Image.new("RGB", (WIDTH, 1_160), ground)
    pen = ImageDraw.Draw(picture)
    head, sentences = rng.choice(HEADS), rng.sample(SENTENCES, 3)
    pen.text((MARGIN, 50), head, font=font(face, 60), fill=ink if dark else "#b01818")
    top, lines = 190, [head]
    for sentence in sentences:
        for line in _wrapped(sentence, 22):
            pen.text((MARGIN, top), line, font=font(face, 34), fill=ink)
            lines.append(line)
            top += 50
        top += 40
    for item in rng.sample(ITEMS, 5):
        pen.text((MARGIN, top), item, font=font(face, 42), fill=ink)
        lines.append(item)
        top += 78
    return Poster("", picture, tuple(lines), tuple(sentences))


def _wrapped(sentence: str, width: int) -> list[str]:
    """Lines of a width, wherever that breaks words; no mark of punctuation begins one."""
    lines = []
    while sentence:
        cut = width + (len(sentence) > width and sentence[width] in "，。")
        lines.append(sentence[:cut])
        sentence = sentence[cut:]
    return lines


def _upright(rng: random.Random) -> Poster:
    """Columns of characters from the right to the left, as on shop signs."""
    face = rng.choice(FACES)
    picture = Image.new("RGB", (WIDTH, 1_000), "#fbf6ea")
    pen = ImageDraw.Draw(picture)
    lines = (rng.choice(HEADS), *rng.sample([one for one in SENTENCES if len(one) < 40], 2))
    columns = [part for line in lines for part in _wrapped(line, 14)]
    for number, column in enumerate(columns[:7]):
        for row, char in enumerate(column):
            at = (WIDTH - 130 - 105 * number, 60 + 56 * row)
            pen.text(at, char, font=font(face, 48), fill="#222222")
    return Poster("", picture, tuple(columns[:7]))


def perspective(picture: Image.Image, rng: random.Random) -> Image.Image:
    """The picture as a camera beside it sees it."""
    wide, high = picture.size
    lean = [rng.uniform(0.02, 0.09) for _ in range(4)]
    source = (
        (-lean[0] * wide, -lean[1] * high), (-lean[2] * wide, high * (1 + lean[0])),
        (wide * (1 + lean[3]), high * (1 + lean[2])), (wide * (1 + lean[1]), -lean[3] * high),
    )  # fmt: skip
    corners = ((0, 0), (0, high), (wide, high), (wide, 0))
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    matrix = np.linalg.solve(np.array(rows, dtype=float), np.array(values, dtype=float))
    return picture.transform(
        picture.size, Image.Transform.PERSPECTIVE, matrix.tolist(), Image.Resampling.BICUBIC,
        fillcolor="#777777",
    )  # fmt: skip


def noise(picture: Image.Image, rng: random.Random, sigma: float = 22) -> Image.Image:
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, sigma, (*picture.size[::-1], 3))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


def compressed(picture: Image.Image, quality: int) -> Image.Image:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def smaller(picture: Image.Image, share: float) -> Image.Image:
    size = (int(picture.width * share), int(picture.height * share))
    return picture.resize(size, Image.Resampling.BICUBIC)


def shaded(picture: Image.Image) -> Image.Image:
    """Light that falls from one corner."""
    wide, high = picture.size
    light = np.add.outer(np.linspace(1, 0.55, high), np.linspace(0, -0.2, wide))[:, :, None]
    return Image.fromarray((np.asarray(picture) * light).astype(np.uint8))


def _turned(picture: Image.Image, rng: random.Random) -> Image.Image:
    angle = rng.choice((-15, -9, -4, 4, 9, 15))
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="#777777")


def _watermarked(picture: Image.Image, rng: random.Random) -> Image.Image:
    mark = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(mark)
    for row in range(5):
        at = (rng.randrange(300), 120 + 230 * row)
        pen.text(at, "清浦生活网", font=font(FACES[1], 64), fill=(120, 120, 120, 60))
    return Image.alpha_composite(picture.convert("RGBA"), mark.rotate(20)).convert("RGB")


LOOKS: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "plain": lambda picture, _: picture,
    "dark": lambda picture, _: picture,
    "turned": _turned,
    "perspective": perspective,
    "low resolution": lambda picture, _: smaller(picture, 0.45),
    "jpeg": lambda picture, _: compressed(picture, 18),
    "noise": noise,
    "blur": lambda picture, _: picture.filter(ImageFilter.GaussianBlur(2)),
    "shaded": lambda picture, _: shaded(picture),
    "faint": lambda picture, _: ImageEnhance.Contrast(picture).enhance(0.35),
    "watermark": _watermarked,
}

CODE_LOOKS: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    **{name: LOOKS[name] for name in ("plain", "turned", "perspective", "jpeg", "noise", "blur",
                                      "shaded", "faint", "watermark")},
    "inverted": lambda picture, _: ImageOps.invert(picture),
    "sideways": lambda picture, _: picture.transpose(Image.Transpose.ROTATE_90),
    "small": lambda picture, _: smaller(picture, 0.4),
    "mirrored": lambda picture, _: ImageOps.mirror(picture),
    "heavy jpeg": lambda picture, _: compressed(picture, 6),
    "heavy blur": lambda picture, _: picture.filter(ImageFilter.GaussianBlur(3.2)),
}  # fmt: skip
