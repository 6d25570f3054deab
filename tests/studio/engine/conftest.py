"""One tiny random family for all engine tests of a run."""

from pathlib import Path

import pytest
import torch

from studio.engine import Engine
from tests.tinymodel import build_tiny_model


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """The networks are tiny: a second thread only costs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A family with board control."""
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def plain_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A family without board control."""
    return build_tiny_model(tmp_path_factory.mktemp("models") / "plain", controlnet=False)


@pytest.fixture(scope="session")
def engine(tiny_folder: Path) -> Engine:
    """An engine in float32."""
    return Engine(tiny_folder, dtype="fp32", device="cpu")
