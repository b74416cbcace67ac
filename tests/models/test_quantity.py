"""Declared settings: what a number and a choice accept, and what they say when they do not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from models.quantity import Choice, Declared, Quantity, is_finite_number, shown, written


class Cable(Declared):
    length = Quantity(1.0, bounds=(0.0, 10.0), unit="mm", doc="how long")
    turns = Quantity(3, bounds=(1, None))
    shape = Choice("round", objects=["round", "flat"])


class Coaxial(Cable):
    shield = Quantity(0.5, bounds=(0.0, 1.0))


def test_settings_are_known_in_the_order_of_declaration_bases_first():
    assert list(Coaxial.quantities()) == ["length", "turns", "shield"]
    assert Coaxial.setting_names() == ("length", "turns", "shield", "shape")
    assert Coaxial(shield=0.1).settings == {
        "length": 1.0,
        "turns": 3,
        "shield": 0.1,
        "shape": "round",
    }


@pytest.mark.parametrize("value", [2, 2.5, np.float32(2.5), np.int64(2), Fraction(5, 2)])
def test_any_real_number_is_accepted(value):
    assert Cable(length=value).length == value


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"length": float("nan")}, "`length` is nan: give a finite number in mm."),
        ({"length": float("inf")}, "`length` is inf: give a finite number in mm."),
        ({"length": "2"}, "`length` is '2': give a finite number in mm."),
        ({"length": None}, "`length` is None: give a finite number in mm."),
        ({"length": True}, "`length` is True: give a finite number in mm."),
        ({"length": np.bool_(True)}, "`length` is np.True_: give a finite number in mm."),
        ({"length": 11.0}, "`length` is 11 mm: choose 10 or less."),
        ({"length": -0.5}, "`length` is -0.5 mm: choose 0 or more."),
        ({"turns": 0}, "`turns` is 0: choose 1 or more."),
        ({"shape": "square"}, "`shape` is 'square': choose one of round, flat."),
        ({"shape": 3}, "`shape` is 3: choose one of round, flat."),
        ({"lenght": 3}, "Cable has no setting `lenght`: did you mean `length`?"),
        ({"colour": 3}, "Cable has no setting `colour`: it has length, turns, shape."),
    ],
    ids=str,
)
def test_anything_else_gets_one_sentence(setting: dict, sentence: str):
    with pytest.raises(ValueError) as refusal:
        Cable(**setting)
    assert str(refusal.value) == sentence


def test_a_refused_assignment_keeps_the_old_value():
    cable = Cable(length=2.0)
    with pytest.raises(ValueError, match="choose 10 or less"):
        cable.length = 20.0
    assert cable.length == 2.0


def test_numbers_beyond_floats_are_not_finite():
    assert not is_finite_number(10**400)
    assert is_finite_number(10**300)
    assert not is_finite_number(1j)


def test_long_values_are_cut_short_and_put_on_one_line():
    assert shown("a\nb" * 100).endswith("...")
    assert "\n" not in shown(np.zeros((30, 30)))
    assert len(shown(np.zeros((30, 30)))) <= 60


def test_a_sentence_prints_no_power_of_ten_that_can_be_read_out() -> None:
    texts = [written(value) for value in (2216.0, 999.7, -1234.4, 12.345, 0.00123, 0.0)]
    assert texts == ["2216", "1000", "-1234", "12.3", "0.00123", "0"]
    assert written(9999.6, 4) == "10000"
