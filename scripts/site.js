// Each landmark gets a name of its own: the theme repeats "On this page", and names no copy button.
const names = new Map();
const rename = () => {
  for (const nav of document.querySelectorAll("nav")) {
    if (nav.dataset.named) continue;
    const label = nav.getAttribute("aria-label") ?? document.getElementById(nav.getAttribute("aria-labelledby"))?.textContent.trim();
    const name = label || "Code";
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    nav.dataset.named = "";
    if (count > 1 || !label) {
      nav.removeAttribute("aria-labelledby");
      nav.setAttribute("aria-label", `${name} ${count}`);
    }
  }
};
// A keyboard can scroll what is wider than the page.
const focus = () => {
  for (const region of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code")) region.tabIndex = 0;
};
rename();
focus();
new MutationObserver(() => { rename(); focus(); }).observe(document.body, { childList: true, subtree: true });
