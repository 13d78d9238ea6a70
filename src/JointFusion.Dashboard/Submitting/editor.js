"use strict";

const pause = 250; // Milliseconds after the last key before the text is sent.
const rows = 8; // Suggestions shown at once.
const token = /(#.*$)|("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)(\s*:(?=\s|$))?|([A-Za-z_][\w.\[\]-]*)(\s*:(?=\s|$))|(?<![\w.])(-?\d[\d_.]*(?:e[+-]?\d+)?)(?![\w.])|\b(true|false|null)\b|([{}\[\],:]|^\s*-(?=\s|$))/g;
const kinds = match => match[1] ? "comment" : match[2] ? (match[3] ? "key" : "string") : match[4] ? "key" : match[6] ? "number" : match[7] ? "number" : "mark";

/** Paints, numbers and completes one editor; .NET holds what this returns. */
export function attach(frame, dotnet) {
  const area = frame.querySelector("textarea");
  const paint = frame.querySelector(".editor-paint");
  const numbers = frame.querySelector(".editor-lines");
  const list = frame.querySelector(".editor-list");
  const said = document.getElementById(`${area.id}-said`);
  let invalid = new Set(), offered = { from: 0, items: [] }, chosen = 0, timer = 0, asked = 0;

  function span(kind, text) {
    const part = document.createElement("span");
    part.className = kind;
    part.textContent = text;
    return part;
  }

  function paintLine(text, number) {
    const line = document.createElement("div");
    if (invalid.has(number)) line.className = "faulty";
    const comment = /(^|\s)#/;
    let from = 0;
    for (const match of text.matchAll(token)) {
      if (match[1] && match.index > 0 && !comment.test(text.slice(match.index - 1, match.index + 1))) continue;
      line.append(text.slice(from, match.index), span(`y-${kinds(match)}`, match[0]));
      from = match.index + match[0].length;
      if (match[1]) break;
    }
    line.append(text.slice(from) || (from ? "" : "\u200b"));
    return line;
  }

  function redraw() {
    const lines = area.value.split("\n");
    paint.replaceChildren(...lines.map((text, i) => paintLine(text, i + 1)));
    numbers.replaceChildren(...lines.map((_, i) => {
      const number = span(invalid.has(i + 1) ? "faulty" : "", `${i + 1}`);
      return number;
    }));
    scrolled();
  }

  function scrolled() {
    paint.style.transform = `translate(${-area.scrollLeft}px, ${-area.scrollTop}px)`;
    numbers.style.transform = `translateY(${-area.scrollTop}px)`;
  }

  function close() {
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  }

  function place() {
    const before = area.value.slice(0, offered.from).split("\n");
    const style = getComputedStyle(area);
    const gauge = span("gauge", "0".repeat(100));
    paint.append(gauge);
    const letter = gauge.getBoundingClientRect().width / 100;
    gauge.remove();
    const row = parseFloat(style.lineHeight);
    const side = area.parentElement.offsetLeft; // The list is beside the text, which is clipped.
    const left = side + parseFloat(style.paddingLeft) + before.at(-1).length * letter - area.scrollLeft;
    const top = parseFloat(style.paddingTop) + before.length * row - area.scrollTop;
    list.style.left = `${Math.max(0, Math.min(left, side + area.clientWidth - list.offsetWidth - 4))}px`;
    list.style.top = top + list.offsetHeight > area.clientHeight && top > list.offsetHeight + row ? `${top - row - list.offsetHeight}px` : `${top}px`;
  }

  // A list that scrolled would have to take the focus: it shows a part of what there is, around what is chosen.
  function choose(next) {
    const all = offered.items.length;
    chosen = (next + all) % all;
    const first = Math.max(0, Math.min(chosen - rows + 2, all - rows));
    list.replaceChildren(...offered.items.slice(first, first + rows).map((item, i) => option(item, first + i)));
    area.setAttribute("aria-activedescendant", `${list.id}-${chosen}`);
    place();
  }

  function option(item, at) {
    const choice = document.createElement("li");
    choice.id = `${list.id}-${at}`;
    choice.setAttribute("role", "option");
    choice.setAttribute("aria-selected", at === chosen);
    choice.setAttribute("aria-posinset", at + 1);
    choice.setAttribute("aria-setsize", offered.items.length);
    choice.append(span("choice-key", item.label), span("choice-detail", item.detail));
    choice.addEventListener("pointerdown", event => { event.preventDefault(); chosen = at; take(); });
    return choice;
  }

  /** What is typed until one is taken belongs to it: the server may be a moment behind. */
  function offer(suggestions, caret) {
    offered = { from: caret - suggestions.prefix, items: suggestions.items };
    if (!offered.items.length) return close();
    list.hidden = false;
    choose(0);
    said.textContent = `${offered.items.length} suggestions`;
  }

  async function suggest() {
    const request = ++asked, caret = area.selectionStart;
    const suggestions = await dotnet.invokeMethodAsync("Complete", area.value, caret);
    if (request === asked && document.activeElement === area) offer(suggestions, caret);
  }

  function write(text) {
    if (!document.execCommand("insertText", false, text)) { // Undo knows what is inserted so.
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new InputEvent("input"));
    }
  }

  function take() {
    const item = offered.items[chosen];
    close();
    area.setSelectionRange(offered.from, area.selectionStart);
    write(item.insert);
    suggest();
  }

  function breakLine() {
    const line = area.value.slice(0, area.selectionStart).split("\n").at(-1);
    const indent = line.match(/^ */)[0] + (/:\s*$/.test(line) ? "  " : /^ *- /.test(line) ? "  " : "");
    write(`\n${indent}`);
  }

  function changed(event) {
    redraw();
    clearTimeout(timer);
    timer = setTimeout(() => dotnet.invokeMethodAsync("EditedAsync", area.value), pause);
    if (event.inputType === "insertText" && /^[\w.]$/.test(event.data ?? "")) suggest(); else { asked++; close(); }
  }

  function pressed(event) {
    if (event.key === " " && event.ctrlKey) { event.preventDefault(); suggest(); return; }
    if (!list.hidden) {
      const act = { ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1), Enter: take, Tab: take, Escape: close }[event.key];
      if (act && !event.shiftKey) { event.preventDefault(); act(); return; }
      if (/^(Arrow|Home|End|Page)/.test(event.key)) close();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) { event.preventDefault(); breakLine(); }
  }

  area.addEventListener("input", changed);
  area.addEventListener("keydown", pressed);
  area.addEventListener("scroll", () => { scrolled(); close(); });
  area.addEventListener("blur", close);

  return {
    show(text) {
      if (area.value && area.value !== text) { area.focus(); area.select(); write(text); } else area.value = text; // What was there comes back by undo.
      area.setSelectionRange(0, 0);
      area.scrollTop = 0;
      close();
      redraw();
    },
    mark(lines) { invalid = new Set(lines); area.setAttribute("aria-invalid", lines.length > 0); redraw(); },
    goTo(line, column) {
      const at = area.value.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
      area.focus();
      area.setSelectionRange(at, at);
      area.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(area).lineHeight));
    },
  };
}
