"""Where the networks run and in which number format."""

from __future__ import annotations

import torch

from studio.errors import BadInput

DTYPES: dict[str, torch.dtype] = {
    "fp32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
}


def choose_device(name: str | None = None) -> torch.device:
    """The device by name, or the best one present: a CUDA card, Apple's Metal, else the CPU.

    Raises:
        BadInput: the named device is not there.
    """
    if name is None:
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise BadInput(f"Unknown device “{name}”: choose cpu, cuda or mps.") from None
    present = {
        "cpu": True,
        "cuda": torch.cuda.is_available()
        and (device.index is None or device.index < torch.cuda.device_count()),
        "mps": torch.backends.mps.is_available(),
    }
    if not present.get(device.type, False):
        raise BadInput(f"There is no device “{name}” on this machine: leave it out or use cpu.")
    return device


def cpu_is_quick_with_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 in hardware (AMX tiles or AVX-512 BF16).

    Elsewhere bfloat16 is emulated and slower than float32.
    """
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(bool(getattr(torch.cpu, p, bool)()) for p in probes)


def choose_dtype(device: torch.device, name: str | None = None) -> torch.dtype:
    """The networks' number format by name (fp32, bf16, fp16), or the quickest that is safe here.

    Raises:
        BadInput: an unknown name.
    """
    if name is not None:
        if name not in DTYPES:
            raise BadInput(f"Unknown number format “{name}”: choose {', '.join(DTYPES)}.")
        return DTYPES[name]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "mps":
        return torch.float16
    return torch.bfloat16 if cpu_is_quick_with_bf16() else torch.float32
