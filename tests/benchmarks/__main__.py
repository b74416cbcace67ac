"""``python -m tests.benchmarks [section ...]`` prints the tables of some sections, or of all.

A section is a module of this folder with a function ``report()`` that prints its table.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from types import ModuleType

from . import __path__ as folder


def sections() -> dict[str, ModuleType]:
    """Every section by name, in alphabetical order."""
    names = sorted(info.name for info in pkgutil.iter_modules(folder) if info.name != "__main__")
    modules = {name: importlib.import_module(f"{__package__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "report")}


def main() -> None:
    known = sections()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("section", nargs="*", help=f"any of: {', '.join(known)}")
    chosen = parser.parse_args().section
    for name in chosen:
        if name not in known:
            parser.error(f"there is no section `{name}`: choose from {', '.join(known)}")
    for name in chosen or known:
        title = (known[name].__doc__ or name).splitlines()[0]
        print(f"\n## {name}: {title}\n", flush=True)
        known[name].report()


if __name__ == "__main__":
    main()
