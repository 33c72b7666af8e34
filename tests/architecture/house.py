# SPDX-License-Identifier: Apache-2.0
"""The house's rules (DESIGN §10) as functions from a source to complaints. A source is a path and its text; nothing here
reads a disk, so each rule is tested on small texts."""
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

CODE = {".cc", ".h", ".c"}
KEPT = CODE | {".proto", ".py", ".sh"}
LONGEST_FILE = 300
LONGEST_FUNCTION = 45  # "near 30"
WORDS = ("Manager", "Handler", "Helper", "Util", "Utils", "Common", "Impl", "Base", "Factory")


@dataclass(frozen=True)
class Source:
    path: str
    text: str

    @property
    def parts(self):
        return PurePosixPath(self.path).parts

    @property
    def room(self):
        return self.parts[0]

    @property
    def name(self):
        return self.parts[-1]

    @property
    def suffix(self):
        return PurePosixPath(self.path).suffix

    @property
    def lines(self):
        return self.text.splitlines()


def without_comments_and_texts(text):
    """The code alone, line by line as it was: comments, string and character literals are emptied."""
    pattern = r'R"(\w*)\((?:.|\n)*?\)\1"|//[^\n]*|/\*(?:.|\n)*?\*/|"(?:\\.|[^"\\\n])*"|(?<!\d)\'(?:\\.|[^\'\\\n])+\''
    return re.sub(pattern, lambda m: "\n" * m.group(0).count("\n"), text)


def includes(source):
    """(line, file, own) of each #include; own = written with quotes."""
    for number, line in enumerate(source.lines, 1):
        if found := re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line):
            yield number, found.group(2), found.group(1) == '"'


def check_licence(source):
    head = source.lines[:2]
    if not head:
        return
    at = 1 if head[0].startswith("#!") else 0
    sign = r"(?://|/\*) " if source.suffix in CODE | {".proto"} else "# "
    if len(head) <= at or not re.match(sign + r"SPDX-License-Identifier: Apache-2\.0", head[at]):
        yield at + 1, "begins without its SPDX line"


def check_head(source):
    """Line 2 says what the file is; no marks are left for later."""
    if source.suffix in {".cc", ".h", ".proto"}:
        second = source.lines[1] if len(source.lines) > 1 else ""
        if not second.startswith(("//", " *")):
            yield 2, "has no head that says what it is"
    for number, line in enumerate(source.lines, 1):
        if re.search(r"\b(TO(?:DO)|FIX(?:ME)|X{3})\b", line):
            yield number, "leaves a mark for later instead of doing it"


def check_length(source):
    if len(source.lines) > LONGEST_FILE:
        yield len(source.lines), f"has {len(source.lines)} lines, {LONGEST_FILE} are allowed"


def check_functions(source):
    """A function of a file's own level, from its first line to the brace in the first column; long test tables count too."""
    if source.suffix not in CODE:
        return
    began = None
    for number, line in enumerate(source.lines, 1):
        opens = re.match(r"[A-Za-z_\[~:].*\{$", line) and "=" not in line.split("(")[0]
        if began is None and opens and not re.match(r"(namespace|class|struct|enum|union|extern)\b", line):
            began = number
        elif began is not None and line.startswith("}"):
            if number - began + 1 > LONGEST_FUNCTION:
                yield began, f"is a function of {number - began + 1} lines, {LONGEST_FUNCTION} are allowed"
            began = None


def check_names(source):
    stem = PurePosixPath(source.path).stem.lower()
    for word in WORDS:
        if word.lower() in re.split(r"[_\-.]", stem):
            yield 1, f"is named with {word}, which says nothing"
    if source.suffix not in CODE:
        return
    camel = re.compile(r"(?<![\w])(?:[a-z]+::)?\w*?(?:%s)(?![a-z0-9])\w*" % "|".join(WORDS))
    for number, line in enumerate(without_comments_and_texts(source.text).splitlines(), 1):
        for found in camel.finditer(line):
            if not is_foreign(line, found):
                yield number, f"has a name with a forbidden word: {found.group(0)}"


def is_foreign(line, found):
    """A name of somebody else's: behind another namespace, a dot or an arrow, or in an #include."""
    before = line[: found.start()]
    return "#" in before or found.group(0).count("::") > 0 or before.endswith((".", "->", "::"))


def check_namespace(source):
    if source.suffix not in {".cc", ".h"} or source.room in {"pam_module", "proto"}:
        return
    for number, line in enumerate(without_comments_and_texts(source.text).splitlines(), 1):
        found = re.match(r"\s*(?:inline\s+)?namespace\s+([\w:]+)\s*\{", line)
        if found and found.group(1).split("::")[0] not in {"curfew", "proto", "boost", "rc", "sqlite3"}:
            yield number, f"opens a namespace that is not curfew: {found.group(1)}"
    if source.suffix == ".h" and "#pragma once" not in source.text and "#ifndef" not in source.text:
        yield 1, "has no #pragma once"
