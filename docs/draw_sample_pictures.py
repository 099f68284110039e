"""Draw the sample newsroom's pictures: flat newspaper illustrations in a handful of inks, the same bytes on every run.

Needs Pillow, which digest itself does not: `python docs/draw_sample_pictures.py`.
"""

# ruff: noqa: D102, D103 - a drawing is a list of places and inks; its name says what it shows

import math
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = Path(__file__).parent.parent / "digest" / "sample" / "pictures"
WIDE, SQUARE = (1072, 560), (640, 640)  # pixels, twice the width at which an issue shows them
SMOOTH = 3  # drawn this many times larger and scaled down, so that edges are soft
COLOURS = 40  # of the palette: the inks, and the steps between them along the edges

MIST, HAZE, SLATE, STEEL, INK = "#c9d4da", "#90a4b1", "#56646f", "#3a4954", "#242f37"
SAGE, MOSS, PINE = "#b7c7c0", "#7f9a8c", "#4d6a5f"
SAND, PAPER, LAMP = "#dccfb8", "#efeae0", "#e9c46a"
BRICK, RUST, NAVY = "#8c2f28", "#a9594a", "#2f4a6b"


class Sheet:
    """A sheet of paper measured in the picture's own pixels."""

    def __init__(self, size: tuple[int, int], ground: str) -> None:
        self.size = size
        self.image = Image.new("RGB", (size[0] * SMOOTH, size[1] * SMOOTH), ground)
        self.pen = ImageDraw.Draw(self.image)

    def box(self, x: float, y: float, width: float, height: float, ink: str, corner: float = 0) -> None:
        edges = [x * SMOOTH, y * SMOOTH, (x + width) * SMOOTH - 1, (y + height) * SMOOTH - 1]
        self.pen.rounded_rectangle(edges, corner * SMOOTH, fill=ink)

    def shape(self, points: Iterable[tuple[float, float]], ink: str) -> None:
        self.pen.polygon([(x * SMOOTH, y * SMOOTH) for x, y in points], fill=ink)

    def line(self, points: Iterable[tuple[float, float]], ink: str, width: float) -> None:
        self.pen.line([(x * SMOOTH, y * SMOOTH) for x, y in points], fill=ink, width=round(width * SMOOTH), joint="curve")

    def disc(self, x: float, y: float, radius: float, ink: str, flat: float = 1) -> None:
        tall = radius * flat
        self.pen.ellipse([(x - radius) * SMOOTH, (y - tall) * SMOOTH, (x + radius) * SMOOTH, (y + tall) * SMOOTH], fill=ink)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, ink: str, width: float) -> None:
        edges = [(x - radius) * SMOOTH, (y - radius) * SMOOTH, (x + radius) * SMOOTH, (y + radius) * SMOOTH]
        self.pen.arc(edges, start, end, fill=ink, width=round(width * SMOOTH))

    def save(self, name: str) -> None:
        small = self.image.resize(self.size, Image.Resampling.LANCZOS)
        flat = small.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        flat.save(PICTURES / f"{name}.png", optimize=True)


def main() -> None:
    """Draw every picture anew."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for draw in ALL:
        draw().save(draw.__name__.replace("_", "-"))


def honor_guard() -> Sheet:
    sheet = Sheet(WIDE, MIST)
    sheet.shape([(0, 380), (240, 300), (420, 350), (660, 256), (860, 320), (1072, 268), (1072, 420), (0, 420)], HAZE)
    sheet.box(0, 412, 1072, 148, SLATE)
    sheet.box(0, 470, 1072, 90, STEEL)
    sheet.box(0, 462, 1072, 14, BRICK)
    for at in range(8):
        x = 180 + at * 102
        sheet.line([(x + 27, 248), (x + 27, 458)], INK, 5)
        sheet.shape([(x - 18, 336), (x + 18, 336), (x + 24, 460), (x - 24, 460)], INK)
        sheet.box(x - 21, 388, 42, 7, BRICK)
        sheet.disc(x, 314, 15, INK)
        sheet.box(x - 19, 299, 38, 7, INK, 3)
        sheet.box(x - 14, 290, 28, 12, BRICK, 4)
    return sheet


def conference_table() -> Sheet:
    sheet = Sheet(WIDE, PAPER)
    for stripe in range(7):
        sheet.box(150, 60 + stripe * 24, 300, 24, PAPER if stripe % 2 else BRICK)
    sheet.box(150, 60, 132, 96, NAVY)
    for row in range(4):
        for column in range(5):
            sheet.disc(166 + column * 25, 73 + row * 23, 4, PAPER)
    for band, ink in enumerate((PAPER, NAVY, BRICK)):
        sheet.box(622, 60 + band * 56, 300, 56, ink)
    sheet.line([(622, 61), (921, 61), (921, 116)], HAZE, 2)
    for x in (140, 922):
        sheet.box(x, 40, 10, 300, SLATE)
    sheet.box(0, 320, 1072, 240, SAND)
    for x in (236, 506, 776):
        sheet.box(x, 262, 60, 110, STEEL, 12)
    sheet.shape([(190, 352), (882, 352), (1000, 452), (72, 452)], INK)
    sheet.box(72, 452, 928, 26, STEEL)
    for x in (266, 536, 806):
        sheet.shape([(x - 20, 364), (x + 20, 364), (x + 24, 380), (x - 24, 380)], PAPER)
    for x in (220, 536, 852):
        sheet.shape([(x - 30, 398), (x + 30, 398), (x + 36, 416), (x - 36, 416)], PAPER)
        sheet.box(x - 44, 426, 88, 150, SLATE, 16)
    return sheet


def monument_column() -> Sheet:
    sheet = Sheet(WIDE, SAND)
    sheet.disc(830, 250, 92, PAPER)
    sheet.shape([(508, 430), (524, 104), (536, 72), (548, 104), (564, 430)], PAPER)
    sheet.shape([(536, 72), (548, 104), (564, 430), (536, 430)], MIST)
    for x in range(-20, 1100, 76):
        sheet.disc(x, 410 - 14 * ((x // 76) % 3), 62, MOSS)
    sheet.box(0, 420, 1072, 140, PINE)
    sheet.shape([(470, 420), (602, 420), (900, 560), (172, 560)], SAND)
    for at in range(7):
        x = 150 + at * 128
        soldier(sheet, x, 430)
    return sheet


def soldier(sheet: Sheet, x: float, y: float) -> None:
    sheet.box(x - 24, y - 22, 48, 74, INK, 14)
    sheet.box(x - 18, y + 40, 15, 66, INK)
    sheet.box(x + 3, y + 40, 15, 66, INK)
    sheet.box(x - 20, y - 14, 40, 40, STEEL, 8)
    sheet.disc(x, y - 40, 16, RUST)
    sheet.shape([(x - 19, y - 42), (x - 15, y - 58), (x + 15, y - 58), (x + 19, y - 42)], STEEL)
    sheet.box(x - 22, y - 45, 44, 6, STEEL, 3)


def barracks_dusk() -> Sheet:
    sheet = Sheet(WIDE, SLATE)
    sheet.box(0, 200, 1072, 130, "#7d7f88")
    sheet.box(0, 300, 1072, 110, RUST)
    sheet.box(0, 370, 1072, 90, "#c98b6b")
    sheet.disc(930, 110, 34, PAPER)
    sheet.disc(946, 100, 30, SLATE)
    sheet.box(196, 150, 680, 306, STEEL)
    sheet.box(180, 138, 712, 20, INK)
    for row in range(4):
        for column in range(12):
            if column in (5, 6):
                continue
            lit = (row, column) in ((0, 9), (2, 2), (3, 10))
            sheet.box(222 + column * 53, 180 + row * 66, 30, 40, LAMP if lit else INK)
    sheet.box(492, 158, 88, 298, INK)
    for row in range(3):
        sheet.box(506, 182 + row * 66, 60, 36, STEEL)
    sheet.box(510, 392, 52, 64, LAMP)
    sheet.box(534, 392, 4, 64, INK)
    sheet.box(0, 452, 1072, 108, INK)
    sheet.shape([(510, 456), (562, 456), (640, 560), (432, 560)], STEEL)
    for x in (90, 985):
        sheet.box(x - 5, 380, 10, 80, INK)
        sheet.shape([(x, 230), (x + 52, 400), (x - 52, 400)], INK)
    return sheet


def transport_plane() -> Sheet:
    sheet = Sheet(WIDE, MIST)
    sheet.shape([(0, 400), (180, 330), (330, 372), (540, 300), (760, 368), (920, 318), (1072, 356), (1072, 440), (0, 440)], SAGE)
    sheet.box(0, 428, 1072, 132, SLATE)
    for x in range(30, 1072, 180):
        sheet.box(x, 508, 96, 8, PAPER)
    sheet.shape([(742, 250), (812, 92), (884, 92), (872, 262)], STEEL)
    sheet.shape([(770, 232), (918, 216), (940, 226), (780, 252)], INK)
    sheet.box(236, 236, 520, 150, STEEL, 60)
    sheet.shape([(300, 236), (760, 236), (900, 246), (900, 258), (716, 386), (300, 386)], STEEL)
    sheet.shape([(150, 340), (190, 288), (258, 246), (320, 240), (320, 386), (210, 382), (158, 364)], STEEL)
    sheet.shape([(206, 280), (250, 254), (286, 254), (286, 286), (202, 286)], MIST)
    sheet.line([(246, 254), (246, 288)], STEEL, 7)
    sheet.box(158, 338, 582, 6, PAPER)
    sheet.shape([(352, 212), (620, 212), (664, 240), (330, 240)], INK)
    for x in (398, 520):
        sheet.box(x - 52, 228, 132, 42, INK, 20)
        sheet.disc(x - 52, 249, 9, PAPER)
        sheet.box(x - 57, 182, 9, 134, PAPER, 4)
    for x in (226, 262, 500, 552):
        sheet.box(x - 5, 380, 10, 30, INK)
        sheet.disc(x, 412, 22, INK)
        sheet.disc(x, 412, 8, HAZE)
    sheet.shape([(716, 386), (756, 360), (872, 434), (790, 434)], INK)
    for at, x in enumerate((884, 918, 950, 982, 1014)):
        tall = 62 - 14 * (at % 2)
        sheet.box(x - 11, 478 - tall, 22, tall, (INK, BRICK, NAVY, INK, RUST)[at], 9)
        sheet.disc(x, 468 - tall, 10, INK)
    return sheet


def footbridge() -> Sheet:
    sheet = Sheet(WIDE, SAGE)
    sheet.disc(800, 130, 52, PAPER)
    for trunk, crown, radius in ((40, 260, 100), (160, 250, 84), (270, 290, 66), (800, 290, 66), (910, 250, 90), (1040, 262, 100)):
        sheet.box(trunk - 7, crown, 14, 140, PINE)
        sheet.disc(trunk, crown, radius, MOSS)
    sheet.box(0, 376, 1072, 184, PINE)
    sheet.shape([(250, 376), (822, 376), (1072, 560), (0, 560)], HAZE)
    for wave, left, right in ((420, 420, 560), (452, 620, 760), (490, 300, 470), (516, 640, 860)):
        sheet.box(left, wave, right - left, 6, MIST, 3)
    deck = [(x, 372 - 92 * math.sin(math.pi * (x - 130) / 812)) for x in range(130, 943, 8)]
    sheet.line(deck, INK, 22)
    rail = [(x, y - 66) for x, y in deck]
    sheet.line(rail, BRICK, 9)
    for (x, y), (_, top) in list(zip(deck, rail, strict=True))[::6]:
        sheet.line([(x, y), (x, top)], INK, 5)
    for post in (130, 938):
        sheet.box(post - 22, 286, 44, 130, STEEL)
        sheet.disc(post, 272, 16, LAMP)
    sheet.box(459, 212, 22, 70, INK, 8)
    sheet.disc(470, 198, 11, INK)
    return sheet


def typhoon() -> Sheet:
    sheet = Sheet(WIDE, STEEL)
    for arm in range(2):
        for step in range(260):
            angle = arm * math.pi + step / 38
            reach = 40 + step * 1.35
            x, y = 610 + reach * math.cos(angle) * 1.15, 280 + reach * math.sin(angle) * 0.82
            sheet.disc(x, y, 34 - step * 0.07, (MIST, HAZE)[step > 150])
    sheet.disc(610, 280, 66, MIST)
    sheet.disc(610, 280, 25, INK)
    island = [(272, 168), (306, 150), (318, 190), (300, 262), (278, 342), (256, 392), (242, 382), (230, 320), (232, 262), (250, 206)]
    sheet.shape(island, PINE)
    sheet.line([(298, 170), (284, 250), (262, 330)], MOSS, 12)
    sheet.shape([(0, 60), (96, 90), (70, 170), (112, 230), (60, 330), (30, 420), (0, 450)], PINE)
    sheet.line([(980, 420), (860, 372), (760, 324), (668, 296)], BRICK, 6)
    for x, y in ((980, 420), (860, 372), (760, 324)):
        sheet.disc(x, y, 11, BRICK)
    return sheet


def port_cranes() -> Sheet:
    sheet = Sheet(SQUARE, SAGE)
    sheet.disc(500, 120, 44, PAPER)
    sheet.box(0, 350, 640, 70, MOSS)
    for x in (150, 330):
        sheet.box(x, 130, 26, 330, STEEL)
        sheet.box(x + 66, 130, 26, 330, STEEL)
        sheet.box(x - 8, 220, 108, 18, STEEL)
        sheet.shape([(x - 70, 132), (x + 250, 92), (x + 250, 110), (x - 70, 154)], INK)
        sheet.line([(x + 46, 60), (x + 46, 140)], INK, 12)
        sheet.line([(x + 46, 62), (x + 230, 104)], INK, 4)
        sheet.line([(x + 46, 62), (x - 62, 142)], INK, 4)
        sheet.line([(x + 190, 106), (x + 190, 290)], INK, 4)
    sheet.box(498, 286, 46, 32, BRICK)
    sheet.box(0, 440, 640, 200, SLATE)
    for at, (x, ink) in enumerate(((196, BRICK), (258, SAND), (320, NAVY), (382, RUST))):
        sheet.box(x, 388, 58, 36, ink)
        if at in (0, 2):
            sheet.box(x, 350, 58, 36, (SAND, "", BRICK)[at])
    sheet.box(462, 342, 70, 84, PAPER)
    sheet.box(474, 356, 46, 12, INK)
    sheet.shape([(90, 424), (590, 424), (540, 520), (150, 520)], INK)
    sheet.shape([(134, 496), (552, 496), (540, 520), (150, 520)], BRICK)
    for y, left in ((552, 80), (584, 300), (608, 130)):
        sheet.box(left, y, 180, 6, HAZE, 3)
    return sheet


def video_call() -> Sheet:
    sheet = Sheet(SQUARE, SAND)
    sheet.box(50, 70, 540, 400, INK, 14)
    inks = (NAVY, SLATE, PINE, RUST, HAZE, BRICK, MOSS, STEEL, NAVY)
    for at, ink in enumerate(inks):
        x, y = 68 + (at % 3) * 170, 88 + (at // 3) * 123
        sheet.box(x, y, 164, 117, ink)
        sheet.disc(x + 82, y + 48, 22, PAPER)
        sheet.shape([(x + 36, y + 117), (x + 50, y + 84), (x + 114, y + 84), (x + 128, y + 117)], PAPER)
    sheet.box(300, 470, 40, 50, STEEL)
    sheet.box(0, 512, 640, 128, SLATE)
    sheet.box(0, 512, 640, 12, INK)
    for x in (130, 440):
        sheet.box(x, 548, 110, 60, PAPER, 4)
        sheet.box(x + 14, 564, 70, 6, HAZE)
        sheet.box(x + 14, 580, 50, 6, HAZE)
    return sheet


def peninsula_map() -> Sheet:
    sheet = Sheet(SQUARE, MIST)
    for at in range(1, 6):
        sheet.line([(at * 107, 0), (at * 107, 640)], "#bccad2", 2)
        sheet.line([(0, at * 107), (640, at * 107)], "#bccad2", 2)
    outline = [
        (196, 132), (246, 104), (290, 110), (352, 66), (420, 40), (446, 30), (456, 66), (404, 140), (362, 176), (344, 222),
        (330, 254), (356, 270), (388, 312), (412, 360), (438, 420), (440, 474), (420, 516), (372, 530), (330, 542), (296, 566),
        (262, 572), (244, 546), (252, 500), (240, 456), (258, 420), (244, 392), (268, 372), (272, 338), (250, 316), (214, 318),
        (200, 292), (228, 268), (216, 226), (184, 190), (164, 158),
    ]  # fmt: skip
    sheet.shape([(x + 8, y + 10) for x, y in outline], HAZE)
    sheet.shape(outline, MOSS)
    south = [(272, 338), (300, 318), (340, 300), (372, 288), *outline[12:28]]
    sheet.shape(south, PINE)
    sheet.disc(280, 604, 17, PINE, 0.6)
    for step in range(8):
        x = 244 + step * 19
        sheet.line([(x, 347 - step * 9), (x + 10, 342 - step * 9)], BRICK, 9)
    sheet.disc(290, 356, 9, PAPER)
    sheet.disc(306, 392, 15, BRICK)
    sheet.disc(306, 392, 6, PAPER)
    return sheet


def radar_station() -> Sheet:
    sheet = Sheet(SQUARE, MIST)
    for radius in (190, 250, 310):
        sheet.arc(330, 210, radius, -62, -4, HAZE, 9)
    sheet.shape([(0, 500), (140, 420), (260, 392), (400, 392), (520, 440), (640, 510), (640, 640), (0, 640)], MOSS)
    sheet.shape([(0, 560), (200, 500), (440, 520), (640, 580), (640, 640), (0, 640)], PINE)
    sheet.shape([(238, 400), (282, 250), (318, 250), (362, 400)], STEEL)
    sheet.line([(250, 390), (336, 306)], MIST, 6)
    sheet.line([(350, 390), (264, 306)], MIST, 6)
    sheet.box(262, 236, 76, 20, INK)
    bowl = [(250 + 128 * math.cos(a / 20), 160 + 128 * math.sin(a / 20)) for a in range(10, 74)]
    tilt = [turn(x, y, 250, 160, -72) for x, y in bowl]
    sheet.shape(tilt, INK)
    sheet.line([tilt[0], tilt[-1]], PAPER, 8)
    middle = ((tilt[0][0] + tilt[-1][0]) / 2, (tilt[0][1] + tilt[-1][1]) / 2)
    tip = (middle[0] + 62, middle[1] - 40)
    sheet.line([middle, tip], INK, 7)
    sheet.disc(*tip, 13, BRICK)
    sheet.box(420, 388, 96, 60, PAPER)
    sheet.shape([(408, 390), (468, 352), (528, 390)], BRICK)
    sheet.box(456, 410, 24, 38, INK)
    return sheet


def turn(x: float, y: float, round_x: float, round_y: float, degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    dx, dy = x - round_x, y - round_y
    return round_x + dx * math.cos(angle) - dy * math.sin(angle), round_y + dx * math.sin(angle) + dy * math.cos(angle)


def marathon() -> Sheet:
    sheet = Sheet(SQUARE, SAND)
    sheet.disc(510, 120, 56, PAPER)
    sheet.box(0, 210, 640, 130, HAZE)
    for y, left in ((240, 60), (268, 330), (300, 140)):
        sheet.box(left, y, 190, 6, MIST, 3)
    sheet.box(0, 330, 640, 40, MOSS)
    sheet.box(0, 366, 640, 274, SLATE)
    sheet.shape([(0, 590), (640, 590), (640, 602), (0, 602)], PAPER)
    for x, y, ink in ((120, 300, NAVY), (372, 288, PINE), (540, 306, LAMP), (232, 330, BRICK), (452, 346, PAPER)):
        runner(sheet, x, y, ink)
    return sheet


def runner(sheet: Sheet, x: float, y: float, ink: str) -> None:
    hip = (x - 6, y + 108)
    sheet.line([hip, (x + 34, y + 142), (x + 22, y + 196), (x + 40, y + 200)], INK, 17)
    sheet.line([hip, (x - 22, y + 156), (x - 66, y + 168), (x - 74, y + 154)], INK, 17)
    sheet.line([(x + 8, y + 34), (x - 24, y + 62), (x - 42, y + 38)], RUST, 13)
    sheet.shape([(x - 10, y + 22), (x + 26, y + 26), (x + 12, y + 112), (x - 24, y + 108)], ink)
    sheet.line([(x + 10, y + 36), (x + 22, y + 72), (x + 54, y + 62)], RUST, 13)
    sheet.disc(x + 18, y - 2, 19, RUST)
    sheet.shape([(x + 2, y - 14), (x + 14, y - 24), (x + 34, y - 14), (x + 2, y + 2)], INK)


def library() -> Sheet:
    sheet = Sheet(SQUARE, PAPER)
    sheet.box(0, 0, 640, 640, "#8a6a55")
    sheet.box(212, 150, 216, 330, PAPER)
    sheet.disc(320, 152, 108, PAPER)
    sheet.box(226, 152, 188, 314, MIST)
    sheet.disc(320, 154, 94, MIST)
    sheet.shape([(226, 400), (300, 370), (414, 410), (414, 466), (226, 466)], MOSS)
    sheet.box(315, 60, 10, 406, PAPER)
    for y in (150, 252, 354):
        sheet.box(226, y, 188, 9, PAPER)
    inks = (BRICK, NAVY, SAND, PINE, INK, RUST, LAMP, SLATE)
    for left in (20, 450):
        sheet.box(left, 40, 170, 520, INK)
        for row in range(5):
            sheet.box(left + 10, 52 + row * 101, 150, 90, "#4c3a30")
            for at in range(9):
                tall = 62 + (at * 7 + row * 11 + left) % 22
                sheet.box(left + 13 + at * 16, 142 + row * 101 - tall, 14, tall, inks[(at * 3 + row * 5 + left) % 8])
    sheet.box(0, 556, 640, 84, "#5d4638")
    sheet.box(236, 400, 168, 120, BRICK, 28)
    sheet.box(218, 462, 204, 80, RUST, 22)
    sheet.box(250, 470, 140, 44, BRICK, 12)
    for x in (240, 386):
        sheet.box(x, 540, 14, 40, INK)
    return sheet


ALL: tuple[Callable[[], Sheet], ...] = (
    honor_guard, conference_table, monument_column, barracks_dusk, transport_plane, footbridge, typhoon,
    port_cranes, video_call, peninsula_map, radar_station, marathon, library,
)  # fmt: skip

if __name__ == "__main__":
    main()
