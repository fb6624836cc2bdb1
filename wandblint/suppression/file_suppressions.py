"""The suppression comments of one file, and those that suppress nothing (WB002)."""

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
    """The suppressions of one file, and which of them suppressed a finding so far."""

    def __init__(
        self,
        project: Project,
        name: str,
        plugins: Collection[str] = (),
        *,
        lacks_packs: bool = False,
        comments: bool = True,
    ) -> None:
        self._project = project
        self._name = name
        self._plugins = tuple(plugins)
        self._lacks_packs = lacks_packs
        """Whether the project names packs that are not loaded, which may have the unknown rules."""
        self._suppressions = parse(project.text(name), project.lines(name)) if comments else []
        self._used: set[Suppression | Selector] = set()
        self._codes: dict[str, frozenset[str]] = {}
        self._unknown: dict[str, str] = {}
        self.suppressed = 0
        """The number of suppressed findings."""

    def suppress(self, finding: Finding) -> bool:
        """Whether a comment suppresses the finding; every comment that does counts as used."""
        uses = self._suppressing(finding)
        self._used.update(uses)
        self.suppressed += bool(uses)
        return bool(uses)

    def comments_on(self, finding: Finding) -> list[Span]:
        """The parts of comments that suppress a finding."""
        return [Span(self._name, use.start, use.end) for use in self._suppressing(finding)]

    def _suppressing(self, finding: Finding) -> list[Suppression | Selector]:
        if not self._suppressions:
            return []
        rows = self._project.statements(self._name).rows(finding.span.start)
        return [
            use
            for suppression in self._suppressions
            if suppression.mistake is None and (suppression.kind is Kind.FILE or suppression.row in rows)
            for use in self._uses(suppression, finding.code)
        ]

    def unused(self, rule: Rule, checked_codes: Collection[str]) -> Iterator[Finding]:
        """The findings of `rule` (WB002): suppressions that cannot work, and unused ones of checked codes.

        Suppressed findings are left out.
        """
        ours = [suppression for suppression in self._suppressions if suppression.kind is not Kind.NOQA]
        selectors = [s for each in ours if each.mistake is None for s in each.selectors or ()]
        of_others = [s for s in selectors if rule.code not in self._selected(s.text)]
        findings = [
            *(self._malformed(rule, each) for each in ours if each.mistake is not None),
            *(self._unused(rule, s) for s in of_others if self._is_unused(s, checked_codes)),
        ]
        yield from (finding for finding in findings if not self.suppress(finding))
        # `suppress` has just used the suppressions of WB002 itself; nothing suppresses findings about them.
        of_this = [s for s in selectors if rule.code in self._selected(s.text)]
        yield from [self._unused(rule, s) for s in of_this if self._is_unused(s, checked_codes)]

    def _is_unused(self, selector: Selector, checked_codes: Collection[str]) -> bool:
        selected = self._selected(selector.text)
        if self._lacks_packs and selector.text in self._unknown:
            return False
        return selector not in self._used and selected <= set(checked_codes)

    def _malformed(self, rule: Rule, suppression: Suppression) -> Finding:
        span = Span(self._name, suppression.start, suppression.end)
        return rule.finding(span, f"this suppresses nothing: {suppression.mistake}", _SPELLING)

    def _unused(self, rule: Rule, selector: Selector) -> Finding:
        span = Span(self._name, selector.start, selector.end)
        if unknown := self._unknown.get(selector.text):
            return rule.finding(span, f"this suppresses nothing: {unknown}", _SPELLING)
        message = f"`{selector.text}` is suppressed here, but wandblint does not find it"
        advice = "delete the suppression, so it cannot hide a future finding"
        start, end = without_selector(self._project.text(self._name), self._suppressions, selector)
        deletion = ReplaceText(Span(self._name, start, end), "")
        fix = Fix(Applicability.SAFE, f"delete the suppression of `{selector.text}`", (deletion,))
        return rule.finding(span, message, advice, fix=fix)

    def _uses(self, suppression: Suppression, code: str) -> Iterator[Suppression | Selector]:
        if suppression.selectors is None:
            yield suppression
            return
        for selector in suppression.selectors:
            is_noqa = suppression.kind is Kind.NOQA
            if selector.text == code if is_noqa else code in self._selected(selector.text):
                yield selector

    def _selected(self, selector: str) -> frozenset[str]:
        """The codes that a selector selects; none if it is unknown."""
        if selector not in self._codes:
            try:
                rules = registry.resolve(selector, self._plugins)
            except registry.UnknownRuleError as error:
                self._unknown[selector] = str(error)
                rules = []
            self._codes[selector] = frozenset(rule.code for rule in rules)
        return self._codes[selector]


_SPELLING = "write `# wandblint: ignore[WB101]` with the codes or names of the rules, or delete the comment"
