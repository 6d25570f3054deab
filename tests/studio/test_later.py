"""Stand-ins for modules that are loaded when they are used."""

import importlib.util
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.later import LATER, PARTS_ALONE, put_off


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A package that counts in `builtins` how often it is loaded; a name of its own each time."""
    name = f"later_{request.node.name.replace('[', '_').replace(']', '')}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text(f"from {name}.work import Tool, plus\nloaded = True\n")
    (folder / "work.py").write_text(
        "def plus(x):\n    return x + 1\n\nclass Tool:\n    size = 3\n\nDATA = [1, 2]\n"
    )
    (folder / "alone.py").write_text("value = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    return name


def loaded(name: str) -> bool:
    """Whether the real module is there."""
    return name in sys.modules and type(sys.modules[name]).__name__ != "_Later"


def test_a_module_is_loaded_when_it_is_used(package: str) -> None:
    put_off({package: ()}, ())
    module = importlib.import_module(package)
    assert not loaded(package) and not hasattr(module, "__no_such_name__")
    assert module.loaded and loaded(package)
    assert importlib.import_module(package) is sys.modules[package]
    with pytest.raises(AttributeError, match="nothing"):
        _ = module.nothing


def test_a_name_is_taken_without_loading_and_stands_for_the_real_one(package: str) -> None:
    put_off({package: (), f"{package}.work": ("plus", "Tool")}, ())
    early = importlib.import_module(f"{package}.work")
    plus, tool = early.plus, early.Tool
    assert not isinstance(3, tool) and not loaded(f"{package}.work")
    assert plus(2) == 3 and loaded(f"{package}.work")
    real = sys.modules[f"{package}.work"]
    assert real is not early and early.Tool is real.Tool
    assert tool.size == 3 and isinstance(real.Tool(), tool) and isinstance(tool(), real.Tool)


def test_another_name_loads(package: str) -> None:
    put_off({f"{package}.work": ("plus",)}, ())
    from_import: dict[str, object] = {}
    exec(f"from {package}.work import DATA, plus", from_import)
    assert from_import["DATA"] == [1, 2] and loaded(f"{package}.work")


def test_what_lies_in_a_package_loads_the_package_first(package: str) -> None:
    put_off({package: ()}, ())
    importlib.import_module(package)
    work = importlib.import_module(f"{package}.work")
    assert loaded(package) and sys.modules[package].work is work
    assert work.__spec__ is not None and work.__spec__.origin == work.__file__
    assert importlib.reload(work) is work and work.plus(1) == 2


def test_what_waits_in_a_package_comes_with_it(package: str) -> None:
    put_off({package: (), f"{package}.work": ("Tool",)}, ())
    early = importlib.import_module(f"{package}.work").Tool
    assert isinstance(sys.modules[package].Tool, type)
    assert loaded(package) and loaded(f"{package}.work") and early.size == 3


def test_parts_of_a_package_load_alone(package: str) -> None:
    put_off({}, (package,))
    alone = importlib.import_module(f"{package}.alone")
    assert alone.value == 7 and not loaded(package) and loaded(f"{package}.alone")
    assert sys.modules[package].Tool.size == 3 and loaded(package)
    assert sys.modules[package].alone is alone


def test_what_is_here_already_stays(package: str) -> None:
    module = importlib.import_module(package)
    put_off({package: ("Tool",)}, ())
    assert importlib.import_module(package) is module and isinstance(module.Tool, type)


def test_threads_get_the_same_module(package: str) -> None:
    put_off({f"{package}.work": ("Tool",)}, ())
    early = importlib.import_module(f"{package}.work")
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(early.DATA)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(one is found[0] for one in found)


def test_every_module_that_is_put_off_exists() -> None:
    """A library that moves one of them would be imported as before, and nobody would see it."""
    for name in (*LATER, *PARTS_ALONE):
        top = importlib.util.find_spec(name.split(".")[0])
        assert top is not None and top.submodule_search_locations
        folder = Path(top.submodule_search_locations[0]).joinpath(*name.split(".")[1:])
        assert folder.is_dir() or folder.with_suffix(".py").is_file(), name


@pytest.mark.slow
def test_the_real_libraries_work_after_it() -> None:
    """Scipy, peft, torch's compiler, image processors and other networks, each when it is used."""
    code = """
import sys, numpy, torch
import studio.engine.facade
from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
assert not {"sklearn", "gradio", "torch._inductor", "peft.auto"} & set(sys.modules)
from diffusers.hooks import layerwise_casting
assert not isinstance(torch.nn.Linear(1, 1), layerwise_casting.BaseTunerLayer)

from scipy.optimize import linear_sum_assignment
assert [list(part) for part in linear_sum_assignment([[1, 0], [0, 1]])] == [[0, 1], [1, 0]]
import scipy.stats
assert scipy.stats.norm.cdf(0) == 0.5
from diffusers import FluxTransformer2DModel, UniPCMultistepScheduler
assert issubclass(FluxTransformer2DModel, torch.nn.Module)
UniPCMultistepScheduler(use_beta_sigmas=True).set_timesteps(4)
from transformers import CLIPImageProcessor
pixels = CLIPImageProcessor()(numpy.zeros((64, 64, 3), numpy.uint8), return_tensors="pt")
assert pixels["pixel_values"].shape == (1, 3, 224, 224)
from peft import LoraConfig, get_peft_model
layers = torch.nn.Sequential(torch.nn.Linear(2, 2))
layers = get_peft_model(layers, LoraConfig(target_modules=["0"]))
assert any(isinstance(m, layerwise_casting.BaseTunerLayer) for m in layers.modules())
import torch._dynamo
assert id(BasicTransformerBlock) in torch._dynamo.trace_rules._allowed_callable_ids
assert torch.compile(lambda x: x + 1, backend="eager")(torch.zeros(1)).item() == 1
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
