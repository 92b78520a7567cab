"""An instance in the form that a file's name asks for: a folder, a workbook, a YAML or a JSON file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from planner.errors import InstanceError, UsageError
from planner.instance.document import Document, document_of
from planner.instance.files import files_of, read_instance_files, take_mapping
from planner.instance.forms import folder_files, json_file, yaml_file
from planner.instance.instance import Instance
from planner.instance.loading import check_raw
from planner.instance.notes import add_notes
from planner.instance.whole_files import put_file, put_folder
from planner.report.instance_workbook.writing import write_book

FORMS = "a folder, FILE.xlsx, FILE.yaml or FILE.json"


def read_document(path: Path) -> tuple[Document, list[str]]:
    """An instance as it is written, with its notes, and what other forms have no place for.

    Raises:
        InstanceError: it has errors.
        UsageError: there is nothing to read.
    """
    raw = read_instance_files(path)
    checked = check_raw(raw)
    if checked.errors:
        raise InstanceError(checked.errors)
    left = [f"comments in {file}" for file in add_notes(raw, path)]
    if raw.places is not None:
        left += sorted(raw.places.left)
    document = document_of(raw)
    if path.is_dir():
        known = {Path(name) for name in folder_files(document)}
        known |= {Path(file) for file, _, _ in [*raw.policies, *raw.scenarios]}
        known |= {Path(file.name) for file in files_of(path, ".csv")} | {Path(raw.settings_file)}
        files = [file.relative_to(path) for file in sorted(path.rglob("*")) if file.is_file()]
        left += [str(file) for file in files if file not in known and not file.name.startswith(".")]
    return document, left


def document_of_instance(instance: Instance) -> Document:
    """An instance that was made, not read, as a document."""
    raw = take_mapping(instance.as_mapping())
    return document_of(raw)


def write_document(document: Document, target: Path, files: dict[str, str] | None = None) -> Path:
    """Write an instance in the form that the target's name asks for: all of it, or nothing.

    The written files are read again before they are put in place, and must give the same document.

    Args:
        document: the instance.
        target: a folder, or a file that ends in .xlsx, .yaml, .yml or .json. It must not exist; an empty folder may.
        files: the texts of a folder's files, by path; None for those that `folder_files` makes.

    Raises:
        UsageError: the target exists, its name asks for no known form, or the form cannot hold the instance.
        OSError: it cannot be written.
    """
    kind = target.suffix.lower()
    write = _writer(document, target, kind, files)
    refuse_existing(target)
    if kind == "":
        put_folder(target, lambda draft: _checked(write, document, draft), refuse_existing)
        return target
    return put_file(target, lambda draft: _checked(write, document, draft))


def _writer(document: Document, target: Path, kind: str, files: dict[str, str] | None) -> Callable[[Path], object]:
    if kind == ".xlsx":
        return lambda draft: write_book(document, draft, target.name)
    if kind in {".yaml", ".yml"}:
        return lambda draft: draft.write_bytes(yaml_file(document).encode())
    if kind == ".json":
        return lambda draft: draft.write_bytes(json_file(document).encode())
    if kind:
        raise UsageError(f"'{kind}' is no form of an instance. Name {FORMS}.")
    return _fill(files or folder_files(document))


def _fill(files: dict[str, str]) -> Callable[[Path], object]:
    def fill(folder: Path) -> None:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    return fill


def _checked(write: Callable[[Path], object], document: Document, draft: Path) -> None:
    """Write, read it again, and compare."""
    write(draft)
    try:
        found, _ = read_document(draft)
    except InstanceError as error:
        raise UsageError(f"The instance cannot be written in this form: {error.problems[0]}") from None
    if found.settings.get("name") != document.settings.get("name") or folder_files(found) != folder_files(document):
        different = _first_difference(folder_files(document), folder_files(found))
        raise UsageError(f"The instance cannot be written in this form without loss ({different}). Choose another.")


def _first_difference(wanted: dict[str, str], found: dict[str, str]) -> str:
    for name, text in wanted.items():
        if found.get(name) != text:
            lines = zip(text.splitlines(), found.get(name, "").splitlines(), strict=False)
            number = next((place for place, (one, other) in enumerate(lines, start=1) if one != other), 1)
            return f"{name}, row {number}"
    return ", ".join(sorted(set(found) - set(wanted)))


def refuse_existing(target: Path) -> None:
    """Raise an error where writing an instance would replace a file or folder.

    Raises:
        UsageError: the target exists, and is no empty folder.
    """
    if not os.path.lexists(target):
        return
    if target.suffix == "" and target.is_dir() and not any(target.iterdir()):
        return
    raise UsageError(f"{target} exists, and is left alone. Choose another name, or move it away first.")
