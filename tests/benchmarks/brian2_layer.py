"""The layer of `layer.py` in Brian2, a script of its own: `python brian2_layer.py` prints JSON.

It needs an interpreter with Brian2 and a compiler; Brian2 2.9 needs NumPy below 2.4. What is
measured is what a moved slider costs: the network is built and compiled before, then run again
with other time constants, spikes kept.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

CELLS, STEPS, DT = 10_000, 1_000, 0.1
LOW, HIGH = 7.0, 13.0
ROUNDS = 7


def main() -> None:
    target = sys.argv[1] if len(sys.argv) > 1 else "cython"
    print(json.dumps({"target": target, **(_standalone() if target == "cpp" else _runtime())}))


def _network(b2: Any) -> tuple[Any, Any, Any]:
    drive = b2.TimedArray([0.0] * 200 + [300.0] * (STEPS - 200), dt=DT * b2.ms)
    group = b2.NeuronGroup(
        CELLS,
        """dv/dt = (-75 + 0.1 * drive(t) - v) / tau : 1 (unless refractory)
           tau : second""",
        threshold="v >= -55",
        reset="v = -75",
        refractory=2 * b2.ms,
        method="rk4",
        namespace={"drive": drive},
    )
    monitor = b2.SpikeMonitor(group)
    group.v = -75
    group.tau = f"({LOW} + {HIGH - LOW} * rand()) * ms"
    return b2.Network(group, monitor), group, monitor


def _runtime() -> dict[str, float]:
    import brian2 as b2

    b2.defaultclock.dt = DT * b2.ms
    b2.prefs.codegen.target = "cython"
    network, group, monitor = _network(b2)
    network.store()

    def again() -> None:
        network.restore()
        group.tau = f"({LOW} + {HIGH - LOW} * rand()) * ms"
        network.run(STEPS * DT * b2.ms)

    return {"ms": _median(again), "spikes": int(monitor.num_spikes)}


def _standalone() -> dict[str, float]:
    import brian2 as b2
    import numpy as np

    b2.set_device("cpp_standalone", build_on_run=False, directory=tempfile.mkdtemp())
    b2.defaultclock.dt = DT * b2.ms
    network, group, monitor = _network(b2)
    network.run(STEPS * DT * b2.ms)
    b2.device.build(run=False)
    generator = np.random.default_rng(0)

    def again() -> None:
        tau = generator.uniform(LOW, HIGH, CELLS) * b2.ms
        b2.device.run(run_args={group.tau: tau}, with_output=False)

    return {"ms": _median(again), "spikes": int(monitor.num_spikes)}


def _median(call: Callable[[], None]) -> float:
    call()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        taken.append(1e3 * (time.perf_counter() - start))
    return statistics.median(taken)


if __name__ == "__main__":
    main()
