# SPDX-License-Identifier: BSD-3-Clause
"""Tables of what was measured, as it comes for people, or at the end as JSON; and what must be."""
import json
import os


class Bar:
    """A number with what it must be at least or at most."""

    def __init__(self, value, text, least=None, most=None):
        self.value, self.text, self.least, self.most = value, text, least, most

    def is_met(self):
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    def wanted(self):
        if self.least is None and self.most is None:
            return ""
        sign, bound = (">=", self.least) if self.most is None else ("<=", self.most)
        return "%s %g%s" % (sign, bound, "" if self.is_met() else "  missed")

    def as_json(self):
        return {"value": self.value, "text": self.text, "least": self.least, "most": self.most, "is_met": self.is_met()}


class Report:
    """Groups of rows. A row is a line for people, its name and numbers for programs, and bars."""

    def __init__(self, as_json):
        self.as_json, self.groups = as_json, []

    def say(self, text):
        if not self.as_json:
            print(text, flush=True)

    def open_group(self, title, header):
        load = os.getloadavg()[0]
        self.groups.append({"group": title, "load": load, "rows": []})
        self.say("\nLoad average %.1f\n%s" % (load, header))

    def add(self, line, what, numbers, bars=()):
        self.say(line.rstrip())
        self.groups[-1]["rows"].append({"what": what, **numbers, "measured": [bar.as_json() for bar in bars]})

    def end(self, facts):
        missed = [row["what"] for group in self.groups for row in group["rows"]
                  if not all(bar["is_met"] for bar in row["measured"])]
        if self.as_json:
            print(json.dumps({**facts, "groups": self.groups, "missed": missed}, indent=1))
        self.say("\nmissed: %s" % ("; ".join(missed) or "nothing"))
