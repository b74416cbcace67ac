"""What a layer cannot use it refuses in one sentence that names it."""

from __future__ import annotations

import numpy as np
import pytest

from models import LIF, Layer


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"shape": (2, 3)}, "`shape`"),
        ({"shape": (2, 0, 3)}, "`shape`"),
        ({"vary": {"tau": (1, 2)}}, "no parameter `tau`"),
        ({"vary": {"tau_m": (-1.0, 2.0)}}, "`tau_m` is"),
        ({"vary": {"v_reset": (-60.0, -50.0)}}, "`v_reset` is"),
        ({"vary": {"tau_m": np.ones((2, 2))}}, "`tau_m` has shape"),
        ({"winners": -1}, "`winners` is -1"),
        ({"winners": 1.5}, "`winners` is 1.5"),
        ({"inhibition": "global"}, "`inhibition` is 'global'"),
        ({"per": "row"}, "`per` is 'row'"),
        ({"pause": -1.0}, "`pause` is -1.0"),
        ({"weights": np.ones((3, 2))}, "`weights` has shape"),
        ({"recurrent": np.ones((3, 3))}, "`recurrent` has shape"),
        ({"gain": float("nan")}, "`gain` is nan"),
        ({"seed": -1}, "`seed` is -1"),
        ({"seed": 0.5}, "`seed` is 0.5"),
        ({"cell": LIF}, "`cell` is"),
        ({"shape": 5}, "`shape` is 5"),
        ({"shape": (1000, 1000, 1000)}, "at most 10,000,000 cells"),
        ({"shape": "abc"}, "`shape` is 'abc'"),
        ({"shape": (2.0, 3, 3)}, "`shape` is"),
        ({"vary": ["tau_m"]}, "`vary` is"),
        ({"vary": {"tau_m": (20.0, 10.0)}}, "lower end first"),
        ({"vary": {"tau_m": "wide"}}, "`tau_m` is 'wide'"),
        ({"vary": {"tau_m": (5.0, np.nan)}}, "`tau_m` has a value that is no finite"),
        ({"winners": "one"}, "`winners` is 'one'"),
        ({"inhibition": ["feature"]}, "`inhibition` is"),
        ({"pause": "long"}, "`pause` is 'long'"),
        ({"weights": "strong"}, "`weights` is 'strong'"),
        ({"weights": [[1.0], [1.0, 2.0]]}, "`weights` is"),
        ({"recurrent": np.full((18, 18), np.nan)}, "`recurrent` has a value"),
        ({"gain": "high"}, "`gain` is 'high'"),
    ],
)
def test_an_unusable_layer_is_refused_in_one_sentence(settings, said):
    with pytest.raises(ValueError, match=said):
        Layer(**({"cell": LIF(), "shape": (2, 3, 3)} | settings))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"current": np.ones((100, 2))}, "`current` has shape"),
        ({"current": np.ones((100, 3, 3, 3))}, "does not broadcast"),
        ({"current": np.full(100, np.nan)}, "no finite number"),
        ({"inputs": np.ones((10, 2))}, "`inputs` need `weights`"),
        ({"noise": -1.0}, "`noise` is -1.0"),
        ({"keep": ("w",)}, "no state `w`"),
        ({"method": "rk5"}, "`method` is 'rk5'"),
        ({"options": {"x": 1}}, "published steps"),
        ({"dt": 0.0}, "`dt` is 0"),
        ({"initial": {"v": np.zeros(5)}}, "`v` starts with shape"),
        ({"initial": {"v": np.nan}}, "`initial v` has a value"),
        ({"initial": [0.0]}, "`initial` is"),
        ({"current": "strong"}, "`current` is 'strong'"),
        ({"current": np.zeros((20, 2, 3, 3)), "duration": 50.0}, "`duration` is 50 ms"),
        ({"dt": "short"}, "`dt` is 'short'"),
        ({"duration": -5.0}, "`duration` is -5"),
        ({"seed": 1.5}, "`seed` is 1.5"),
        ({"noise": "loud"}, "`noise` is 'loud'"),
        ({"noise": 1.0, "noise_tau": 0.0}, "`noise_tau` is 0"),
        ({"keep": "v"}, "`keep` is 'v'"),
        ({"initial": {"u": 0.0}}, "no state `u`"),
    ],
)
def test_an_unusable_run_is_refused_in_one_sentence(settings, said):
    with pytest.raises(ValueError, match=said):
        Layer(LIF(), (2, 3, 3)).simulate(**({"duration": 10.0} | settings))
