// Looks at a drawn page from a world of its own: what the page's scripts did to prototypes, getters
// and globals does not reach here, and elements are asked through getters taken from the prototypes,
// since a form's or a document's named children hide the members of the same name.
(() => {
  const getter = (type, name) => {
    const get = Object.getOwnPropertyDescriptor(type.prototype, name).get;
    return (one) => get.call(one);
  };
  const method = (type, name) => {
    const own = type.prototype[name];
    return (one, ...rest) => own.call(one, ...rest);
  };
  const rootOf = getter(Document, "documentElement");
  const baseOf = getter(Node, "baseURI");
  const tagOf = getter(Element, "localName");
  const firstElement = getter(Element, "firstElementChild");
  const shadowOf = getter(Element, "shadowRoot"); // null where it is closed: then nobody may look
  const firstInShadow = getter(DocumentFragment, "firstElementChild");
  const hostOf = getter(ShadowRoot, "host");
  const nextElement = getter(Element, "nextElementSibling");
  const parentOf = getter(Node, "parentNode");
  const firstNode = getter(Node, "firstChild");
  const nextNode = getter(Node, "nextSibling");
  const kindOf = getter(Node, "nodeType");
  const textOf = getter(CharacterData, "data");
  const htmlOf = getter(Element, "outerHTML");
  const widthOf = getter(Element, "clientWidth");
  const heightOf = getter(Element, "clientHeight");
  const wholeWidth = getter(Element, "scrollWidth");
  const wholeHeight = getter(Element, "scrollHeight");
  const sourceOf = getter(HTMLImageElement, "currentSrc");
  const attribute = method(Element, "getAttribute");
  const rectOf = method(Element, "getBoundingClientRect");
  const inside = method(Element, "getElementsByTagName");
  const prepend = method(Element, "prepend");
  const append = method(Element, "append");
  const setAttribute = method(Element, "setAttribute");
  const removeAttribute = method(Element, "removeAttribute");
  const remove = method(Element, "remove");
  const walker = method(Document, "createTreeWalker");
  const query = method(Document, "querySelectorAll");
  const queryShadow = method(DocumentFragment, "querySelectorAll");
  const nextOf = method(TreeWalker, "nextNode");

  const UNSEEN = new Set(["script", "style", "noscript", "template", "head", "link", "meta", "base", "title"]);
  const MEDIA = { img: "src", iframe: "src", frame: "src", embed: "src", object: "data", video: "poster", input: "src" };
  const MOST_CHARS = 2000;
  let nodes = [], shadows = [];

  const short = (text, most) => (text || "").slice(0, most);
  const meet = (a, b) => {
    const x = Math.max(a[0], b[0]), y = Math.max(a[1], b[1]);
    return [x, y, Math.min(a[2], b[2]), Math.min(a[3], b[3])];
  };
  const pseudo = (node) => {
    let said = "";
    for (const part of ["::before", "::after"]) {
      const content = getComputedStyle(node, part).content;
      if (content && content[0] === '"' && content.length < 100) said += " " + content.slice(1, -1);
    }
    return said.trim();
  };
  const ownText = (node) => {
    let text = "", chars = 0, seen = 0;
    for (let child = firstNode(node); child && seen < 500; child = nextNode(child), seen++) {
      if (kindOf(child) !== 3) continue;
      const said = textOf(child).trim();
      chars += said.length;
      if (text.length < 80) text += " " + said.slice(0, 80);
    }
    return [text.trim(), chars];
  };
  const mediaOf = (node, tag, style) => {
    if (tag === "img") return short(sourceOf(node) || attribute(node, "src"), MOST_CHARS);
    if (tag in MEDIA) return short(attribute(node, MEDIA[tag]), MOST_CHARS);
    const drawn = /^url\("?([^"]+)"?\)/.exec(style.backgroundImage);
    return drawn ? short(drawn[1], MOST_CHARS) : "";
  };
  // Where a click leads that is no link's: what scripts are told of it, never run.
  const clickTarget = (node) => {
    for (const name of ["data-href", "data-url", "data-link", "data-landing"]) {
      const said = attribute(node, name);
      if (said && /^(?:https?:)?\/\/|^\//i.test(said.trim())) return said.trim();
    }
    const run = /(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\(|open\()\s*(['"`])([^'"`]+)\1/.exec(
      short(attribute(node, "onclick"), MOST_CHARS));
    return run ? run[2].trim() : "";
  };
  const told = (node, tag, style, parent, box, stuck, hidden) => {
    const [text, chars] = ownText(node);
    const said = ["alt", "title", "aria-label"].map((name) => short(attribute(node, name), 60)).filter(Boolean);
    const names = short(((attribute(node, "class") || "") + " " + (attribute(node, "id") || "")).trim(), 300);
    return [parent, tag, names, box.map(Math.round), stuck, text, chars, pseudo(node),
            short((tag === "a" || tag === "area" ? attribute(node, "href") : "") || clickTarget(node), MOST_CHARS),
            mediaOf(node, tag, style), said];
  };

  const gather = (most, visits, ms) => {
    const end = performance.now() + ms;
    const root = rootOf(document);
    const view = [0, 0, Math.max(widthOf(root), 1), Math.max(heightOf(root), 1)];
    const whole = [0, 0, Math.max(wholeWidth(root), view[2]), Math.max(wholeHeight(root), view[3])];
    const found = [], classes = new Set(), ids = new Set();
    let visited = 0, cut = false;
    nodes = [];
    shadows = [];
    const waiting = [[root, -1, whole, whole, false]];
    while (waiting.length) {
      const [node, parent, room, placedRoom, inStuck] = waiting.pop();
      if (++visited > visits || nodes.length >= most || (visited % 128 === 0 && performance.now() > end)) {
        cut = true;
        break;
      }
      const next = node === root ? null : nextElement(node);
      if (next) waiting.push([next, parent, room, placedRoom, inStuck]);
      const tag = tagOf(node);
      if (UNSEEN.has(tag)) continue;
      const style = getComputedStyle(node);
      if (style.display === "none" || style.opacity === "0") continue;
      const position = style.position;
      const stuck = inStuck || position === "fixed";
      const rect = rectOf(node);
      const dx = stuck ? 0 : scrollX, dy = stuck ? 0 : scrollY;
      const own = [rect.left + dx, rect.top + dy, rect.right + dx, rect.bottom + dy];
      const around = position === "fixed" ? view : position === "absolute" ? placedRoom : room;
      const shown = meet(own, around);
      let index = parent;
      if (style.visibility === "visible" && shown[2] - shown[0] >= 1 && shown[3] - shown[1] >= 1) {
        index = nodes.length;
        nodes.push(node);
        const box = [shown[0], shown[1], shown[2] - shown[0], shown[3] - shown[1]];
        found.push(told(node, tag, style, parent, box, stuck));
        if (classes.size < 5000) for (const name of (attribute(node, "class") || "").split(/\s+/)) classes.add(short(name, 100));
        if (ids.size < 5000) ids.add(short(attribute(node, "id"), 100));
      }
      const clips = style.overflowX !== "visible" || style.overflowY !== "visible";
      const inner = clips && tag !== "html" && tag !== "body" ? meet(own, around) : around;
      const anchors = position !== "static" || style.transform !== "none";
      const child = firstElement(node);
      if (child) waiting.push([child, index, inner, anchors ? inner : placedRoom, stuck]);
      const shadow = shadowOf(node);
      if (shadow && shadows.length < 500) {
        shadows.push(shadow);
        const drawn = firstInShadow(shadow);
        if (drawn) waiting.push([drawn, index, inner, anchors ? inner : placedRoom, stuck]);
      }
    }
    return { elements: found, classes: [...classes].filter(Boolean), ids: [...ids].filter(Boolean),
             size: whole.slice(2).map(Math.round), base: short(baseOf(document), MOST_CHARS), cut };
  };

  const match = (selectors, ms) => {
    const end = performance.now() + ms;
    const at = new Map(nodes.map((node, index) => [node, index]));
    const found = new Set();
    const ask = (text) => {
      for (const node of query(document, text)) if (at.has(node)) found.add(at.get(node));
      for (const shadow of shadows) {
        for (const node of queryShadow(shadow, text)) if (at.has(node)) found.add(at.get(node));
      }
    };
    for (let i = 0; i < selectors.length; i += 40) {
      const some = selectors.slice(i, i + 40);
      if (performance.now() > end) return { found: [...found], cut: true };
      try {
        ask(some.join(","));
      } catch {
        for (const one of some) try { ask(one); } catch { /* not CSS that a browser knows */ }
      }
    }
    return { found: [...found], cut: false };
  };

  const outward = (one) => {
    const above = parentOf(one);
    return above && shadows.includes(above) ? hostOf(above) : above;
  };
  const pathOf = (node) => {
    const steps = [];
    for (let one = node; one && kindOf(one) === 1 && steps.length < 40; one = outward(one)) {
      const id = attribute(one, "id") || "";
      if (/^[A-Za-z][\w-]{1,60}$/.test(id) && !/\d{4}/.test(id)) {
        steps.push("#" + id);
        break;
      }
      const tag = tagOf(one);
      let place = 1;
      const above = parentOf(one);
      for (let other = above && kindOf(above) === 1 ? firstElement(above) : null; other && other !== one && place < 5000; other = nextElement(other)) {
        if (tagOf(other) === tag) place++;
      }
      steps.push(tag + ":" + place);
    }
    return steps.reverse().join(">");
  };

  // What is seen of an element, copied into a document that loads and runs nothing. What a shadow
  // draws stands in the copy as children of its host.
  const seenOf = (node, inert, depth) => {
    const twin = inert.importNode(node, true);
    const left = walker(document, node, 1), right = inert.createTreeWalker(twin, 1);
    const gone = [], drawn = [];
    for (let one = node, other = twin; one && other; one = nextOf(left), other = nextOf(right)) {
      const style = getComputedStyle(one);
      if (UNSEEN.has(tagOf(one)) || style.display === "none" || style.visibility !== "visible" || style.opacity === "0") {
        if (other !== twin) gone.push(other);
        continue;
      }
      removeAttribute(other, "srcdoc");
      if (tagOf(one) === "img" && sourceOf(one)) setAttribute(other, "src", sourceOf(one));
      const said = pseudo(one);
      if (said) prepend(other, said + " ");
      const shadow = shadowOf(one);
      if (!shadow || depth > 8 || !shadows.includes(shadow)) continue;
      for (let child = firstInShadow(shadow); child; child = nextElement(child)) {
        if (!UNSEEN.has(tagOf(child)) && getComputedStyle(child).display !== "none") drawn.push([other, child]);
      }
    }
    for (const [host, child] of drawn) append(host, seenOf(child, inert, depth + 1));
    for (const one of gone) remove(one);
    return twin;
  };
  const countOf = (node) => {
    let count = inside(node, "*").length;
    for (const shadow of shadows) {
      let one = hostOf(shadow);
      while (one && one !== node) one = outward(one);
      if (one) count += queryShadow(shadow, "*").length;
    }
    return count;
  };
  const copy = (index, mostNodes, mostChars) => {
    const node = nodes[index];
    const path = short(pathOf(node), MOST_CHARS);
    if (countOf(node) > mostNodes) return { path, html: "", cut: true };
    const twin = seenOf(node, new DOMParser().parseFromString("", "text/html"), 0);
    const html = htmlOf(twin);
    return { path, html: html.slice(0, mostChars), cut: html.length > mostChars };
  };

  globalThis.adwatch = { gather, match, copy };
  return true;
})()
