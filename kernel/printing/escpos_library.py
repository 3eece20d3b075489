"""What we use of python-escpos, imported late by kernel.printing.escpos alone: importing it is not quiet."""

from escpos.capabilities import CAPABILITIES, Profile
from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy

__all__ = ["CAPABILITIES", "QR_ECLEVEL_M", "Dummy", "Profile"]
