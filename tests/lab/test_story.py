# SPDX-License-Identifier: Apache-2.0
# The story that `./try` tells, asserted: one line a step, and no step after one that failed.

import unittest

from curfewlab.site import Site
from story import Story


class TheStory(unittest.TestCase):
    def test_every_sentence_is_true(self):
        story = Story(Site())
        for step in story.steps():
            with self.subTest(step.sentence):
                step.tell()
                print("true:", step.sentence, *story.notes, flush=True)
                story.notes.clear()
                continue
            self.fail(f"the story broke off at: {step.sentence}")


if __name__ == "__main__":
    unittest.main()
