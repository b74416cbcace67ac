"""The regimes of Morris-Lecar (Rinzel & Ermentrout, appendix A; Ermentrout & Terman, table 3.1)."""

from __future__ import annotations

import models

HOPF_REGIME = models.MorrisLecar(g_Ca=4.4, V3=2.0, V4=30.0, phi=0.04)
SNLC_REGIME = models.MorrisLecar(g_Ca=4.0, V3=12.0, V4=17.4, phi=1.0 / 15.0)
HOMOCLINIC_REGIME = models.MorrisLecar(g_Ca=4.0, V3=12.0, V4=17.4, phi=0.23)
