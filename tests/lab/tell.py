# SPDX-License-Identifier: Apache-2.0
# Tells the story on a fresh lab, a line for each sentence that held: `[ 12.3 s] n. sentence`. Part of ./try.

import os
import sys
import time

from curfewlab.command import LabError
from curfewlab.curfew import install_curfew
from curfewlab.lab import Lab
from curfewlab.site import Site
from curfewlab.verbs import say
from story import Story


def tell(lab, started):
    """True when every sentence held; the first that does not ends the story."""
    story = Story(Site(lab))
    for number, step in enumerate(story.steps(), 1):
        try:
            step.tell()
        except (AssertionError, LabError) as untrue:
            verdict = "NOT TRUE" if isinstance(untrue, AssertionError) else "NOT SEEN"
            print(f"[{time.time() - started:5.1f} s] {number}. {verdict}: {step.sentence}\n          {untrue}", flush=True)
            return False
        print(f"[{time.time() - started:5.1f} s] {number}. {step.sentence}", flush=True)
        for note in story.notes:
            print(f"          {note}", flush=True)
        story.notes.clear()
    return True


def main():
    keep = "--keep" in sys.argv[1:]
    started = float(os.environ.get("CURFEW_TRY_STARTED", time.time()))
    lab = Lab()
    held = False
    try:
        with lab.locked():
            lab.up(2, "debian12", say)
            install_curfew(lab, say)
            lab.mark_complete()
        held = tell(lab, started)
    except LabError as failure:
        print(f"try: {failure}", file=sys.stderr)
    finally:
        if keep:
            say(f"the lab is kept: LAB_NAME={lab.layout.name} tests/lab/lab ls; end it with: … lab down")
        else:
            if not held:
                say("the lab is taken down; ./try --keep leaves it up for a look")
            lab.destroy()
            lab.layout.lock.unlink(missing_ok=True)
    return 0 if held else 1


sys.exit(main())
