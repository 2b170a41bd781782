"""Output check: what a researcher's results would tell, listed before they leave a secure environment.

`check_folder` reads every file of a folder, names the risks it can see and those only a person can see, and
`statement` writes the paper that goes to whoever decides. It never says that a file is safe.
"""

from sosrake_lib.protect.output_check.checking import CheckedFile, FolderCheck, check_folder
from sosrake_lib.protect.output_check.limits import Limits
from sosrake_lib.protect.output_check.statement import statement

__all__ = ["CheckedFile", "FolderCheck", "Limits", "check_folder", "statement"]
