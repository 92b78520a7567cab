"""Fixtures of the hostile inputs: a small valid instance as files, and how it is spoilt."""

import json

import pytest
from small_instance import POLICY, SCENARIO, SETTINGS, VALID, as_mapping


class Folder:
    """An instance folder whose files can be changed."""

    def __init__(self, path):
        self.path = path
        for name, text in VALID.items():
            self.write(f"{name}.csv", text)
        self.write("instance.yaml", SETTINGS)
        self.write("policies/limited.yaml", POLICY)
        self.write("scenarios/strike.yaml", SCENARIO)

    def write(self, name, content):
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        return (self.path / name).read_text(encoding="utf-8")

    def replace(self, name, old, new):
        text = self.read(name)
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def append(self, name, line):
        self.write(name, self.read(name) + line)


@pytest.fixture
def folder(tmp_path):
    """A valid instance as a folder of CSV and YAML files."""
    (tmp_path / "small").mkdir()
    return Folder(tmp_path / "small")


@pytest.fixture
def mapping():
    """A valid instance as one mapping of text."""
    return as_mapping()


@pytest.fixture
def single(tmp_path):
    """A writer of the instance as one YAML or JSON file."""

    def write(content, suffix):
        file = tmp_path / f"single.{suffix}"
        # JSON is YAML too; a flow mapping of quoted text is the strictest way to write it
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        file.write_text(text, encoding="utf-8")
        return file

    return write


def pytest_configure(config):
    config.addinivalue_line("markers", "benchmark: a measurement that is printed, not asserted")
