"""Starting the apps that are servers of their own and no notebooks: the reporting form and the desk.

They write, they need a login or a fence, and they must stand on a page without a kernel's delay: none of that
is what a notebook is for.
"""

from __future__ import annotations

import sys
import webbrowser
from functools import partial
from pathlib import Path

from sosrake_lib.language import say
from sosrake_lib.serving import apps


def serve_form(name: str, project: Path, port: int | None, language: str, open_browser: bool) -> None:
    """Serve the reporting form or the desk until interrupted.

    Parameters
    ----------
    name : one of `apps.FORMS`.
    """
    print(apps.words(name, "starting", language), flush=True)
    announce = partial(_announce, open_browser, language)
    if name == "tyopoyta":
        from sosrake_lib.serving import desk_launch
        from sosrake_lib.serving.desk_session import tokens_folder

        desk_launch.serve(
            port,
            language,
            when_ready=lambda url: announce(
                say("tyopoyta.cli.starting", language, url=url, folder=str(tokens_folder())), url
            ),
            when_made=lambda user, file: print(
                say("tyopoyta.cli.made", language, user=user, file=file), flush=True
            ),
        )
        return
    from sosrake_lib.serving.intake_launch import serving

    with serving(project, port, language) as form:
        title = apps.words(name, "title", language)
        announce(say("serving.ready", language, title=title, url=form.url), form.url)
        form.process.wait()


def _announce(open_browser: bool, language: str, line: str, url: str) -> None:
    print(line, flush=True)
    if open_browser and not webbrowser.open(url):
        print(say("serving.no_browser", language, url=url), file=sys.stderr, flush=True)
