(function () {
  "use strict";
  var box = document.getElementById("filters");
  if (!box) { return; }
  var find = document.getElementById("find"), kind = document.getElementById("kind");
  var found = document.getElementById("found");
  var packages = Array.prototype.slice.call(document.querySelectorAll(".package"));
  box.hidden = false;
  function look() {
    var text = find.value.trim().toLowerCase(), shown = 0;
    packages.forEach(function (section) {
      var named = section.querySelector("h2").textContent.toLowerCase().indexOf(text) >= 0, any = false;
      section.querySelectorAll(".change").forEach(function (change) {
        var fits = (!kind.value || change.dataset.kind === kind.value) &&
          (named || change.textContent.toLowerCase().indexOf(text) >= 0);
        change.hidden = !fits;
        any = any || fits;
        shown += fits ? 1 : 0;
      });
      section.hidden = !any;
    });
    found.textContent = text || kind.value ? shown + (shown === 1 ? " change" : " changes") : "";
  }
  find.addEventListener("input", look);
  kind.addEventListener("change", look);
}());
