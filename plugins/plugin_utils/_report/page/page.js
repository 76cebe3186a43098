(function () {
  'use strict';
  var form = document.querySelector('.tools');
  var search = document.getElementById('search');
  var status = document.getElementById('status');
  var kind = document.getElementById('kind');
  var openAll = document.getElementById('open');
  var shown = document.getElementById('shown');
  var nothing = document.getElementById('nothing');
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };
  var lower = function (node) { return node.textContent.toLowerCase(); };

  var portals = all('.portal').map(function (node) {
    return {
      node: node,
      opened: node.open,
      status: node.dataset.status,
      kinds: node.dataset.kinds.split(' '),
      title: lower(node.querySelector('h3')),
      error: all('.error', node).map(lower).join(' '),
      findings: all('.finding', node).map(function (one) { return { node: one, kinds: one.dataset.kinds.split(' '), text: lower(one) }; }),
      known: node.querySelector('.known'),
      services: node.querySelector('.services'),
      rows: all('.services tbody tr', node).map(function (one) { return { node: one, text: lower(one) }; })
    };
  });

  function apply() {
    var words = search.value.trim().toLowerCase();
    var count = 0;
    portals.forEach(function (portal) {
      var whole = !words || portal.title.indexOf(words) >= 0 || portal.error.indexOf(words) >= 0;
      var hits = 0;
      var rows = 0;
      portal.findings.forEach(function (one) {
        var hit = (whole || one.text.indexOf(words) >= 0) && (!kind.value || one.kinds.indexOf(kind.value) >= 0);
        one.node.hidden = !hit;
        hits += hit;
      });
      portal.rows.forEach(function (one) {
        var hit = whole || one.text.indexOf(words) >= 0;
        one.node.hidden = !hit;
        rows += hit && !whole;
      });
      if (portal.known) portal.known.hidden = portal.findings.every(function (one) { return one.node.hidden || !portal.known.contains(one.node); });
      if (portal.services) portal.services.open = rows > 0 && !hits;
      var visible = (!status.value || portal.status === status.value) && (!kind.value || hits > 0) && (whole || hits > 0 || rows > 0);
      portal.node.hidden = !visible;
      count += visible;
      if (words || kind.value) portal.node.open = visible && (hits > 0 || rows > 0);
      else portal.node.open = portal.opened;
    });
    shown.textContent = count === portals.length ? 'All ' + count + ' shown' : count + ' of ' + portals.length + ' shown';
    nothing.hidden = count > 0;
    all('[data-kind] button, [data-status] button').forEach(function (button) {
      var at = button.closest('li').dataset;
      button.setAttribute('aria-pressed', String((at.kind || at.status) === (at.kind ? kind : status).value));
    });
    label();
    remember(words);
  }

  function label() {
    var closed = portals.some(function (portal) { return !portal.node.hidden && !portal.node.open; });
    openAll.textContent = closed ? 'Open all' : 'Close all';
  }

  function remember(words) {
    var parts = [['q', words], ['status', status.value], ['kind', kind.value]].filter(function (pair) { return pair[1]; });
    var hash = parts.map(function (pair) { return pair[0] + '=' + encodeURIComponent(pair[1]); }).join('&');
    try { history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search); } catch (ignored) { /* not everywhere allowed for files */ }
  }

  function recall() {
    location.hash.slice(1).split('&').forEach(function (part) {
      var at = part.indexOf('=');
      var field = { q: search, status: status, kind: kind }[part.slice(0, at)];
      if (!field) return;
      try { field.value = decodeURIComponent(part.slice(at + 1)); } catch (ignored) { return; }
      if (field !== search && field.selectedIndex < 0) field.value = '';
    });
  }

  function pressable(item, select, wanted) {
    var label = item.querySelector('.label');
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'label';
    while (label.firstChild) button.appendChild(label.firstChild);
    label.replaceWith(button);
    button.addEventListener('click', function () {
      select.value = select.value === wanted ? '' : wanted;
      apply();
    });
  }

  all('.kinds li').forEach(function (item) {
    if (kind.querySelector('option[value="' + item.dataset.kind + '"]')) pressable(item, kind, item.dataset.kind);
  });
  all('.tiles li').forEach(function (item) { if (!item.classList.contains('none')) pressable(item, status, item.dataset.status); });

  form.addEventListener('submit', function (event) { event.preventDefault(); });
  form.addEventListener('reset', function () { setTimeout(apply); });
  search.addEventListener('input', apply);
  status.addEventListener('change', apply);
  kind.addEventListener('change', apply);
  openAll.addEventListener('click', function () {
    var open = openAll.textContent === 'Open all';
    portals.forEach(function (portal) { if (!portal.node.hidden) portal.node.open = open; });
    label();
  });
  portals.forEach(function (portal) { portal.node.addEventListener('toggle', label); });

  var before = null;
  window.addEventListener('beforeprint', function () {
    before = all('details').map(function (node) { return [node, node.open]; });
    all('.portal').forEach(function (node) { node.open = true; });
  });
  window.addEventListener('afterprint', function () {
    (before || []).forEach(function (pair) { pair[0].open = pair[1]; });
    before = null;
  });

  form.hidden = false;
  recall();
  apply();
}());
