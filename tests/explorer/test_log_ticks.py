"""Ticks of logarithmic axes: several within every span, in plain numbers."""

from __future__ import annotations

import pytest
from bokeh.models import BasicTicker, FixedTicker
from bokeh.plotting import figure

from explorer.log_ticks import tick


@pytest.mark.parametrize("low", [0.3, 7.0, 20.0])
@pytest.mark.parametrize("quotient", [4.1, 12.0, 39.0, 60.0, 1e3])
def test_a_wide_axis_has_several_ticks_at_round_digits(low, quotient):
    (axis,) = figure(y_axis_type="log").yaxis
    tick(axis, (low, low * quotient))
    assert isinstance(axis.ticker, FixedTicker)
    shown = [value for value in axis.ticker.ticks if low <= value <= low * quotient]
    assert 2 <= len(shown) <= 10
    assert len(shown) >= 3 or quotient < 10.0


def test_a_narrow_axis_is_ticked_evenly():
    (axis,) = figure(y_axis_type="log").yaxis
    tick(axis, (9.0, 11.0))
    assert isinstance(axis.ticker, BasicTicker)


def test_an_axis_that_moves_keeps_its_ticker():
    (axis,) = figure(y_axis_type="log").yaxis
    for spans in ([(1.0, 30.0), (1.0, 31.0), (0.1, 90.0)], [(9.0, 11.0), (9.0, 12.0)]):
        tickers = []
        for span in spans:
            tick(axis, span)
            tickers.append((axis.ticker, axis.formatter))
        assert len({id(ticker) for ticker, _ in tickers}) == 1
        assert len({id(formatter) for _, formatter in tickers}) == 1
