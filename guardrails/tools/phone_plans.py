#!/usr/bin/env python3
"""Writes src/checks/phone/table.rs from libphonenumber's metadata.

Usage: phone_plans.py RELEASE PhoneNumberMetadata.xml > src/checks/phone/table.rs
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

try:
    import re._parser as patterns
except ImportError:  # Python before 3.11
    import sre_parse as patterns

TYPES = (
    "fixedLine mobile pager tollFree premiumRate sharedCost personalNumber voip uan voicemail"
).split()
LINE_CHARACTERS = 560
# Longer lists of trunk prefixes are carrier selection codes, which hardly anybody writes down.
PREFIXES_MAX = 60


class Automaton:
    """A nondeterministic automaton over digits."""

    def __init__(self):
        self.jumps, self.steps, self.accepts = [], [], {}

    def state(self):
        self.jumps.append([])
        self.steps.append(None)
        return len(self.jumps) - 1

    def add(self, pattern, bit, lengths):
        """The start of a path for `pattern`; it accepts numbers of these lengths as the region's of this bit."""
        end = self.state()
        self.accepts[end] = (bit, lengths)
        return self.sequence(patterns.parse(pattern), end)

    def sequence(self, items, end):
        for operation, argument in reversed(list(items)):
            end = self.item(str(operation), argument, end)
        return end

    def item(self, operation, argument, end):
        if operation == "SUBPATTERN":
            return self.sequence(argument[-1], end)
        start = self.state()
        if operation == "BRANCH":
            self.jumps[start] = [self.sequence(branch, end) for branch in argument[1]]
        elif operation == "MAX_REPEAT":
            least, most, body = argument
            assert most < 20, "an unbounded repeat"
            for _ in range(most - least):
                optional = self.state()
                self.jumps[optional] = [self.sequence(body, end), end]
                end = optional
            for _ in range(least):
                end = self.sequence(body, end)
            self.jumps[start] = [end]
        else:
            self.steps[start] = (digits(operation, argument), end)
        return start

    def closure(self, states):
        seen, left = set(), list(states)
        while left:
            state = left.pop()
            if state not in seen:
                seen.add(state)
                left += self.jumps[state]
        return frozenset(s for s in seen if self.steps[s] or s in self.accepts)


def digits(operation, argument):
    if operation == "LITERAL":
        return {argument - 48}
    assert operation == "IN", operation
    found = set()
    for kind, value in argument:
        if str(kind) == "LITERAL":
            found.add(value - 48)
        elif str(kind) == "RANGE":
            found |= set(range(value[0] - 48, value[1] - 47))
        else:
            assert str(value) == "CATEGORY_DIGIT", value
            found |= set(range(10))
    assert found <= set(range(10)), argument
    return found


class Nodes:
    """The deterministic automaton: equal nodes are one."""

    def __init__(self, automaton):
        self.automaton, self.known, self.done = automaton, {}, {}
        self.rows = [(0, (0,) * 10)]

    def node(self, states, depth=0):
        """The node for what can follow after `depth` digits; 0 for nothing."""
        key = (states, depth)
        if key not in self.done:
            regions = 0
            for state in states:
                bit, lengths = self.automaton.accepts.get(state, (0, ()))
                regions |= (depth in lengths) << bit
            row = (regions, tuple(self.successor(states, digit, depth) for digit in range(10)))
            if row not in self.known and row != self.rows[0]:
                self.known[row] = len(self.rows)
                self.rows.append(row)
            self.done[key] = self.known.get(row, 0)
        return self.done[key]

    def above(self, roots, code=""):
        """The node that reads the rest of a calling code that begins with `code`, then the plan of that code."""
        if code and int(code) in roots:
            return roots[int(code)]
        if not any(str(other).startswith(code) for other in roots):
            return 0
        self.rows.append((0, tuple(self.above(roots, code + str(digit)) for digit in range(10))))
        return len(self.rows) - 1

    def successor(self, states, digit, depth):
        steps = (self.automaton.steps[state] for state in states)
        after = {end for step in steps if step for allowed, end in [step] if digit in allowed}
        return self.node(self.automaton.closure(after), depth + 1) if after else 0

    def words(self):
        """The rows as words, the list of region sets they number, and where each row is."""
        sets = sorted({regions for regions, _ in self.rows})
        assert len(sets) <= 64
        places, place = [], 0
        for _, targets in self.rows:
            places.append(place)
            place += 1 + len(runs(targets))
        assert place < 1 << 16
        words = []
        for regions, targets in self.rows:
            begins = runs(targets)
            words.append(sets.index(regions) << 10 | sum(1 << digit for digit in begins))
            words += [places[targets[digit]] for digit in begins]
        return words, sets, places


def runs(targets):
    """The digits whose target is another than that of the digit before."""
    return [d for d in range(10) if targets[d] != (targets[d - 1] if d else 0)]


def lengths(text):
    found = set()
    for part in text.split(","):
        bounds = re.findall(r"\d+", part)
        found |= set(range(int(bounds[0]), int(bounds[-1]) + 1))
    return frozenset(found)


def prefixes(territory):
    """What may be dialled before a number inside the region."""
    found = {territory.get("nationalPrefix")} - {None}
    parsing = re.sub(r"\s", "", territory.get("nationalPrefixForParsing") or "")
    # An alternative that keeps digits of the number (`([2-9]\d{6})$`, `(\d{10,11})`) is a rewriting, not a prefix.
    parsing = re.sub(r"\([^()|]*\)\$\|?|\(\\d\{10,11\}\)", "", parsing)
    if parsing and "{" not in parsing and "15)?" not in parsing:
        spelt = spell(patterns.parse(parsing))
        if len(spelt) <= PREFIXES_MAX:
            found |= spelt
    return sorted(found - {""}, key=lambda prefix: (-len(prefix), prefix))


def spell(items):
    """Every text that a pattern without unbounded repeats matches."""
    texts = {""}
    for operation, argument in items:
        kind = str(operation)
        if kind == "SUBPATTERN":
            ways = spell(argument[-1])
        elif kind == "BRANCH":
            ways = set().union(*(spell(branch) for branch in argument[1]))
        elif kind == "MAX_REPEAT":
            least, most, body = argument
            ways = {""} if least == 0 else set()
            for times in range(max(least, 1), most + 1):
                ways |= spell(list(body) * times)
        else:
            ways = {str(digit) for digit in digits(kind, argument)}
        texts = {text + way for text in texts for way in ways}
    return texts


def table(root):
    automaton, starts, regions, possible = Automaton(), {}, {}, {}
    trunk = {}
    for territory in root.iter("territory"):
        code, region = int(territory.get("countryCode")), territory.get("id")
        members = regions.setdefault(code, [])
        for kind in TYPES:
            element = territory.find(kind)
            if element is None:
                continue
            allowed = lengths(element.find("possibleLengths").get("national"))
            pattern = re.sub(r"\s", "", element.findtext("nationalNumberPattern"))
            starts.setdefault(code, []).append(automaton.add(pattern, len(members), allowed))
            possible[code] = possible.get(code, frozenset()) | allowed
        members.append(region)
        trunk[region] = prefixes(territory)
    nodes = Nodes(automaton)
    roots = {code: nodes.node(automaton.closure(states)) for code, states in starts.items()}
    top = nodes.above(roots)
    words, sets, places = nodes.words()
    codes = [
        (code, sum(1 << length for length in possible[code]))
        for code in sorted(roots)
    ]
    members = sorted(
        (region, code, places[roots[code]], bit, trunk[region])
        for code, ids in regions.items()
        for bit, region in enumerate(ids)
        if re.fullmatch("[A-Z]{2}", region)
    )
    return codes, members, sets, words, places[top]


def lines(items):
    line = "   "
    for item in items:
        if len(line) + len(item) > LINE_CHARACTERS:
            yield line
            line = "   "
        line += f" {item},"
    yield line


def static(about, name, kind, items):
    print(f"\n/// {about}")
    print("#[rustfmt::skip]")
    print(f"pub(super) static {name}: &[{kind}] = &[")
    print("\n".join(lines(items)))
    print("];")


def main():
    release, path = sys.argv[1:]
    codes, members, sets, words, top = table(ElementTree.parse(path).getroot())
    print("//! The telephone numbering plans of the world. Made by `tools/phone_plans.py`; do not edit.")
    print("//!")
    print(f"//! Source: resources/PhoneNumberMetadata.xml of libphonenumber {release}, copyright The Libphonenumber Authors,")
    print("//! licensed under the Apache License, version 2.0 (<https://www.apache.org/licenses/LICENSE-2.0>). What is taken from")
    print("//! there: the numbers that each region has assigned, all types united, and the prefixes dialled before them.")
    print("\n/// A calling code, and the lengths of its national numbers: bit n stands for n digits.")
    print("pub(super) type Code = (u16, u32);")
    print("\n/// An ISO 3166-1 code, the calling code, the node of its plan, the region's bit in `SETS`, and its trunk prefixes, the")
    print("/// longest first.")
    print("pub(super) type Region = ([u8; 2], u16, u16, u8, &'static [&'static str]);")
    print("\n/// The node that reads a calling code, then the numbers of its plan.")
    print(f"pub(super) const TOP: u16 = {top};")
    static("The calling codes in ascending order.", "CODES", "Code", ("({}, 0x{:x})".format(*code) for code in codes))
    static(
        "The regions in ascending order.",
        "REGIONS",
        "Region",
        (
            '(*b"{}", {}, {}, {}, &[{}])'.format(*region, ", ".join(f'"{p}"' for p in trunk))
            for *region, trunk in members
        ),
    )
    static(
        "Sets of regions of one calling code, a bit each.",
        "SETS",
        "u32",
        map(hex, sets),
    )
    static(
        "Nodes. The first word of one: bits 0 to 9 for the digits that lead elsewhere than the digit before, from bit 10 on\n"
        "/// the index in `SETS` of the regions that have the number read so far. Then a word for each set bit: the node it\n"
        "/// leads to, 0 for none.",
        "NODES",
        "u16",
        map(str, words),
    )


if __name__ == "__main__":
    main()
