"""Faces: where one is in a picture, and a vector that says whose it is.

The bundled encoder is two small networks in one file, trained on the wardrobe's own figures: they
tell drawn and generated figures apart, not photographs of people. For photographs there is
`InsightFaceEncoder` where insightface and its models are installed, or any class of the same shape;
this build of OpenCV brings no detector of its own. A picture that is already cropped to a face
needs no finding: its box is the whole picture.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.forms import read_object
from studio.garment.spec import Box
from studio.vision.framing import from_square, on_square

FINDER_STRIDE = 8
SIZE_UNIT = 32.0
"""Pixels that a logarithmic size of 0 stands for."""

_AROUND = 0.85
_FOLD = 4
_WEIGHTS, _CONFIG = "model.safetensors", "config.json"


class FaceEncoder(Protocol):
    """Finds faces and turns them into vectors."""

    def find(self, picture: NDArray[np.uint8]) -> Box | None:
        """The foremost face of an RGB picture (H, W, 3), or None."""
        ...

    def embed(self, picture: NDArray[np.uint8], box: Box) -> Tensor:
        """(D,) unit vector, float32, of the face in a box."""
        ...


@dataclass(frozen=True)
class FaceShape:
    """The networks' sizes and calibration; stored as config.json beside the weights.

    Attributes:
        size: side of a face's crop in pixels, a multiple of 16.
        outputs: features of a face's vector.
        widths: channels of the embedding network at strides 4, 8 and 16.
        finder: channels of the finding network at strides 4 and 8.
        picture: side in pixels of the pictures that the finder was trained on.
        threshold: the least score of a face, calibrated on held-out pictures.
    """

    size: int = 64
    outputs: int = 64
    widths: tuple[int, int, int] = (32, 48, 64)
    finder: tuple[int, int] = (16, 32)
    picture: int = 256
    threshold: float = 0.3


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.GroupNorm(8, outputs),
        nn.ReLU(inplace=True),
    )


class FaceNet(nn.Module):
    """Both networks; about 0.16 million parameters."""

    def __init__(self, shape: FaceShape | None = None):
        super().__init__()
        self.shape = shape = shape or FaceShape()
        w4, w8, w16 = shape.widths
        folded = 3 * _FOLD**2
        self.look = nn.Sequential(
            _conv(folded, w4), _conv(w4, w8, 2), _conv(w8, w8), _conv(w8, w16, 2)
        )
        # Every cell keeps its place until the last layer: hair lies elsewhere than the mouth.
        self.name = nn.Linear(w16 * (shape.size // 16) ** 2, shape.outputs)
        f4, f8 = shape.finder
        self.search = nn.Sequential(
            _conv(folded, f4), _conv(f4, f8, 2), _conv(f8, f8), _conv(f8, f8), _conv(f8, f8)
        )
        self.found = nn.Conv2d(f8, 5, 1)
        assert self.found.bias is not None
        with torch.no_grad():  # CenterNet's prior: few cells hold a face
            self.found.bias[0].fill_(-4.6)

    def embed(self, crops: Tensor) -> Tensor:
        """(n, outputs) unit vectors, float32, of crops (n, 3, size, size) in -1..1."""
        features = self.look(F.pixel_unshuffle(crops, _FOLD)).flatten(1)
        return F.normalize(self.name(features).float(), dim=1)

    def find(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Where faces are, of pictures (n, 3, H, W) in -1..1, H and W multiples of 8.

        Returns:
            Logits (n, 1, H/8, W/8), and (n, 4, H/8, W/8): the centre's offset from the cell's
            corner in cells, then the logarithm of width and height in units of `SIZE_UNIT`.
        """
        answers = self.found(self.search(F.pixel_unshuffle(pictures, _FOLD))).float()
        return answers[:, :1], answers[:, 1:]


class WardrobeFaceEncoder:
    """The bundled face encoder: the network with everything around it."""

    def __init__(self, net: FaceNet):
        self.net = net.eval()

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> WardrobeFaceEncoder:
        """Read a folder that `save` wrote, as float32.

        Raises:
            ModelMissing: there is no such model.
            ModelDamaged: it cannot be read.
        """
        folder = Path(folder)
        for name in (_CONFIG, _WEIGHTS):
            if not (folder / name).is_file():
                raise ModelMissing(
                    f"The face encoder has no {folder.name}/{name}; train it with `python -m "
                    "trainer face`, or restore the model folder."
                )
        try:
            values: dict[str, Any] = read_object((folder / _CONFIG).read_bytes())
            values |= {key: tuple(values[key]) for key in ("widths", "finder")}
            net = FaceNet(FaceShape(**values))
            state = load_file(folder / _WEIGHTS)
            net.load_state_dict({k: v.float() for k, v in state.items()})
        except (SafetensorError, OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelDamaged(
                f"The face encoder in {folder.name} cannot be read ({reason}); restore the folder."
            ) from error
        return cls(net.to(device).requires_grad_(False))

    def save(self, folder: Path) -> None:
        """Write config.json and model.safetensors, in the type that the network has."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {k: v.cpu().contiguous() for k, v in self.net.state_dict().items()}
        save_file(state, folder / _WEIGHTS, {"format": "pt"})
        text = json.dumps(asdict(self.net.shape), indent=2)
        (folder / _CONFIG).write_text(text + "\n", encoding="utf-8")

    @property
    def outputs(self) -> int:
        """Features of a face's vector."""
        return self.net.shape.outputs

    def find(self, picture: NDArray[np.uint8]) -> Box | None:
        """The surest face of an RGB picture (H, W, 3), or None.

        Faces are looked for at the size at which the wardrobe shows them; where none is, as if
        the picture were a closer one.
        """
        shape = self.net.shape
        for side in (shape.picture, shape.picture * 5 // 8, shape.picture * 3 // 8):
            box, score = self.surest(picture, side - side % FINDER_STRIDE)
            if score >= shape.threshold:
                return box
        return None

    @torch.no_grad()
    def surest(self, picture: NDArray[np.uint8], side: int) -> tuple[Box, float]:
        """The surest face at a size, and its score."""
        logits, boxes = self.net.find(self._tensor([on_square(picture, side)]))
        cells = logits.shape[-1]
        best = int(logits.flatten().argmax())
        row, column = divmod(best, cells)
        x, y, width, height = boxes[0, :, row, column].tolist()
        middle = ((column + x) * FINDER_STRIDE / side, (row + y) * FINDER_STRIDE / side)
        half = [float(np.exp(v)) * SIZE_UNIT / side / 2 for v in (width, height)]
        box = from_square(
            (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]),
            picture.shape[0], picture.shape[1],
        )  # fmt: skip
        return box, float(logits.flatten()[best].sigmoid())

    def embed(self, picture: NDArray[np.uint8], box: Box) -> Tensor:
        """(D,) unit vector, float32, of the face in a box."""
        return self.embed_crops([face_crop(picture, box, self.net.shape.size)])[0]

    @torch.no_grad()
    def embed_crops(self, crops: Sequence[NDArray[np.uint8]]) -> Tensor:
        """(n, D) unit vectors of crops that `face_crop` made."""
        return self.net.embed(self._tensor(crops))

    def _tensor(self, squares: Sequence[NDArray[np.uint8]]) -> Tensor:
        weight = self.net.name.weight
        x = torch.from_numpy(np.stack(squares)).to(weight.device).permute(0, 3, 1, 2)
        return (x.float() / 127.5 - 1).to(weight.dtype)


def insightface_lacks(root: Path, name: str = "buffalo_l") -> str:
    """What insightface still needs, a sentence; empty where it and its models are there."""
    if importlib.util.find_spec("insightface") is None:
        return (
            "insightface is not installed; install it with `pip install insightface "
            "onnxruntime`, or use the bundled face encoder."
        )
    models = root / "models" / name
    if not any(models.glob("*.onnx")):
        return f"insightface's models “{name}” are not there; put their .onnx files into {models}."
    return ""


class InsightFaceEncoder:
    """insightface's detector and vectors, as IP-Adapter-FaceID was trained with.

    Its models may be used for non-commercial research only. Nothing is downloaded.

    Args:
        root: the folder that holds models/NAME.
        name: the package of models.

    Raises:
        ModelMissing: insightface or its models are not installed.
    """

    def __init__(self, root: Path, name: str = "buffalo_l"):
        if why := insightface_lacks(Path(root), name):
            raise ModelMissing(why)
        made = importlib.import_module("insightface.app").FaceAnalysis(
            name=name, root=str(root), providers=["CPUExecutionProvider"]
        )
        made.prepare(ctx_id=-1, det_size=(640, 640))
        self._app = made

    def _faces(self, picture: NDArray[np.uint8]) -> list[tuple[Box, Any]]:
        """Boxes and insightface's own records, the largest face first; it reads BGR."""
        height, width = picture.shape[:2]
        found = []
        for face in self._app.get(np.ascontiguousarray(picture[..., ::-1])):
            left, top, right, bottom = (float(v) for v in face.bbox)
            found.append(((left / width, top / height, right / width, bottom / height), face))
        return sorted(found, key=lambda f: -(f[0][2] - f[0][0]) * (f[0][3] - f[0][1]))

    def find(self, picture: NDArray[np.uint8]) -> Box | None:
        """The largest face of an RGB picture (H, W, 3), or None."""
        faces = self._faces(picture)
        return faces[0][0] if faces else None

    def embed(self, picture: NDArray[np.uint8], box: Box) -> Tensor:
        """(512,) unit vector of the face that covers a box best.

        Raises:
            BadInput: insightface finds no face to align in the picture.
        """
        faces = self._faces(picture)
        if not faces:
            raise BadInput(
                "insightface finds no face in this picture; choose a clearer one, or the bundled "
                "face encoder."
            )
        face = max(faces, key=lambda f: overlap(f[0], box))[1]
        return torch.from_numpy(np.asarray(face.normed_embedding, np.float32))


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    both = max(width, 0.0) * max(height, 0.0)
    areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (first, second))
    return both / max(areas - both, 1e-9)


def face_crop(picture: NDArray[np.uint8], box: Box, size: int) -> NDArray[np.uint8]:
    """A square around a face with its hair, uint8 (size, size, 3); edges go on outside.

    Args:
        picture: RGB (H, W, 3).
        box: from the chin to the forehead.
        size: side of the crop in pixels.
    """
    height, width = picture.shape[:2]
    left, top, right, bottom = (v * s for v, s in zip(box, (width, height) * 2, strict=True))
    half = max(right - left, bottom - top, 2.0) * _AROUND
    x, y = round((left + right) / 2 - half), round((top + bottom) / 2 - half)
    side = max(round(2 * half), 2)
    rows = np.clip(np.arange(y, y + side), 0, height - 1)
    columns = np.clip(np.arange(x, x + side), 0, width - 1)
    crop = picture[rows[:, None], columns[None, :]]
    how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cv2.resize(crop, (size, size), interpolation=how).astype(np.uint8)
