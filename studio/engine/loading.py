"""From a folder to networks that are ready to run."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from huggingface_hub import snapshot_download
from transformers import CLIPTextModel, CLIPTokenizer

from studio.checkpoints.folders import family_hash, file_hash, find_safetensors
from studio.checkpoints.given import autoencoder_folder, check_autoencoder, class_in
from studio.checkpoints.kinds import reads_of
from studio.conditions.control import BoardNetwork
from studio.conditions.networks import Networks, load_part
from studio.conditions.shelf import Shelf
from studio.conditions.text import TextEncoder
from studio.engine.catalogue import CAPTIONS, REQUIRED_PARTS, TOILE, ModelEntry
from studio.engine.others import refuse_others
from studio.engine.single_file import (
    hash_of,
    is_file,
    layout_of,
    load_text,
    load_tokenizer,
    load_unet,
    load_vae,
)
from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.forms import read_json, read_object

_VAES: dict[str, Any] = {"AutoencoderTiny": AutoencoderTiny, "AutoencoderKL": AutoencoderKL}


@dataclass(frozen=True)
class Family(Networks):
    """A loaded model: networks that belong together.

    Attributes:
        entry: where it came from and what suits it.
        folder: where it lies.
        weights: hash of everything in it that decides a picture.
        text, board: further networks; `board` is None where it has no control network.
        pose: a control network that reads stick figures alone, where the board has no room for
            them.
        adapters: what else it can hear.
        own_words: it has learnt Toile's captions, and is told their words for others.
        dtype: in which format the networks run; only the text encoder, which runs once per text,
            stays in float32 on a CPU.
    """

    entry: ModelEntry
    folder: Path
    weights: str
    text: TextEncoder
    board: BoardNetwork | None
    pose: BoardNetwork | None
    adapters: Shelf
    own_words: bool
    dtype: torch.dtype

    @property
    def own_reads(self) -> frozenset[str]:
        """What its own control networks read, of "sketch", "components", "pose"."""
        return frozenset().union(*(n.read for n in (self.board, self.pose) if n is not None))

    @property
    def reads(self) -> frozenset[str]:
        """What its control networks and published ones read."""
        return self.own_reads | ({"sketch", "pose"} & self.adapters.offers)

    def latent_shape(self, width: int, height: int) -> tuple[int, int, int]:
        """(C, h, w) of the latents of a picture."""
        channels = int(self.vae.config.latent_channels)
        return channels, height // self.reduction, width // self.reduction

    @property
    def reduction(self) -> int:
        """How many picture pixels wide one latent pixel is."""
        config = self.vae.config
        widths = getattr(config, "block_out_channels", None) or config.encoder_block_out_channels
        return 2 ** (len(widths) - 1)


def locate(entry: ModelEntry, *, download: bool = False) -> tuple[Path, dict[str, Path]]:
    """Folder of a model, and of its control networks by what they are ("controlnet", "pose").

    Raises:
        ModelMissing: it is not on this machine and may not, or cannot, be downloaded.
    """
    if entry.folder is not None:
        if is_file(entry.folder):
            return entry.folder, {}
        if not (entry.folder / "model_index.json").is_file():
            raise ModelMissing(
                f"The model {entry.name} is not in “{entry.folder}”: put it back, or train it "
                "with “python -m trainer family --minutes 120”."
            )
        control = entry.folder / "controlnet"
        return entry.folder, {"controlnet": control} if control.is_dir() else {}
    assert entry.repo is not None
    folder = _published(entry, entry.repo, entry.revision, entry.patterns, download)
    weights = f"*{entry.variant}.safetensors" if entry.variant else "*.safetensors"
    found: dict[str, Path] = {}
    for name, control in (("controlnet", entry.control), ("pose", entry.pose_control)):
        if control is None:
            continue
        try:
            found[name] = _published(entry, *control, ("config.json", weights), download)
        except ModelMissing:
            # Whoever has the rest already can work without a pose.
            if name != "pose" or download:
                raise
    return folder, found


def _published(
    entry: ModelEntry, repo: str, revision: str | None, patterns: tuple[str, ...], download: bool
) -> Path:
    options: dict[str, Any] = {
        "repo_id": repo,
        "revision": revision,
        "allow_patterns": list(patterns),
        "ignore_patterns": ["*.bin", "*.ckpt", "*.msgpack", "*.onnx*", "*non_ema*"],
    }
    with suppress(OSError, ValueError):  # not in the local cache: every cause ends below
        return Path(snapshot_download(**options, local_files_only=True))
    if not download:
        raise ModelMissing(
            f"{entry.title} is not on this machine (about {entry.mib / 1024:.1f} GiB, licence "
            f"{entry.licence}): add --download to fetch it, or give the folder of a copy."
        )
    try:
        return Path(snapshot_download(**options))
    except (OSError, ValueError) as error:
        logging.getLogger(__name__).info("download of %s failed: %s", repo, error)
        raise ModelMissing(
            f"{entry.title} could not be downloaded: connect to the network and try again (what "
            "arrived is kept), or give the folder of a copy."
        ) from error


def load_family(
    entry: ModelEntry,
    device: torch.device,
    dtype: torch.dtype,
    *,
    download: bool = False,
    adapters: Path | None = None,
    vae: Path | None = None,
    on_part: Callable[[str], None] | None = None,
) -> Family:
    """Load a model.

    Args:
        entry: which one.
        device, dtype: where and how its networks run.
        download: whether a published model may be fetched.
        adapters: folder of published adapters, if any.
        vae: an autoencoder instead of the model's own: its folder or file.
        on_part: told the name of each part before it is loaded.

    Raises:
        ModelMissing, ModelDamaged: a sentence that names the part and says what to do.
        BadInput: a model of another kind, see `studio.engine.others`.
    """
    folder, controls = locate(entry, download=download)
    quiet_libraries()
    parts = _File(folder) if is_file(folder) else _Folder(entry, folder, controls)
    steady = torch.float32 if device.type == "cpu" else dtype

    def load(part: str, kind: torch.dtype) -> Any:
        if on_part is not None:
            on_part(part)
        return parts.network(part, kind).to(device, kind).eval()

    encoder = load("text_encoder", steady)
    unet = load("unet", dtype).to(memory_format=torch.channels_last)
    own = load("vae", dtype) if vae is None else _load_vae(vae, dtype).to(device, dtype).eval()
    decoder = own.to(memory_format=torch.channels_last)
    networks = {name: load(name, dtype).to(memory_format=torch.channels_last) for name in controls}
    board, pose = _control_networks(networks, controls)
    _check_fit(unet, decoder, encoder)
    weights = parts.weights()
    if vae is not None:
        weights = hashlib.sha256(f"{weights}\n{_vae_hash(vae)}".encode()).hexdigest()
    return Family(
        entry=entry,
        folder=folder,
        weights=weights,
        text=TextEncoder(parts.tokenizer(), encoder),
        unet=unet,
        vae=decoder,
        board=board,
        pose=pose,
        adapters=Shelf(folder, adapters, unet),
        own_words=not is_file(folder) and learnt_captions(folder / "model_index.json"),
        scheduler=parts.scheduler(),
        device=device,
        dtype=dtype,
    )


def _control_networks(
    networks: dict[str, Any], folders: dict[str, Path]
) -> tuple[BoardNetwork | None, BoardNetwork | None]:
    """The board's network and that of poses alone.

    A network of one picture in the folder `controlnet` is taken for what its configuration says
    that it was made from.

    Raises:
        BadInput: that does not tell what it reads.
    """
    pose = BoardNetwork(networks["pose"], "colours") if "pose" in networks else None
    network = networks.get("controlnet")
    if network is None:
        return None, pose
    board = BoardNetwork(network)
    folder = folders["controlnet"]
    if board.reads_components or folder.name != "controlnet":
        return board, pose
    said = str(_read_config(folder).get("_name_or_path") or "")
    reads = reads_of(f"{said} {folder.resolve().name}")
    if reads is not None and reads[0] == "controlnet_pose":
        return None, BoardNetwork(network, "colours")
    if reads is None or reads[0] != "controlnet_sketch":
        raise BadInput(
            f"What the ControlNet in “{folder}” reads cannot be told: put it into the folder of "
            "adapters instead, in a folder whose name says “openpose” or “scribble”, or write that "
            "name into its config.json as _name_or_path."
        )
    return board, pose


class _Folder:
    """The parts of a model in diffusers' layout."""

    def __init__(self, entry: ModelEntry, folder: Path, controls: dict[str, Path]) -> None:
        refuse_others(folder)
        self.variant = entry.variant
        self.folders = {part: folder / part for part in REQUIRED_PARTS} | controls
        self.configs = {
            part: _read_config(path) for part, path in self.folders.items() if part != "tokenizer"
        }
        called = str(self.configs["vae"].get("_class_name"))
        if called not in _VAES:
            raise ModelDamaged(
                f"The model's vae is a {called}: only {' and '.join(_VAES)} are supported."
            )
        self.classes = {
            "text_encoder": CLIPTextModel,
            "unet": UNet2DConditionModel,
            "vae": _VAES[called],
        }
        self._tokenizer = _load_tokenizer(self.folders["tokenizer"])

    def network(self, part: str, kind: torch.dtype) -> Any:
        find_safetensors(self.folders[part], self.variant)
        cls = self.classes.get(part, ControlNetModel)
        return load_part(cls, self.folders[part], kind, self.variant)

    def tokenizer(self) -> Any:
        return self._tokenizer

    def scheduler(self) -> dict[str, Any]:
        return self.configs["scheduler"]

    def weights(self) -> str:
        return family_hash(self.folders, self.variant)


class _File:
    """The parts of a model in one file."""

    def __init__(self, file: Path) -> None:
        self.file, self.layout = file, layout_of(file)

    def network(self, part: str, kind: torch.dtype) -> Any:
        load = {"text_encoder": load_text, "unet": load_unet, "vae": load_vae}[part]
        return load(self.file, self.layout[part])

    def tokenizer(self) -> Any:
        return load_tokenizer(self.layout["pad_token"])

    def scheduler(self) -> dict[str, Any]:
        return self.layout["scheduler"]

    def weights(self) -> str:
        return hash_of(self.file)


def _load_vae(place: Path, dtype: torch.dtype) -> Any:
    """An autoencoder that stands in for a model's own: a folder of diffusers, or one file.

    Raises:
        ModelMissing, ModelDamaged, BadInput: it is not there, or none.
    """
    if not place.is_dir():
        return load_vae(place)
    check_autoencoder(place)
    folder = autoencoder_folder(place)
    find_safetensors(folder)
    return load_part(_VAES[class_in(folder)], folder, dtype)


def _vae_hash(place: Path) -> str:
    if place.is_dir():
        return family_hash({"vae": autoencoder_folder(place)})
    return file_hash(place)


def quiet_libraries() -> None:
    """Progress bars and advice of the model libraries are not for our users."""
    for library in (diffusers.utils.logging, transformers.logging):
        library.disable_progress_bar()
        library.set_verbosity_error()


def _read_config(part: Path) -> dict[str, Any]:
    name = "scheduler_config.json" if part.name == "scheduler" else "config.json"
    try:
        config = read_json((part / name).read_bytes())
    except FileNotFoundError:
        raise ModelMissing(
            f"The model's {part.name} has no {name}: install the model again."
        ) from None
    except (OSError, ValueError):
        raise ModelDamaged(
            f"The model's {part.name}/{name} cannot be read: install the model again."
        ) from None
    if not isinstance(config, dict):
        raise ModelDamaged(f"The model's {part.name}/{name} is no configuration: install it again.")
    return config


def learnt_captions(index: Path) -> bool:
    """Whether a model's index says that it has learnt Toile's captions, see `trainer.publish`."""
    try:
        stated = read_object(index.read_bytes())
    except (OSError, ValueError):
        raise ModelDamaged(
            f"The model's {index.name} cannot be read: install the model again."
        ) from None
    return stated.get(CAPTIONS) == TOILE


def _load_tokenizer(folder: Path) -> Any:
    if not folder.is_dir():
        raise ModelMissing("The model has no tokenizer: install the model again.")
    try:
        return CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the tokenizers library raises bare Exception for broken files
        raise ModelDamaged(
            "The model's tokenizer cannot be read: install the model again."
        ) from error


def _check_fit(unet: Any, vae: Any, encoder: Any) -> None:
    latent, wide = vae.config.latent_channels, encoder.config.hidden_size
    if unet.config.in_channels != latent or unet.config.cross_attention_dim != wide:
        raise ModelDamaged(
            f"The model's parts do not belong together: the unet reads "
            f"{unet.config.in_channels} channels and tokens {unet.config.cross_attention_dim} "
            f"wide, but gets {latent} and {wide}; install the model again."
        )
