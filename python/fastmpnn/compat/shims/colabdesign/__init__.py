"""Found before ColabDesign where its folder is in ``PYTHONPATH``: lets FastMPNN take the place of its MPNN.

Then the real package takes this one's place, if there is one; see fastmpnn.compat.colabdesign.install.
"""

import importlib
import sys

from fastmpnn.compat import colabdesign as _replacement

del sys.modules[__name__]
_replacement.install()
importlib.import_module(__name__)
