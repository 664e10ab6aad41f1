// Searches the index that stands beside it. Every word must be in a title or a text; titles count more.

(() => {
  const shownAtMost = 50;
  const query = document.getElementById("query");
  const told = document.getElementById("told");
  const results = document.getElementById("results");
  document.getElementById("needs-scripts").remove();
  const fold = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
  const entries = window.searchIndex.map(([kind, title, text, address]) => ({
    kind,
    title,
    text,
    address,
    foldedTitle: fold(title),
    folded: fold(`${title} ${text}`),
  }));
  const order = { scenario: 0, question: 1, forecast: 2, evidence: 3 };

  function find(words) {
    return entries
      .filter((entry) => words.every((word) => entry.folded.includes(word)))
      .map((entry) => [words.filter((word) => entry.foldedTitle.includes(word)).length, entry])
      .sort(([one, a], [other, b]) => other - one || order[a.kind] - order[b.kind])
      .map(([, entry]) => entry);
  }

  function excerpt(text, word) {
    const at = Math.max(0, text.toLowerCase().indexOf(word) - 60);
    return (at > 0 ? "…" : "") + text.slice(at, at + 200) + (text.length > at + 200 ? "…" : "");
  }

  function show() {
    const words = fold(query.value).split(/\s+/).filter(Boolean);
    const found = words.length ? find(words) : [];
    results.replaceChildren(
      ...found.slice(0, shownAtMost).map((entry) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        const kind = document.createElement("span");
        const text = document.createElement("p");
        link.href = entry.address;
        link.textContent = entry.title;
        kind.className = "kind";
        kind.textContent = entry.kind;
        text.textContent = excerpt(entry.text, words[0]);
        item.append(link, " ", kind, text);
        return item;
      }),
    );
    const more = found.length > shownAtMost ? `, the first ${shownAtMost} are shown` : "";
    told.textContent = words.length ? `${found.length} found${more}` : "";
    history.replaceState(null, "", words.length ? `#q=${encodeURIComponent(query.value)}` : location.pathname);
  }

  let waiting;
  query.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  query.form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
    results.querySelector("a")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const links = [...results.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "/" && document.activeElement !== query) {
      query.focus();
      event.preventDefault();
    } else if (event.key === "ArrowDown" && (at >= 0 || document.activeElement === query)) {
      links[Math.min(at + 1, links.length - 1)]?.focus();
      event.preventDefault();
    } else if (event.key === "ArrowUp" && at >= 0) {
      (links[at - 1] ?? query).focus();
      event.preventDefault();
    } else if (event.key === "Escape" && at >= 0) {
      query.focus();
    }
  });

  const asked = /^#q=(.*)$/.exec(location.hash);
  if (asked) {
    try {
      query.value = decodeURIComponent(asked[1]);
    } catch {
      query.value = "";
    }
    show();
  }
})();
