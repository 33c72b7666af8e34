# SPDX-License-Identifier: Apache-2.0
# The built `curfew`, run as a person would run it: own home, no terminal, nothing of this machine's environment.

import os
import pathlib
import subprocess

BUILD = pathlib.Path(os.environ["CURFEW_BINARY_DIR"])
CURFEW = BUILD / "cli" / "curfew"


class Person:
    """Somebody with an own CURFEW_HOME; `url` empty = whatever was kept."""

    def __init__(self, home, url="", token_file=""):
        self.home = pathlib.Path(home)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "CURFEW_HOME": str(self.home / "curfew"),
                            "TZ": "UTC"}
        # A sanitizer's findings must fail the test, so its options are passed on.
        self.environment.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
        if url:
            self.environment["CURFEW_URL"] = url
        if token_file:
            self.environment["CURFEW_TOKEN_FILE"] = str(token_file)

    def run(self, *words, text=""):
        return subprocess.run([CURFEW, *words], env=self.environment, input=text, text=True, capture_output=True,
                              timeout=120, check=False)

    def start(self, *words, **more):
        return subprocess.Popen([CURFEW, *words], env=self.environment, text=True, stdin=subprocess.DEVNULL, **more)
