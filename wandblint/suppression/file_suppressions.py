"""Which findings of a file its comments suppress, and which comments suppress nothing (WB002)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from wandblint.app import registry
from wandblint.findings.finding import Finding
from wandblint.findings.fix import Applicability, Fix, ReplaceText
from wandblint.rule import Rule
from wandblint.sources.suppressions import Kind, Selector, Suppression, parse
from wandblint.span import Span
from wandblint.suppression.insertion import without_selector

if TYPE_CHECKING:
    from wandblint.app.project import Project


class FileSuppressions:
    """The suppressions of one file, and which of them have been used."""

    def __init__(self, project: Project, name: str, plugins: Collection[str] = ()) -> None:
        self._project = project
        self._name = name
        self._plugins = tuple(plugins)
        self._suppressions = parse(project.text(name), project.lines(name))
        self._used: set[Suppression | Selector] = set()
        self._codes: dict[str, frozenset[str]] = {}
        self._unknown: dict[str, str] = {}
        self.suppressed = 0
        """How many findings have been suppressed."""

    def suppress(self, finding: Finding) -> bool:
        """Whether the finding is suppressed; every suppression that does it counts as used."""
        if not self._suppressions:
            return False
        rows = self._project.statements(self._name).rows(finding.span.start)
        users = [
            user
            for suppression in self._suppressions
            if suppression.mistake is None and (suppression.kind is Kind.FILE or suppression.row in rows)
            for user in self._users(suppression, finding.code)
        ]
        self._used.update(users)
        self.suppressed += bool(users)
        return bool(users)

    def unused(self, rule: Rule, judged: Collection[str]) -> Iterator[Finding]:
        """What `rule` (WB002) says of the suppressions of ours: those that cannot work, and those of the
        `judged` codes that nothing has used. What is suppressed in its turn is left out."""
        ours = [suppression for suppression in self._suppressions if suppression.kind is not Kind.NOQA]
        selectors = [s for one in ours if one.mistake is None for s in one.selectors or ()]
        of_others = [s for s in selectors if rule.code not in self._selected(s.text)]
        found = [
            *(self._of_mistake(rule, one) for one in ours if one.mistake is not None),
            *(self._of_selector(rule, s) for s in of_others if self._is_unused(s, judged)),
        ]
        yield from (finding for finding in found if not self.suppress(finding))
        # Only now is it known which suppressions of WB002 were needed; nothing suppresses what is said of
        # them.
        of_this = [s for s in selectors if rule.code in self._selected(s.text)]
        yield from [self._of_selector(rule, s) for s in of_this if self._is_unused(s, judged)]

    def _is_unused(self, selector: Selector, judged: Collection[str]) -> bool:
        return selector not in self._used and self._selected(selector.text) <= set(judged)

    def _of_mistake(self, rule: Rule, suppression: Suppression) -> Finding:
        span = Span(self._name, suppression.start, suppression.end)
        return rule.finding(span, f"this suppresses nothing: {suppression.mistake}", _SPELLING)

    def _of_selector(self, rule: Rule, selector: Selector) -> Finding:
        span = Span(self._name, selector.start, selector.end)
        if unknown := self._unknown.get(selector.text):
            return rule.finding(span, f"this suppresses nothing: {unknown}", _SPELLING)
        message = f"`{selector.text}` is suppressed here, but wandblint does not find it"
        advice = "delete the suppression, so it cannot hide a future finding"
        start, end = without_selector(self._project.text(self._name), self._suppressions, selector)
        gone = ReplaceText(Span(self._name, start, end), "")
        fix = Fix(Applicability.SAFE, f"delete the suppression of `{selector.text}`", (gone,))
        return rule.finding(span, message, advice, fix=fix)

    def _users(self, suppression: Suppression, code: str) -> Iterator[Suppression | Selector]:
        if suppression.selectors is None:
            yield suppression
            return
        for selector in suppression.selectors:
            is_noqa = suppression.kind is Kind.NOQA
            if selector.text == code if is_noqa else code in self._selected(selector.text):
                yield selector

    def _selected(self, selector: str) -> frozenset[str]:
        """The codes that a selector means; none where it is unknown."""
        if selector not in self._codes:
            try:
                rules = registry.resolve(selector, self._plugins)
            except registry.UnknownRuleError as error:
                self._unknown[selector] = str(error)
                rules = []
            self._codes[selector] = frozenset(rule.code for rule in rules)
        return self._codes[selector]


_SPELLING = "write `# wandblint: ignore[WB101]` with the codes or names of the rules, or delete the comment"
