"""Builds the compiled kernels where the package is built: a hook of hatchling around CMake.

The extension module lies in the package, ``dedupe/kernels.*.so``, for a wheel as for an editable
install. Where the machine has no C++ compiler, ``ziglang`` of the package index brings one. With
``DEDUPE_CHECKED=1`` in the environment the kernels hold every access against its array.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILERS = ("c++", "g++", "clang++")
STABLE_FROM = (3, 12)
"""From this Python on one wheel serves it and all later ones; nanobind needs it."""
ZIG_TOOLS = {"CXX": "c++", "AR": "ar", "RANLIB": "ranlib"}


def has_compiler() -> bool:
    """Whether a C++ compiler is named or found; on Windows CMake looks for Visual Studio's."""
    return bool(os.environ.get("CXX")) or os.name == "nt" or any(map(shutil.which, COMPILERS))


def zig_tools(folder: Path) -> list[str]:
    """Writes a script for each tool of ziglang into ``folder``; what CMake is to be told."""
    folder.mkdir(parents=True, exist_ok=True)
    for tool in ZIG_TOOLS.values():
        # Zig compiles for this very processor unless told otherwise.
        least = " -mcpu=baseline" if tool == "c++" else ""
        script = folder / f"zig-{tool}"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ziglang {tool}{least} "$@"\n')
        script.chmod(0o755)
    found = {name: folder / f"zig-{tool}" for name, tool in ZIG_TOOLS.items()}
    return [
        f"-DCMAKE_CXX_COMPILER={found['CXX']}",
        f"-DCMAKE_AR={found['AR']}",
        f"-DCMAKE_RANLIB={found['RANLIB']}",
    ]


class KernelsHook(BuildHookInterface[Any]):
    """Compiles ``dedupe/kernels/*.cpp``, and tells hatchling for which Pythons the result is."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build itself needs, besides what pyproject.toml says."""
        needed = [] if shutil.which("cmake") else ["cmake>=3.24"]
        needed += [] if shutil.which("ninja") else ["ninja>=1.11"]
        return [*needed, *([] if has_compiler() else ["ziglang>=0.13"])]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds before files are collected. Raises SystemExit where the compiler fails."""
        del version
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        self._compile(root, root / "build" / f"{sys.implementation.cache_tag}-{_platform()}")
        build_data["pure_python"] = False
        stable = sys.version_info >= STABLE_FROM and not sysconfig.get_config_var("Py_GIL_DISABLED")
        if stable:
            from packaging.tags import sys_tags

            least = "".join(map(str, STABLE_FROM))
            build_data["tag"] = f"cp{least}-abi3-{next(sys_tags()).platform}"
        else:
            build_data["infer_tag"] = True

    def _compile(self, root: Path, folder: Path) -> None:
        import nanobind

        checked = os.environ.get("DEDUPE_CHECKED") == "1"
        folder = folder.with_name(f"{folder.name}-checked") if checked else folder
        # Of an earlier build nothing is of use: its tools were in a folder that is gone.
        shutil.rmtree(folder, ignore_errors=True)
        options = [] if has_compiler() else zig_tools(folder / "zig")
        environment = dict(os.environ)
        if options:  # its cache is otherwise in the home folder, which there need not be
            environment["ZIG_GLOBAL_CACHE_DIR"] = str(folder / "zig" / "cache")
        generator = ["-G", "Ninja"] if os.name != "nt" else []
        told = [
            f"-DPython_EXECUTABLE={sys.executable}",
            f"-Dnanobind_DIR={nanobind.cmake_dir()}",
            f"-DDEDUPE_CHECKED={'ON' if checked else 'OFF'}",
            "-DCMAKE_BUILD_TYPE=Release",
        ]
        steps = (
            ["cmake", "-S", str(root), "-B", str(folder), *generator, *options, *told],
            ["cmake", "--build", str(folder), "--config", "Release", "--parallel"],
            ["cmake", "--install", str(folder), "--config", "Release", "--prefix", str(root)],
        )
        for step in steps:
            ran = subprocess.run(step, env=environment, capture_output=True, text=True, check=False)
            if ran.returncode:
                sys.stderr.write(ran.stdout[-20_000:] + ran.stderr[-20_000:])
                raise SystemExit(f"the kernels could not be compiled: {' '.join(step)}")


def _platform() -> str:
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
