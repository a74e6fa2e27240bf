"""What is given to run the server with: it agrees with the command, with its metrics, with itself."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import click
import pytest
import yaml

pytest.importorskip("prometheus_client", reason="the server is an extra: story-dedupe[server]")

from prometheus_client.parser import text_string_to_metric_families

from dedupe.cli.serve import LISTEN, command
from dedupe.hooks import Decision
from dedupe.model import Relation, Verdict
from dedupe.server.access import read_tokens
from dedupe.server.measures import Measures
from dedupe.server.routes import ROUTES

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
PORT = int(LISTEN.rpartition(":")[2])
USER = 10001
VOLUME = "/var/lib/dedupe"
COMPOSE = sorted(DEPLOY.glob("compose.*.yaml"))
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
UNIT = DEPLOY / "dedupe-serve.service"
WITHOUT_TOKEN = {route for route, of in ROUTES.items() if of.get("GET", (1,))[0] is None}


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def image() -> dict[str, Any]:
    """The instructions of the last stage, by their word."""
    module = run_image()
    return {one.word: one for one in module.stages((DEPLOY / "Dockerfile").read_text("utf-8"))[1]}


def run_image() -> Any:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        return import_module("run_image")
    finally:
        sys.path.pop(0)


def unit() -> dict[str, list[str]]:
    """Settings of the unit: those that stand twice have two values."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def pods() -> list[tuple[str, dict[str, Any]]]:
    documents = [(p.name, d) for p in MANIFESTS for d in yaml.safe_load_all(p.read_text("utf-8"))]
    return [(name, one) for name, one in documents if one["kind"] == "Deployment"]


def commands() -> list[tuple[str, list[str]]]:
    """Each line by which a server is started, from `serve` on."""
    found = [("Dockerfile", image()["CMD"].words)]
    found += [("unit", unit()["ExecStart"][0].split()[1:])]
    for path in COMPOSE:
        for service in parsed(path)["services"].values():
            if service["image"] == "story-dedupe" and "command" in service:
                found.append((path.name, service["command"]))
    return found + [(name, container(pod)["args"]) for name, pod in pods()]


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    [found] = deployment["spec"]["template"]["spec"]["containers"]
    return found


@pytest.mark.parametrize(
    ("place", "words"), commands(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_each_line_that_starts_a_server_is_one_of_the_command(place: str, words: list[str]) -> None:
    name, *rest = words
    assert name == "serve"
    options, others, _ = command.make_parser(click.Context(command)).parse_args(args=list(rest))
    assert others == []
    assert options["listen"].endswith(f":{PORT}")
    # On an address that others reach the server does not start without tokens.
    assert options["tokens"].endswith("/tokens")
    assert options["index"].startswith(
        (f"{VOLUME}/", "${STATE_DIRECTORY}/", "postgresql://dedupe@")
    )


def test_no_password_stands_in_what_is_given() -> None:
    for path in [p for p in DEPLOY.rglob("*") if p.is_file()]:
        assert not re.search(r"://[^/\s@:]+:[^/\s@]+@", path.read_text("utf-8")), path.name


def test_the_image_runs_as_a_user_without_rights_on_the_port_and_volume_of_all_others() -> None:
    found = image()
    assert found["USER"].rest == f"{USER}:{USER}"
    assert found["VOLUME"].rest == found["WORKDIR"].rest == VOLUME
    assert found["EXPOSE"].rest == str(PORT)
    assert f"-o {USER} -g {USER} {VOLUME}" in found["RUN"].rest
    [address] = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", found["HEALTHCHECK"].words[-1])
    assert address == (str(PORT), "/healthz")


def test_the_health_of_a_server_is_told_without_a_token() -> None:
    assert {"/healthz", "/readyz"} <= WITHOUT_TOKEN
    assert "/metrics" not in WITHOUT_TOKEN


def test_the_image_installs_extras_that_there_are() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    [extras] = re.findall(r"'\.\[([\w,]+)\]'", text)
    known = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"server", "postgres"} == set(extras.split(","))
    assert set(extras.split(",")) <= known["optional-dependencies"].keys()


def test_the_builder_is_sent_what_is_copied() -> None:
    first = run_image().stages((DEPLOY / "Dockerfile").read_text("utf-8"))[0]
    copied = [word for one in first if one.word == "COPY" for word in one.words[:-1]]
    rules = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split("\n")
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    assert len(copied) > 5
    assert set(copied) == sent
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert any(fnmatch.fnmatch("dedupe/kernels.cpython-311.so", rule) for rule in rules)


def test_both_stages_have_one_python_that_the_package_takes() -> None:
    bases = re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert len(set(bases)) == 1
    [version] = re.findall(r"^python:(3\.\d+)-slim", bases[0])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_a_compose_file_is_one(path: Path) -> None:
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*words, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_a_compose_file_hardens_the_server_and_names_what_it_declares(path: Path) -> None:
    made = parsed(path)
    server = made["services"]["server"]
    assert server["user"] == f"{USER}:{USER}"
    assert server["read_only"] is True
    assert server["cap_drop"] == ["ALL"]
    assert server["security_opt"] == ["no-new-privileges:true"]
    assert seconds(server["stop_grace_period"]) > default("seconds")
    assert (DEPLOY / server["build"]["context"] / server["build"]["dockerfile"]).is_file()
    used = {secret for one in made["services"].values() for secret in one.get("secrets", [])}
    assert used == made["secrets"].keys()
    mounted = {
        volume.partition(":")[0]
        for one in made["services"].values()
        for volume in one.get("volumes", [])
    }
    assert {name for name in mounted if not name.startswith(".")} == made["volumes"].keys()
    assert all((DEPLOY / name).is_file() for name in mounted if name.startswith("."))
    published = [port for one in made["services"].values() for port in one.get("ports", [])]
    assert [p for p in published if str(PORT) in p and not p.startswith("127.0.0.1:")] == []


def default(option: str) -> float:
    [found] = [one.default for one in command.params if one.name == option]
    return found


def seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text[:-1])


@pytest.mark.parametrize(
    ("place", "deployment"), pods(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_deployment_is_whole(place: str, deployment: dict[str, Any]) -> None:
    spec, template = deployment["spec"], deployment["spec"]["template"]
    pod, server = template["spec"], container(deployment)
    assert spec["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert {pod["securityContext"][k] for k in ("runAsUser", "runAsGroup", "fsGroup")} == {USER}
    assert pod["automountServiceAccountToken"] is False
    assert server["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert server["ports"] == [{"name": "http", "containerPort": PORT}]
    probes = {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    for probe, path in probes.items():
        assert server[probe]["httpGet"] == {"path": path, "port": "http"}
    stop = (
        server.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep(0)"])
    )
    waited = int(re.search(r"sleep\((\d+)\)", stop[-1])[1])
    assert pod["terminationGracePeriodSeconds"] > default("seconds") + waited + 20
    assert {one["name"] for one in server["volumeMounts"]} == {
        one["name"] for one in pod["volumes"]
    }
    assert server["resources"]["limits"]["memory"] == "2Gi"


def test_one_server_has_an_index_in_a_file_and_several_one_in_postgres() -> None:
    kinds = {}
    for path in MANIFESTS:
        found = list(yaml.safe_load_all(path.read_text("utf-8")))
        [deployment] = [one for one in found if one["kind"] == "Deployment"]
        labels = deployment["spec"]["selector"]["matchLabels"]
        for one in found:
            if one["kind"] == "Service":
                assert one["spec"]["selector"] == labels
                assert one["spec"]["ports"][0]["targetPort"] == "http"
            if one["kind"] == "PodDisruptionBudget":
                assert one["spec"]["selector"]["matchLabels"] == labels
                assert one["spec"]["minAvailable"] < deployment["spec"]["replicas"]
        kinds[path.stem] = (deployment, {one["kind"] for one in found})
    alone, parts = kinds["sqlite"]
    assert (alone["spec"]["replicas"], alone["spec"]["strategy"]["type"]) == (1, "Recreate")
    assert parts == {"PersistentVolumeClaim", "Deployment", "Service"}
    [claim] = [v for v in alone["spec"]["template"]["spec"]["volumes"] if v["name"] == "index"]
    assert claim["persistentVolumeClaim"]["claimName"] == "dedupe-index"
    assert {"name": "index", "mountPath": VOLUME} in container(alone)["volumeMounts"]
    several, parts = kinds["postgres"]
    assert several["spec"]["replicas"] > 1
    assert parts == {"Deployment", "Service", "PodDisruptionBudget"}


def test_the_unit_gives_an_end_its_time_and_takes_it_for_none() -> None:
    found = unit()
    assert int(found["TimeoutStopSec"][0]) > default("seconds") + 20
    assert found["SuccessExitStatus"] == ["143"]
    assert found["Restart"] == ["on-failure"]
    assert found["LoadCredential"][0].startswith("tokens:")
    from dedupe.server.listening import BACKLOG, CONNECTIONS, OTHER_FILES

    assert int(found["LimitNOFILE"][0]) >= CONNECTIONS + BACKLOG + OTHER_FILES


@pytest.fixture
def analysed_unit(tmp_path: Path) -> Path:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    [program] = re.findall(r"^ExecStart=(\S+)", UNIT.read_text("utf-8"), re.MULTILINE)
    installed = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8").replace(program, str(Path(sys.executable)))
    installed.write_text(text, encoding="utf-8")
    return installed


def test_systemd_finds_nothing_wrong_with_the_unit(analysed_unit: Path) -> None:
    words = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(analysed_unit)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert (done.returncode, told) == (0, [])


def test_systemd_finds_the_unit_safe(analysed_unit: Path) -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(analysed_unit)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "SAFE" in done.stdout


class Idle:
    """An index that nobody asks: all that is counted of it is none."""

    def __getattr__(self, _: str) -> int:
        return 0


def measured() -> dict[str, set[str]]:
    """The labels of each series that a server gives, by its name."""
    measures = Measures(Idle())
    for relation in get_args(Relation):
        measures.decided("admit", [Decision("a", True, Verdict("a", relation, None))])
    for route in ROUTES:
        measures.answered(route, "POST", 200, 0.1)
    families = text_string_to_metric_families(measures.text().decode())
    found: dict[str, set[str]] = {"up": set()}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def asked_of_prometheus() -> list[tuple[str, str]]:
    """Each expression of the alerts and of the dashboard, with the place where it is."""
    rules = [rule for group in parsed(DEPLOY / "alerts.yml")["groups"] for rule in group["rules"]]
    found = [(rule["alert"], rule["expr"]) for rule in rules]
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    found += [(p["title"], target["expr"]) for p in board["panels"] for target in p["targets"]]
    lists = board["templating"]["list"]
    return found + [(one["name"], one["query"]["query"]) for one in lists if one["type"] == "query"]


SERIES = re.compile(r"\b(?:(?:dedupe|process)_\w+|up\b)")


@pytest.mark.parametrize(
    ("place", "asked"), asked_of_prometheus(), ids=lambda v: v if "(" not in v else ""
)
@pytest.mark.skipif(sys.platform != "linux", reason="a process tells of itself on Linux alone")
def test_what_is_asked_of_prometheus_is_what_the_server_tells(place: str, asked: str) -> None:
    known = measured()
    names = set(SERIES.findall(asked))
    assert names
    assert names <= known.keys()
    labels = {"instance", "job"}.union(*(known[name] for name in names))
    selected = [part for inner in re.findall(r"\{([^}]*)\}", asked) for part in inner.split('", ')]
    grouped = re.findall(r"\b(?:by|on|without) \(([^)]*)\)", asked)
    told = {re.split(r"[=!]", part)[0].strip() for part in selected}
    told |= {name.strip() for part in grouped for name in part.split(",")}
    assert told <= labels
    for pattern in re.findall(r'route=~"([^"]+)"', asked):
        assert any(re.fullmatch(pattern, route) for route in ROUTES)


def test_an_alert_that_names_what_is_not_told_would_be_found() -> None:
    assert "dedupe_decisions_total" in measured()
    assert "dedupe_decisions" not in measured()


def test_every_alert_says_how_urgent_it_is_and_where_to_read_on() -> None:
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    section = page.partition("\n## What to alert on\n")[2].partition("\n## ")[0]
    [group] = parsed(DEPLOY / "alerts.yml")["groups"]
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["runbook"].endswith("/docs/operations.md#what-to-alert-on")
        assert f"\n| `{rule['alert']}` |" in section
    named = set(re.findall(r"^\| `(Dedupe\w+)` \|", section, re.MULTILINE))
    assert named == {rule["alert"] for rule in group["rules"]}


def test_alerts_ring_when_they_should(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: Debian has it in prometheus")
    shutil.copy(DEPLOY / "alerts.yml", tmp_path)
    shutil.copy(Path(__file__).parent / "data" / "alerts_ring.yml", tmp_path)
    done = subprocess.run(
        ["promtool", "test", "rules", "alerts_ring.yml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_is_told_of_the_alerts_and_where_the_server_is() -> None:
    told = parsed(DEPLOY / "prometheus.yml")
    assert told["rule_files"] == ["alerts.yml"]
    [job] = told["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{PORT}"]}]
    assert f'job="{job["job_name"]}"' in (DEPLOY / "alerts.yml").read_text("utf-8")


def test_panels_of_the_dashboard_lie_beside_each_other() -> None:
    panels = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, at["y"]) for x in range(at["x"], at["x"] + at["w"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken
        taken |= cells


def test_the_proxies_lead_to_the_port_and_let_go_of_connections_first() -> None:
    from dedupe.server.listening import HEAD_SECONDS

    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    caddy = (DEPLOY / "Caddyfile").read_text("utf-8")
    assert f"server 127.0.0.1:{PORT} " in nginx
    assert f":127.0.0.1:{PORT}}}" in caddy
    assert int(re.search(r"keepalive_timeout (\d+)s;", nginx)[1]) < HEAD_SECONDS
    assert int(re.search(r"\tkeepalive (\d+)s", caddy)[1]) < HEAD_SECONDS
    waits = [
        *re.findall(r"proxy_\w+_timeout (\d+)s;", nginx),
        *re.findall(r"timeout (\d+)s", caddy),
    ]
    assert len(waits) == 3
    assert min(map(int, waits)) > 2 * default("seconds")


def test_a_file_of_tokens_that_the_comments_make_can_be_read(tmp_path: Path) -> None:
    [line] = re.findall(
        r"# +openssl rand -hex 32 \| sed 's/\^/(.+) /' > deploy/tokens",
        (DEPLOY / "compose.sqlite.yaml").read_text("utf-8"),
    )
    (tmp_path / "tokens").write_text(f"{line} {'0f' * 32}\n", encoding="utf-8")
    found = read_tokens(tmp_path / "tokens").grant_of(f"Bearer {'0f' * 32}")
    assert found.scopes == {"check", "admit"}
