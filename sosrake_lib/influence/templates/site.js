/* Opens a number's note beside the number, folds the list of notes, and unfolds all for the printer. Without it the links lead to the notes. */
(function () {
  "use strict";
  var unfolded = [];
  addEventListener("beforeprint", function () {
    unfolded = Array.from(document.querySelectorAll("details:not([open])"));
    unfolded.forEach(function (fold) { fold.open = true; });
  });
  addEventListener("afterprint", function () {
    unfolded.forEach(function (fold) { fold.open = false; });
  });

  /* The list of notes is as long as the page itself: folded here, as without a script every link must find its note. */
  var listed = document.querySelector("details.luettelo");
  function reveal() {
    var wanted = location.hash && document.getElementById(location.hash.slice(1));
    if (!wanted || !listed.contains(wanted) || wanted === listed) { return; }
    listed.open = true;
    wanted.scrollIntoView();
  }
  if (listed) {
    listed.open = false;
    reveal();
    addEventListener("hashchange", reveal);
  }

  var section = document.querySelector("section.mista");
  if (!section || !window.HTMLDialogElement) { return; }

  var dialog = document.createElement("dialog");
  dialog.className = "lahdeikkuna";
  dialog.setAttribute("aria-labelledby", "lahdeikkuna-otsikko");
  document.body.appendChild(dialog);
  var opener = null;

  function element(name, text) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    return made;
  }

  function plain(node) {
    var copy = node.cloneNode(true);
    copy.querySelectorAll("a").forEach(function (link) { link.replaceWith(link.textContent); });
    copy.querySelectorAll("[id]").forEach(function (one) { one.removeAttribute("id"); });
    copy.removeAttribute("id");
    return copy;
  }

  function fill(link, line) {
    dialog.replaceChildren();
    var title = element("h2", link.textContent);
    title.id = "lahdeikkuna-otsikko";
    title.tabIndex = -1;
    dialog.appendChild(element("p", section.dataset.otsikko)).className = "ylaotsikko";
    dialog.appendChild(title);
    var own = plain(line), told = element("p");
    told.append.apply(told, Array.from(own.childNodes));
    dialog.appendChild(told).className = "rivi-itse";
    dialog.appendChild(plain(line.closest(".alkupera").querySelector("dl")));
    var shut = element("button", section.dataset.sulje);
    shut.type = "button";
    shut.addEventListener("click", function () { dialog.close(); });
    dialog.appendChild(shut);
    return title;
  }

  function place(link) {
    var spot = link.getBoundingClientRect(), box = dialog.getBoundingClientRect(), gap = 8;
    var below = spot.bottom + gap + box.height <= window.innerHeight;
    var top = below ? spot.bottom + gap : Math.max(gap, spot.top - gap - box.height);
    var left = Math.min(Math.max(gap, spot.left), Math.max(gap, document.documentElement.clientWidth - box.width - gap));
    dialog.style.top = top + "px";
    dialog.style.left = left + "px";
  }

  document.querySelectorAll("a.lahde").forEach(function (link) {
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
      var line = document.getElementById(link.getAttribute("href").slice(1));
      if (!line) { return; }
      event.preventDefault();
      opener = link;
      var title = fill(link, line);
      dialog.showModal();
      place(link);
      title.focus({ preventScroll: true });
    });
  });
  dialog.addEventListener("click", function (event) {
    if (event.target === dialog) { dialog.close(); }
  });
  dialog.addEventListener("close", function () {
    if (opener) { opener.focus({ preventScroll: true }); }
  });
})();
