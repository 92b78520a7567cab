"""Pictures as PNG: each beside its SVG file, in the colours of light mode, with its words; refused before the work."""

import json
import re
import struct
import zlib
from pathlib import Path

import pytest
import toys

from planner.cli.main import main
from planner.errors import UsageError
from planner.report.early_pages import EarlyPages
from planner.report.pictures import png
from planner.report.pictures.svg import Drawing, Picture, box, text

CANNING = Path(__file__).parents[2] / "instances" / "canning"


def run(*words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EarlyPages, "first", lambda *_: None)  # the page at the end is the same
        with pytest.raises(SystemExit) as end:
            main([*(str(word) for word in words), "--no-store"])
    return end.value.code


def pixels(data):
    """Width, height, and the colours of a PNG of 8 bits a channel, row by row, as (red, green, blue)."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, body = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        part = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", part[:10])
            assert (depth, colour) == (8, 6)
        body += part if kind == b"IDAT" else b""
        at += 12 + length
    raw, step, rows, before = zlib.decompress(body), 4, [], bytearray(4 * width)
    for row in range(height):
        start = row * (width * step + 1)
        kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + width * step])
        for k in range(len(line)):
            left, up, corner = (line[k - step] if k >= step else 0), before[k], (before[k - step] if k >= step else 0)
            guess = left + up - corner
            nearest = min((left, up, corner), key=lambda part: abs(guess - part))
            line[k] = (line[k] + (0, left, up, (left + up) // 2, nearest)[kind]) % 256
        rows.append([tuple(line[k : k + 3]) for k in range(0, len(line), step)])
        before = line
    return width, height, rows


def picture():
    body = box(0, 0, 60, 40, "var(--touched)") + text(5, 70, "words")
    return Picture("one", "A title", "What it shows", (Drawing("", 100.0, 80.0, body),))


def test_a_picture_has_twice_its_size_the_light_colours_and_its_words():
    pytest.importorskip("resvg_py", reason="the extra `png` is not installed")
    svg = picture().file_text()
    wide, high = map(float, re.search(r'viewBox="-16 -8 ([\d.]+) ([\d.]+)"', svg).groups())
    width, height, rows = pixels(png.png_of(svg))
    assert (width, height) == (pytest.approx(2 * wide, abs=2), pytest.approx(2 * high, abs=2))
    colours = {colour for row in rows for colour in row}
    assert {(255, 255, 255), (0xC2, 0x54, 0x3F)} <= colours  # paper and touched, as in light mode
    below = rows[(2 * (34 + 8 + 50)) :]
    assert any(max(colour) < 128 for row in below for colour in row)  # the words under the box


def test_every_picture_of_a_report_stands_beside_its_svg_file(tmp_path, capsys):
    pytest.importorskip("resvg_py", reason="the extra `png` is not installed")
    figures = tmp_path / "figures"
    two = tmp_path / "two.json"
    two.write_text(json.dumps({**toys.TINY, **toys.TWO_PLANTS}))
    assert run("report", two, "--no-store", "--out", tmp_path / "out", "--figures", figures, "--png") == 0
    assert "one SVG file and one PNG file each" in capsys.readouterr().err
    names = sorted(path.stem for path in figures.glob("*.svg"))
    assert names
    assert sorted(path.stem for path in figures.glob("*.png")) == names


def test_png_without_a_folder_for_the_pictures(tmp_path, capsys):
    assert run("report", CANNING, "--out", tmp_path / "out", "--png") == 2
    assert "--figures" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_the_extra_it_is_refused_before_the_work(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(png, "find_spec", lambda _: None)
    asked = ("report", CANNING, "--out", tmp_path / "out", "--figures", tmp_path / "figures", "--png")
    assert run(*asked) == 2
    assert "pip install 'planner[png]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    with pytest.raises(UsageError, match="planner"):
        png.png_of(picture().file_text())
