# SPDX-License-Identifier: Apache-2.0
# Makes a working Curfew on bare hosts, the way an administrator would: packages, init, tokens, join, setup.
from .command import LabError


def install_curfew(lab, say):
    raise LabError("only `lab up --bare` works yet")
