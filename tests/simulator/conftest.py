"""One simulator and one stand-in product for all tests of this folder, reset between them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.process import Sim, running_simulator
from tests.simulator.standin import Product, running_product

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture(scope="session")
def _world() -> Iterator[tuple[Sim, Product]]:
    with running_product() as product, running_simulator(product.config()) as sim:
        yield sim, product


@pytest.fixture
def sim(_world: tuple[Sim, Product]) -> Sim:
    sim, product = _world
    sim.reset()
    sim.statuses("none")
    sim.repeats(0)
    product.hooks.clear()
    product.answers.clear()
    return sim


@pytest.fixture
def product(sim: Sim, _world: tuple[Sim, Product]) -> Product:
    return _world[1]


@pytest.fixture
def captured() -> Callable[[str], Any]:
    """A captured payload, as the providers send it."""
    return lambda name: json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
