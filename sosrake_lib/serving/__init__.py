"""What the apps share: the address line, controls, safe HTML and the launcher."""

from sosrake_lib.serving.address import Choice, Fault, read_choice
from sosrake_lib.serving.calculator import Calculator
from sosrake_lib.serving.decider_view import DeciderView
from sosrake_lib.serving.forms import Form, read_form
from sosrake_lib.serving.html import answer, element, show
from sosrake_lib.serving.launcher import serve
from sosrake_lib.serving.overview import Overview
from sosrake_lib.serving.session import open_release
from sosrake_lib.serving.simulation import Simulation

__all__ = [
    "Calculator",
    "Choice",
    "DeciderView",
    "Fault",
    "Form",
    "Overview",
    "Simulation",
    "answer",
    "element",
    "open_release",
    "read_choice",
    "read_form",
    "serve",
    "show",
]
