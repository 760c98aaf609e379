"""The part of the suite of hosts that installs the library and builds hosts outside the tree against it.

Knows pkg-config, CMake and Meson, and what an installed tree holds; needs both libraries built.
Invariant: nothing is written but into a folder of its own, which is gone afterwards.
"""
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path

from .program import Outcome, difference, run

PATIENCE = 300
EXPECTED = "[5.5 7.5 9.5]\n"
LARGEST_LIBRARY = 6 * 2**20  # bytes, stripped
MOST_OF_OUR_OWN = 1.35  # times what the standard library's headers take
LONGEST_COMPILATION = 1.0  # seconds of a processor, for a host that does nothing but include the header
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
EXPORTS = ("inlay_", "inlay::v1::", "typeinfo for inlay::v1::", "typeinfo name for inlay::v1::",
           "vtable for inlay::v1::")


class Installed:
    """The library in a tree of its own."""

    def __init__(self, build, root, folder, is_whole):
        self.root, self.folder, self.is_whole = root, Path(folder), is_whole
        self.hosts = root / "tests" / "hosts"
        self.status = run(["meson", "install", "-C", str(build), "--no-rebuild", "--destdir", folder], PATIENCE)
        found = list(self.folder.rglob("inlay.pc"))
        self.libraries = found[0].parent.parent if found else self.folder
        self.prefix = next(iter(self.folder.rglob("include/inlay")), self.folder).parent.parent
        self.environment = {**os.environ, "PKG_CONFIG_PATH": str(self.libraries / "pkgconfig"), "PKG_CONFIG_SYSROOT_DIR": folder,
                            "LD_LIBRARY_PATH": str(self.libraries), "CMAKE_PREFIX_PATH": str(self.prefix)}

    def call(self, *command, patience=PATIENCE, environment=None):
        """The output of a command, which finds the installed tree unless another environment is given; raises Failure
        if it fails."""
        result = run([str(part) for part in command], patience, None, environment or self.environment)
        if result.status:
            raise Failure(f"{' '.join(map(str, command))}: exit status {result.status}\n{result.stdout[-1500:]}"
                          f"{result.stderr[-1500:]}")
        return result.stdout

    def flags(self, *options):
        """What pkg-config says."""
        return self.call("pkg-config", *options, "inlay").split()

    def expect(self, binary):
        """Runs a host, which prints what they all print."""
        failure = difference(EXPECTED, self.call(binary))
        if failure:
            raise Failure(failure)


class Failure(Exception):
    """What went wrong, in words."""


def installed_hosts(program, root, is_whole):
    """One outcome per way to have the library, and per promise about it; none of a sanitized build, whose
    runtime hosts outside the tree do not link. `is_whole`: the library is built as a subproject too, which takes
    minutes."""
    if program.is_sanitized():
        return []
    with tempfile.TemporaryDirectory() as folder:
        tree = Installed(Path(program.path).parent, root, folder, is_whole)
        if tree.status.status:
            return [Outcome("meson install", tree.status.stdout[-1500:] + tree.status.stderr[-1500:])]
        return [outcome_of(check, tree) for check in CHECKS]


def outcome_of(check, tree):
    """The outcome of one check, under the first line of its text."""
    name = check.__doc__.split("\n")[0].rstrip(".")
    try:
        check(tree)
    except Failure as failure:
        return Outcome(name, str(failure))
    return Outcome(name)


def pkg_config_shared(tree):
    """A host in C++ by pkg-config."""
    host = tree.folder / "shared"
    tree.call("c++", "-std=c++20", *STRICT, tree.hosts / "host.cpp", "-o", host, *tree.flags("--cflags", "--libs"))
    tree.expect(host)


def pkg_config_static(tree):
    """A host in C++ by pkg-config, the library linked statically."""
    host = tree.folder / "static"
    libraries = ["-l:libinlay.a" if flag == "-linlay" else flag for flag in tree.flags("--static", "--libs")]
    tree.call("c++", "-std=c++20", tree.hosts / "host.cpp", "-o", host, *tree.flags("--cflags"), *libraries, "-pthread")
    if "libinlay" in tree.call("ldd", host):
        raise Failure("still needs the shared library")
    tree.expect(host)


def pkg_config_c(tree):
    """A host in C11 by pkg-config."""
    host = tree.folder / "c_host"
    tree.call("cc", "-std=c11", *STRICT, tree.hosts / "host.c", "-o", host, *tree.flags("--cflags", "--libs"))
    tree.expect(host)


def private_packages(tree):
    """pkg-config asks a host for no package of which the library has only used headers."""
    asked = tree.call("pkg-config", "--print-requires-private", "inlay")
    if "eigen" in asked:
        raise Failure(asked)


def cmake(tree):
    """Hosts by CMake's find_package: shared, static, C."""
    build = tree.folder / "cmake"
    tree.call("cmake", "-S", tree.hosts, "-B", build, "-DCMAKE_BUILD_TYPE=Release")
    tree.call("cmake", "--build", build)
    for name in ("host_shared", "host_static", "host_c"):
        tree.expect(build / name)


def meson_dependency(tree):
    """A host by Meson's dependency()."""
    build = tree.folder / "meson"
    tree.call("meson", "setup", build, tree.hosts, "--wrap-mode=nofallback")
    tree.call("ninja", "-C", build)
    tree.expect(build / "host")


def meson_subproject(tree):
    """A host that has the sources as a subproject is configured, with the library and without its tests."""
    build = configure_subproject(tree)
    targets = tree.call("ninja", "-C", build, "-t", "targets", "all")
    if "libinlay.so" not in targets or "unit_api" in targets:
        raise Failure("the wrong targets:\n" + targets[:1500])
    if tree.is_whole:
        tree.call("ninja", "-C", build, "host", "host_c", patience=3600, environment=os.environ)
        for name in ("host", "host_c"):
            tree.expect(build / name)


def configure_subproject(tree):
    """The build folder of a host that has the sources as a subproject; not optimised, since it is built to be run once."""
    source, build = tree.folder / "outer", tree.folder / "outer_build"
    shutil.copytree(tree.hosts, source)
    (source / "subprojects").mkdir()
    (source / "subprojects" / "inlay").symlink_to(tree.root)
    tree.call("meson", "setup", build, source, "--wrap-mode=forcefallback", "-Doptimization=0", "-Ddebug=false",
              environment=os.environ)
    return build


def exports(tree):
    """The shared library exports the two interfaces and nothing else."""
    names = tree.call("nm", "-D", "--defined-only", "-C", "--format=posix", tree.libraries / "libinlay.so").splitlines()
    if not any(name.startswith("inlay_new") for name in names):
        raise Failure("inlay_new is not exported")
    others = [name for name in names if not name.startswith(EXPORTS)]
    if others:
        raise Failure("exported too: " + ", ".join(others[:20]))


def size(tree):
    """The stripped shared library is no larger than what was promised."""
    stripped = tree.folder / "stripped.so"
    tree.call("strip", "-o", stripped, (tree.libraries / "libinlay.so").resolve())
    if stripped.stat().st_size > LARGEST_LIBRARY:
        raise Failure(f"{stripped.stat().st_size / 2**20:.2f} MiB")


def header(tree):
    """A host that includes the C++ header compiles in a second, or, on a slow machine, hardly longer than without it."""
    def seconds(name, text):
        source = tree.folder / f"{name}.cpp"
        source.write_text(text + "int main() {}\n", encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        tree.call("c++", "-std=c++20", "-c", source, "-o", tree.folder / "include.o", *tree.flags("--cflags"))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    headers = (tree.root / "include" / "inlay").glob("*.hpp")
    standard = {line for path in headers for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#include <")}
    turns = [(seconds("include", "#include <inlay/inlay.hpp>\n"), seconds("standard", "\n".join(standard) + "\n"))
             for _ in range(3)]
    best, without = (min(times) for times in zip(*turns))
    if best > LONGEST_COMPILATION and best > MOST_OF_OUR_OWN * without:
        raise Failure(f"{best:.2f} s, the standard library's headers alone {without:.2f} s")


def python_host(tree):
    """A host in Python by ctypes."""
    host = tree.root / "examples" / "embed" / "ctypes_host.py"
    printed = tree.call(sys.executable, host, tree.libraries / "libinlay.so")
    failure = difference(host.with_suffix(".out").read_text(encoding="utf-8"), printed)
    if failure:
        raise Failure(failure)


def numpy_peer(tree):
    """NumPy by DLPack, where there is a NumPy 2.1 or later (python3, or NUMPY_PYTHON)."""
    python = os.environ.get("NUMPY_PYTHON", "python3")
    asked = run([python, "-c", "import numpy as n; print(n.lib.NumpyVersion(n.__version__) >= '2.1.0')"], PATIENCE)
    if asked.stdout.strip() == "True":
        tree.call(python, tree.hosts / "numpy_peer.py", tree.libraries / "libinlay.so")


CHECKS = [pkg_config_shared, pkg_config_static, pkg_config_c, private_packages, cmake, meson_dependency, meson_subproject, exports, size,
          header, python_host, numpy_peer]
