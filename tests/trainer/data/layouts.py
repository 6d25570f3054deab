"""Small data sets in the exact layouts of the public ones, with pictures made here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 192, 256
PERSON_18 = [
    (96, 20), (96, 50), (70, 52), (60, 90), (55, 125), (122, 52), (132, 90), (137, 125),
    (80, 130), (78, 180), (76, 230), (112, 130), (114, 180), (116, 230),
    (90, 16), (102, 16), (84, 20), (108, 20),
]  # fmt: skip
"""OpenPose's 18 joints of a standing person in pixels of the picture."""
BODY_25 = [*PERSON_18[:8], (96, 130), *PERSON_18[8:14], *PERSON_18[14:18], *[(0, 0)] * 6]


def garment_picture(path: Path, seed: int) -> None:
    """A coloured shirt-like block on white."""
    rng = np.random.default_rng(seed)
    pixels = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    pixels[60:200, 50:142] = rng.integers(20, 200, 3)
    pixels[60:110, 25:167] = pixels[100, 60]
    _save(path, pixels)


def worn_picture(path: Path, seed: int) -> None:
    """A person with such a block for a body, on a ground of two colours."""
    rng = np.random.default_rng([seed, 1])
    pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:, :96], pixels[:, 96:] = (200, 210, 220), (90, 120, 60)
    pixels[8:45, 82:110] = (220, 180, 150)
    pixels[50:130, 65:127] = rng.integers(20, 200, 3)
    pixels[130:240, 75:117] = (40, 40, 60)
    _save(path, pixels)


def label_map(path: Path, number: int, box: tuple[int, int, int, int] = (65, 50, 127, 130)) -> None:
    """A palette picture with one class on a box; colours that would mislead a reader of colours."""
    left, top, right, bottom = box
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[8:45, 82:110] = 13
    labels[top:bottom, left:right] = number
    picture = Image.fromarray(labels, "P")
    picture.putpalette([(37 * i) % 256 for i in range(768)])
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def mask(path: Path, box: tuple[int, int, int, int] = (50, 60, 142, 200)) -> None:
    """A grey picture, white on a box."""
    left, top, right, bottom = box
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[top:bottom, left:right] = 255
    _save(path, pixels)


def openpose(path: Path, points: list[tuple[int, int]] = BODY_25) -> None:
    """OpenPose's JSON with one person."""
    flat = [v for x, y in points for v in (x, y, 0.9 if x or y else 0.0)]
    _json(path, {"version": 1.3, "people": [{"pose_keypoints_2d": flat}]})


def dresscode_joints(path: Path) -> None:
    """Dress Code's JSON on its own grid of 384 x 512; the face is cut off by the upper edge."""
    rows = []
    for i, (x, y) in enumerate(PERSON_18):
        cut = i in (0, 14, 15, 16, 17)
        rows.append([x * 384 / WIDTH, 0.0 if cut else y * 512 / HEIGHT, 0.8, float(i)])
    _json(path, {"keypoints": rows})


def vitonhd(root: Path, train: int = 3, test: int = 1) -> Path:
    """VITON-HD; the numbers of pairs."""
    first = 0
    for split, count in (("train", train), ("test", test)):
        ids = [f"{i:05d}_00" for i in range(first, first + count)]
        first += count
        for i, stem in enumerate(ids):
            part, seed = root / split, first * 100 + i
            garment_picture(part / "cloth" / f"{stem}.jpg", seed)
            worn_picture(part / "image" / f"{stem}.jpg", seed)
            mask(part / "cloth-mask" / f"{stem}.jpg")
            label_map(part / "image-parse-v3" / f"{stem}.png", 5)
            openpose(part / "openpose_json" / f"{stem}_keypoints.json")
            worn_picture(part / "openpose_img" / f"{stem}_rendered.png", seed)
        others = ids if split == "train" else [*ids[1:], "00000_00"][:count]
        lines = [f"{a}.jpg {b}.jpg\n" for a, b in zip(ids, others, strict=True)]
        (root / f"{split}_pairs.txt").write_text("".join(lines))
    _json(root / "captions.json", {"00000": ["red top", "plain red top"], "00001": ["blue top"]})
    return root


def dresscode(root: Path) -> Path:
    """Dress Code: one training pair of each category, one test pair of dresses."""
    parts = (("upper_body", "010000", 4), ("lower_body", "020000", 5), ("dresses", "030000", 7))
    for seed, (part, number, label) in enumerate(parts):
        ids = [number, "030001"] if part == "dresses" else [number]
        for i, id in enumerate(ids):
            garment_picture(root / part / "images" / f"{id}_1.jpg", seed * 10 + i)
            worn_picture(root / part / "images" / f"{id}_0.jpg", seed * 10 + i)
            label_map(root / part / "label_maps" / f"{id}_4.png", label)
            dresscode_joints(root / part / "keypoints" / f"{id}_2.json")
            worn_picture(root / part / "skeletons" / f"{id}_5.jpg", seed)
        (root / part / "train_pairs.txt").write_text(f"{number}_0.jpg\t{number}_1.jpg\n\n")
    (root / "dresses" / "test_pairs_paired.txt").write_text("030001_0.jpg\t030001_1.jpg")
    (root / "dresses" / "test_pairs_unpaired.txt").write_text("030001_0.jpg\t030000_1.jpg")
    _json(root / "coarse_captions.json", {"010000": ["top"], "020000": ["a skirt", "a skirt", " "]})
    _json(root / "fine_captions.json", {"010000": ["black mock neck top"]})
    return root


def igpair(root: Path) -> Path:
    """IGPair: one person twice, with two garments."""
    for i in range(2):
        garment_picture(root / "clothes" / f"cloth_{i:06d}.jpg", i)
    worn_picture(root / "images" / "image_000000_00.jpg", 0)
    worn_picture(root / "openpose" / "image_000000_00.jpg", 0)
    listed = [
        {"image_file": "image_000000_00.jpg", "cloth_file": "cloth_000000.jpg",
         "text": ["a woman in a park", "a woman outdoors"], "cloth_type": "jackets"},
        {"image_file": "images/image_000000_00.jpg", "cloth_file": "clothes/cloth_000001.jpg",
         "text": "a woman", "cloth_type": "lingerie"},
    ]  # fmt: skip
    _json(root / "IGPair.json", listed)
    return root


def plain(root: Path) -> Path:
    """A plain folder: one garment worn by one, one by two."""
    for i, stem in enumerate(("red", "blue")):
        garment_picture(root / "garments" / f"{stem}.png", i)
        mask(root / "masks" / f"{stem}.png")
    worn_picture(root / "worn" / "red.jpg", 0)
    (root / "worn" / "red.txt").write_text("a woman in a red shirt\n\n")
    worn_picture(root / "worn" / "blue" / "1.jpg", 1)
    worn_picture(root / "worn" / "blue" / "2.jpg", 2)
    mask(root / "worn_masks" / "red.png", (65, 50, 127, 130))
    openpose(root / "keypoints" / "blue" / "1.json", PERSON_18)
    line = {"id": "blue", "caption": "a man in blue trousers", "category": "trousers"}
    (root / "captions.jsonl").write_text(json.dumps(line) + "\n")
    return root


def _save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=95)


def _json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
