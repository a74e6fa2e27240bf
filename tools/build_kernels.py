"""Builds the compiled kernels: a hook of hatchling around CMake, and a command for developers.

The extension module lies in the package, ``dedupe/kernels.*.so``, for a wheel as for an editable
install. Where the machine has no C++ compiler, ``ziglang`` of the package index brings one.

``python tools/build_kernels.py`` compiles again what was changed since. With ``--checked`` the
kernels hold every access against its array, under the compiler's sanitizers; that module is laid
into ``build/checked``, where ``make checked`` finds it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILERS = ("c++", "g++", "clang++")
STABLE = "cp312-abi3"
"""From this Python on one wheel serves it and all later ones, where CMake is 3.26 or newer."""
ZIG_TOOLS = {"CXX_COMPILER": "c++", "AR": "ar", "RANLIB": "ranlib"}
"""What CMake is told of, by the names that it has for them."""


def has_compiler() -> bool:
    """Whether a C++ compiler is named or found; on Windows CMake looks for Visual Studio's."""
    return bool(os.environ.get("CXX")) or os.name == "nt" or any(map(shutil.which, COMPILERS))


def works(tool: str, least: tuple[int, int]) -> bool:
    """Whether a tool is found, runs, and is of this version or a later one.

    One of another environment, whose packages are out of sight in a build, may not run.
    """
    if not (found := shutil.which(tool)):
        return False
    ran = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"(\d+)\.(\d+)", ran.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= least


def zig_tools(folder: Path) -> list[str]:
    """Writes a script for each tool of ziglang into ``folder``; what CMake is to be told."""
    folder.mkdir(parents=True, exist_ok=True)
    options = []
    for name, tool in ZIG_TOOLS.items():
        # Zig compiles for this very processor unless told otherwise.
        least = " -mcpu=baseline" if tool == "c++" else ""
        script = folder / f"zig-{tool}"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ziglang {tool}{least} "$@"\n')
        script.chmod(0o755)
        options.append(f"-DCMAKE_{name}={script}")
    return options


def compiled(root: Path, folder: Path, prefix: Path, *, checked: bool = False) -> None:
    """Compiles in ``folder``, and lays the module into ``prefix``. Raises SystemExit."""
    import nanobind

    options = [] if has_compiler() else zig_tools(folder / "zig")
    environment = dict(os.environ)
    if options:  # its cache is otherwise in the home folder, which there need not be
        environment["ZIG_GLOBAL_CACHE_DIR"] = str(folder / "zig" / "cache")
    options += ["-G", "Ninja"] if os.name != "nt" else []
    options += [
        f"-DPython_EXECUTABLE={sys.executable}",
        f"-Dnanobind_DIR={nanobind.cmake_dir()}",
        f"-DDEDUPE_CHECKED={'ON' if checked else 'OFF'}",
        "-DCMAKE_BUILD_TYPE=Release",
    ]
    built = [str(folder), "--config", "Release"]
    for step in (
        ["cmake", "-S", str(root), "-B", str(folder), *options],
        ["cmake", "--build", *built, "--parallel"],
        ["cmake", "--install", *built, "--prefix", str(prefix)],
    ):
        ran = subprocess.run(step, env=environment, capture_output=True, text=True, check=False)
        if ran.returncode:
            sys.stderr.write(ran.stdout[-20_000:] + ran.stderr[-20_000:])
            raise SystemExit(f"the kernels could not be compiled: {' '.join(step)}")


def own_platform() -> str:
    """The platform of a wheel's tag: this one, as no other machine was thought of in building."""
    from packaging.tags import sys_tags

    of_many = ("manylinux", "musllinux")
    return next(tag.platform for tag in sys_tags() if not tag.platform.startswith(of_many))


class KernelsHook(BuildHookInterface[Any]):
    """Compiles ``dedupe/kernels/*.cpp``, and tells hatchling for which Pythons the result is."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build itself needs, besides what pyproject.toml says."""
        least = (3, 26) if sys.version_info >= (3, 12) else (3, 18)  # for the stable ABI
        needed = [] if works("cmake", least) else ["cmake>=3.26"]
        needed += [] if works("ninja", (1, 10)) or os.name == "nt" else ["ninja>=1.11"]
        return [*needed, *([] if has_compiler() else ["ziglang>=0.13"])]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds before files are collected. Raises SystemExit where the compiler fails."""
        del version
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        folder = root / "build" / f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
        # Of an earlier build nothing is of use: its tools were in a folder that is gone.
        shutil.rmtree(folder, ignore_errors=True)
        compiled(root, folder, root)
        (module,) = (path for path in folder.rglob("kernels.*") if path.suffix in {".so", ".pyd"})
        # That of this build alone: those of other Pythons may lie beside it.
        build_data["artifacts"].append(f"/dedupe/{module.name}")
        build_data["pure_python"] = False
        if ".abi3" in module.name or module.name == "kernels.pyd":
            build_data["tag"] = f"{STABLE}-{own_platform()}"
        else:
            build_data["infer_tag"] = True


def main(arguments: list[str]) -> None:
    """Compiles for a developer."""
    root, checked = Path(__file__).resolve().parent.parent, "--checked" in arguments
    folder = root / "build" / ("checked" if checked else "developer")
    compiled(root, folder, folder if checked else root, checked=checked)


if __name__ == "__main__":
    main(sys.argv[1:])
