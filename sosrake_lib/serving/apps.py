"""The apps there are: what each needs from the server, and the words it goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import messages, say

DEFAULT_APP = "tilannekuva"


@dataclass(frozen=True)
class App:
    """What an app needs.

    Attributes
    ----------
    name : of its notebook in `notebooks/apps`.
    release : the release its pages show, made when the server starts; empty when it shows none.
    words : a release of words alone that stands beside it, made at the same time; empty when there is none.
    private : people's answers are entered. They come as a form by POST, go to the kernel's memory and nowhere
        else: no address, no file and no log holds them.
    """

    name: str
    release: str = ""
    words: str = ""
    private: bool = False


APPS: Mapping[str, App] = MappingProxyType(
    {
        one.name: one
        for one in (
            App("tilannekuva", release="alueindikaattorit"),
            App("paattajan_nakyma", release="paattajalle", words="paattajan_sanat"),
            App("mittarilaskuri", private=True),
            App("vaikuttavuussimulaattori"),
        )
    }
)


# Servers of their own, without a notebook: they take what people write (`serving.forms_launch`).
FORMS = ("sosiaalinen_raportointi", "tyopoyta")


def app_of(name: str) -> App:
    """Give what an app needs; a notebook of one's own shows the area's published figures.

    Examples
    --------
    >>> app_of("mittarilaskuri").private, app_of("oma").release
    (True, 'alueindikaattorit')
    """
    return APPS.get(name, App(name, release="alueindikaattorit"))


def words(name: str, key: str, language: str, **values: object) -> str:
    """Say a word of the frame: the app's own where it has one, else what all apps say.

    Examples
    --------
    >>> words("mittarilaskuri", "title", "fi"), words("oma", "title", "fi")
    ('Mittarilaskuri', 'SOSRAKE-sovellus')
    """
    own = f"serving.app.{name}.{key}"
    known = own in messages.catalogue("serving", language)
    return say(own if known else f"serving.frame.{key}", language, **values)


def notebooks(project: Path) -> dict[str, Path]:
    """Find the app notebooks of a project, the first app first."""
    folder = project.resolve() / "notebooks" / "apps"
    found = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    order = [name for name in APPS if name in found]
    return {name: found[name] for name in (*order, *(name for name in found if name not in order))}


def notebook(project: Path, name: str) -> Path:
    """Give an app's notebook; SosrakeError names those there are."""
    found = notebooks(project)
    if name not in found:
        folder = str(project.resolve() / "notebooks" / "apps")
        names = ", ".join((*found, *FORMS))
        raise SosrakeError(say("serving.error.no_app", app=repr(name), folder=folder, names=names))
    return found[name]


def listed(project: Path, language: str = "fi") -> list[str]:
    """List the apps as `sosrake app --list` prints them: command, then what it is."""
    lines = []
    for name in (*notebooks(project), *FORMS):
        command = "sosrake app" if name == DEFAULT_APP else f"sosrake app {name}"
        lines.append(f"{command}  –  {words(name, 'title', language)}: {words(name, 'about', language)}")
    return lines
