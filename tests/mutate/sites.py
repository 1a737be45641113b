"""Where a C++ source can be wrong by a little: finds places, and what each would read instead.

No parser: tokens, matched brackets, and the house's formatting (a binary operator has a space on both sides). A
place that was misread does not compile, and is left out by the build.
"""

import dataclasses
import re

TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<text>R"(?P<mark>[^()\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<number>0[xX][\da-fA-F']+\w*|(?:\d[\d']*\.?[\d']*|\.\d+)(?:[eE][+-]?\d+)?[uUlLfF]*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark2><<=|>>=|<=>|\+\+|--|->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|::|\[\[|\]\]|.)""",
    re.VERBOSE | re.DOTALL,
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
PAIRS = {"(": ")", "[": "]", "{": "}", "[[": "]]"}

OTHER = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/"}
COMPARED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
JOINED = {"&&": "||", "||": "&&"}
CHANGED = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="}
ASSIGNED = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
ENDS = ASSIGNED | {",", ";", "?", ":", "<<", "return", "throw", "case", "else", "do"}
NOT_DROPPED = set(
    "return using typedef namespace static const constexpr auto throw break continue case default struct class "
    "enum union template typename public private protected friend if else for while do switch goto try catch "
    "extern inline operator delete new virtual explicit static_assert".split()
)
EMPTY = {"{}", "false", "0", '""', "nullptr", "{ }"}


@dataclasses.dataclass(frozen=True)
class Site:
    """`text[start:end]` reads `mutated` instead. `whole` is a statement, else an expression. `once`: what stands
    here is computed once a process, so that a run cannot tell which tests rest on it."""

    path: str
    kind: str
    start: int
    end: int
    first_line: int
    last_line: int
    original: str
    mutated: str
    whole: bool = False
    once: bool = False

    def key(self, text):
        """What finds the place again in a source that has changed elsewhere."""
        line = text[text.rfind("\n", 0, self.start) + 1 : text.find("\n", self.end)]
        return "|".join([self.path, self.kind, self.original, self.mutated, " ".join(line.split())])


class Source:
    """The tokens of a file: texts, kinds, places, and for each bracket its partner."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        blank = DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
        found = [m for m in TOKEN.finditer(blank) if m.lastgroup != "skip"]
        self.tokens = [m.group() for m in found]
        self.kinds = ["text" if m.group("text") else m.lastgroup for m in found]
        self.spans = [m.span() for m in found]
        self.partner = self._pairs()
        self.in_function = self._in_function()

    def _pairs(self):
        partner, open_ = {}, []
        for i, token in enumerate(self.tokens):
            if self.kinds[i] == "text":
                continue
            if token in PAIRS:
                open_.append(i)
            elif token in PAIRS.values() and open_ and PAIRS[self.tokens[open_[-1]]] == token:
                partner[i] = open_.pop()
                partner[partner[i]] = i
        return partner

    def _in_function(self):
        """For each token, whether it stands in the braces of a function, a lambda or a block."""
        found, open_ = [], []
        for i, token in enumerate(self.tokens):
            if open_ and i == open_[-1][0]:
                open_.pop()
            inside = bool(open_) and open_[-1][1]
            if token == "{" and i in self.partner:
                block = self.tokens[i - 1] in {")", "const", "else", "override", "do", "]"}
                open_.append((self.partner[i], inside or block))
            found.append(inside)
        return found

    def line(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def spaced(self, i):
        start, end = self.spans[i]
        return self.text[start - 1].isspace() and self.text[end : end + 1].isspace()

    def reach(self, i, step, ends):
        """The last token from i in one direction that belongs to the same expression."""
        j = i + step
        while 0 <= j < len(self.tokens):
            token = self.tokens[j]
            bracket = self.kinds[j] != "text" and (token in PAIRS or token in PAIRS.values())
            if bracket:
                partner = self.partner.get(j)
                if partner is None or (partner - j) * step < 0:
                    break
                j = partner
            elif token in ends:
                break
            j += step
        return j - step

    def statement(self, i):
        """The first token of the statement that holds token i."""
        while i > 0 and self.tokens[i - 1] not in {";", "{", "}"}:
            i -= 1
        return i

    def computed_once(self, i):
        """Inside a static, a constexpr or no function at all."""
        words = self.tokens[self.statement(i) : i + 1]
        return "static" in words or "constexpr" in words or not self.in_function[i]

    def site(self, kind, first, last, mutated, whole=False):
        start, end = self.spans[first][0], self.spans[last][1]
        lines = self.line(start), self.line(end)
        once = self.computed_once(first)
        return Site(self.path, kind, start, end, *lines, self.text[start:end], mutated, whole, once)

    def swapped(self, first, i, last, other):
        start, end = self.spans[first][0], self.spans[last][1]
        at, after = self.spans[i]
        return self.text[start:at] + other + self.text[after:end]


def operators(source):
    for i, token in enumerate(source.tokens):
        if not source.spaced(i) or source.kinds[i] == "text":
            continue
        for kind, table, ends in (
            ("arithmetic", OTHER, ENDS | {"&&", "||"}),
            ("comparison", COMPARED, ENDS | {"&&", "||"}),
            ("logical", JOINED, ENDS),
        ):
            if token in table:
                first, last = source.reach(i, -1, ends), source.reach(i, 1, ends)
                yield source.site(kind, first, last, source.swapped(first, i, last, table[token]))


def other_number(token):
    """One more, or twice as much; 0 for 1."""
    digits = token.rstrip("uUlLfF").replace("'", "")
    if digits.lower().startswith("0x"):
        return None
    if re.fullmatch(r"\d+", digits):
        return token[: -len(token.rstrip("uUlLfF"))] + str(int(digits) + 1) if digits == token else None
    value = float(digits)
    return f"{value * 2 if value else 1.0!r}"


def numbers(source):
    for i, token in enumerate(source.tokens):
        if source.kinds[i] != "number" or source.tokens[i - 1] in {"case", "<"}:
            continue
        other = other_number(token)
        if other is not None:
            yield source.site("constant", i, i, other)


def conditions(source):
    for i, token in enumerate(source.tokens):
        if token in {"if", "while"} and source.tokens[i + 1] == "(" and i + 1 in source.partner:
            first, last = i + 2, source.partner[i + 1] - 1
        elif token == "?" and source.kinds[i] != "text":
            first, last = source.reach(i, -1, ENDS), i - 1
        else:
            continue
        if ";" not in source.tokens[first : last + 1] and first <= last:
            start, end = source.spans[first][0], source.spans[last][1]
            yield source.site("condition", first, last, f"!({source.text[start:end]})")


def statements(source):
    for i in range(1, len(source.tokens)):
        starts = source.tokens[i - 1] in {";", "{", "}"} or (
            source.tokens[i - 1] == ")" and source.tokens[source.partner.get(i - 1, 0) - 1] in {"if", "for"}
        )
        if not starts or source.kinds[i] != "name":
            continue
        last = source.reach(i - 1, 1, {";"}) + 1
        words = source.tokens[i : last + 1]
        if words[-1] != ";":
            continue
        if words[0] == "return":
            start, end = source.spans[i + 1][0], source.spans[last - 1][1]
            if len(words) > 2 and source.text[start:end] not in EMPTY:
                yield source.site("returned", i, last, "return {};", whole=True)
        elif words[0] == "throw":
            yield source.site("not thrown", i, last, ";", whole=True)
        elif words[0] not in NOT_DROPPED and not declares(source, i, last):
            yield source.site("dropped", i, last, ";", whole=True)
            for j in range(i, last):
                if source.tokens[j] in CHANGED and source.spaced(j):
                    changed = source.swapped(i, j, last, CHANGED[source.tokens[j]])
                    yield source.site("arithmetic", i, last, changed, whole=True)


def declares(source, first, last):
    """Whether a statement of names and brackets is a declaration: a type stands before what it names."""
    j = first
    while j < last and source.tokens[j] not in ASSIGNED | {"(", "{"}:
        one, two = source.kinds[j], source.kinds[j + 1] if j + 1 <= last else None
        if one == "name" and two == "name":
            return True
        if source.tokens[j] in {"<", ">", "&", "*", ">>"}:
            return True
        j += 1
    return j == last


def arguments(source):
    for i in range(1, len(source.tokens)):
        called = source.tokens[i] == "(" and source.kinds[i - 1] == "name" and i in source.partner
        if not called or source.tokens[i - 1] in {"if", "for", "while", "switch", "catch", "return"}:
            continue
        end = source.partner[i]
        ranges, j = [], i
        while j < end:
            last = source.reach(j, 1, {",", ";"})
            ranges.append((j + 1, last))
            j = last + 1
        if len(ranges) < 2 or any(a > b for a, b in ranges):
            continue
        texts = [source.text[source.spans[a][0] : source.spans[b][1]] for a, b in ranges]
        for k in range(len(texts) - 1):
            if texts[k] != texts[k + 1]:
                swapped = texts[:k] + [texts[k + 1], texts[k]] + texts[k + 2 :]
                first = i - 1
                while source.tokens[first - 1] in {"::", ".", "->"}:
                    first -= 2
                    while first in source.partner and source.partner[first] < first:
                        first = source.partner[first] - 1
                head = source.text[source.spans[first][0] : source.spans[i][0]]
                yield source.site("arguments", first, end, f"{head}({', '.join(swapped)})")


def sites_of(path, text):
    """Every place of a file, in order."""
    source = Source(path, text)
    finders = (operators, numbers, conditions, statements, arguments)
    found = [site for finder in finders for site in finder(source) if "static_assert" not in site.original]
    return sorted(found, key=lambda site: (site.start, site.end, site.mutated))
