/* Search over hakemisto.js: no request leaves the page. A word fits when it begins as a known form does. */
(function () {
  "use strict";
  var box = document.querySelector(".hakukentta"), field = document.getElementById("haku");
  var told = document.getElementById("haun-tila"), list = document.getElementById("haun-tulokset");
  var all = (window.sosrakeHaku || []).map(function (one) {
    return { address: one[0], title: one[1], kind: one[2], words: one[3].split(" ") };
  });
  var MOST = 40, ENDING = 7;

  function folded(text) {
    var plain = text.toLocaleLowerCase("fi").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
    return plain.split(/[^a-z0-9]+/).filter(Boolean);
  }

  function common(one, other) {
    var at = 0;
    while (at < one.length && at < other.length && one[at] === other[at]) { at += 1; }
    return at;
  }

  /* 0 = does not fit; the more of the word is shared, the better it fits. */
  function fit(asked, known) {
    var shared = common(asked, known);
    if (shared === asked.length) { return known.length === asked.length ? 3 : 2; }
    var cut = shared >= 5 ? 3 : 2;  // asuminen, asumisesta: three letters of the known form may change
    var stem = shared >= 4 && shared >= known.length - cut && asked.length - shared <= ENDING;
    return stem ? 1 + shared / (known.length + 1) : 0;
  }

  function score(asked, entry) {
    var sum = 0;
    for (var at = 0; at < asked.length; at += 1) {
      var best = 0;
      entry.words.forEach(function (known) { best = Math.max(best, fit(asked[at], known)); });
      if (!best) { return 0; }
      sum += best;
    }
    return sum / asked.length - entry.words.length / 1000;
  }

  function find(text) {
    var asked = folded(text);
    if (!asked.length) { return []; }
    return all
      .map(function (entry, place) { return { entry: entry, score: score(asked, entry), place: place }; })
      .filter(function (one) { return one.score > 0; })
      .sort(function (a, b) { return b.score - a.score || a.place - b.place; })
      .map(function (one) { return one.entry; });
  }
  window.sosrakeEtsi = find;
  if (!box) { return; }

  function show() {
    var asked = field.value.trim(), found = find(asked);
    list.replaceChildren();
    found.slice(0, MOST).forEach(function (entry) {
      var item = document.createElement("li"), link = document.createElement("a");
      var kind = document.createElement("span");
      link.href = entry.address;
      link.textContent = entry.title;
      kind.className = "lisatieto";
      kind.textContent = entry.kind;
      item.append(link, " ", kind);
      list.appendChild(item);
    });
    if (!asked) { told.textContent = ""; return; }
    if (!found.length) { told.textContent = box.dataset.ei; return; }
    told.textContent = found.length === 1 ? box.dataset.yksi : box.dataset.loytyi.replace("#", found.length);
  }

  box.hidden = false;
  field.addEventListener("input", show);
  show();
})();
