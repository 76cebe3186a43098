(function () {
  'use strict';
  // A view holds entries (portals, services), an entry may hold findings and rows of a table. A filter with a view of
  // its own is about the entries of that view, any other about findings.
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };
  var lower = function (node) { return node.textContent.toLowerCase(); };
  var has = function (node, name, value) { return (' ' + (node.dataset[name] || '') + ' ').indexOf(' ' + value + ' ') >= 0; };
  var tools = document.querySelector('.tools');
  var form = tools.querySelector('form');
  var search = document.getElementById('search');
  var openAll = document.getElementById('open');
  var shown = document.getElementById('shown');
  var nothing = document.getElementById('nothing');
  var narrow = window.matchMedia('(max-width: 44rem)');
  var buttons = all('[data-show]');

  var filters = all('[data-filter]').map(function (node) {
    var control = node.querySelector('select, input');
    return {
      name: node.dataset.filter,
      view: node.dataset.view,
      node: node,
      control: control,
      get: function () { return control.type === 'checkbox' ? (control.checked ? control.value : '') : control.value; },
      set: function (value) {
        if (control.type === 'checkbox') control.checked = value === control.value;
        else {
          control.value = value;
          if (control.selectedIndex < 0) control.value = '';
        }
      }
    };
  });
  var filter = function (name) { return filters.filter(function (one) { return one.name === name; })[0]; };

  var views = all('.view').map(function (node) {
    return {
      name: node.dataset.view,
      node: node,
      parts: all('.list, .calm', node),
      entries: all('.entry', node).map(function (entry) {
        return {
          node: entry,
          opened: entry.open,
          title: lower(entry.querySelector('h3, th')),
          error: all('.error', entry).map(lower).join(' '),
          findings: all('.finding', entry).map(function (one) { return { node: one, text: lower(one) }; }),
          known: entry.querySelector('.known'),
          services: entry.querySelector('.services'),
          rows: all('.services tbody tr', entry).map(function (one) { return { node: one, text: lower(one) }; })
        };
      })
    };
  });
  var current = views[0];

  function look(entry, words, chosen) {
    var whole = !words || entry.title.indexOf(words) >= 0 || entry.error.indexOf(words) >= 0;
    var ofFindings = chosen.filter(function (one) { return !one.view; });
    var hits = 0;
    var rows = 0;
    entry.findings.forEach(function (one) {
      var hit = (whole || one.text.indexOf(words) >= 0) && ofFindings.every(function (by) { return has(one.node, by.name, by.value); });
      one.node.hidden = !hit;
      hits += hit;
    });
    entry.rows.forEach(function (one) {
      var hit = whole || one.text.indexOf(words) >= 0;
      one.node.hidden = !hit;
      rows += hit && !whole;
    });
    if (entry.known) entry.known.hidden = entry.findings.every(function (one) { return one.node.hidden || !entry.known.contains(one.node); });
    if (entry.services) entry.services.open = rows > 0 && !hits;
    var visible = (!ofFindings.length || hits > 0) && (whole || hits > 0 || rows > 0) &&
      chosen.every(function (by) { return by.view !== current.name || has(entry.node, by.name, by.value); });
    entry.node.hidden = !visible;
    if (entry.opened !== undefined) entry.node.open = words || ofFindings.length ? visible && (hits > 0 || rows > 0) : entry.opened;
    return visible;
  }

  function apply() {
    var words = search.value.trim().toLowerCase();
    var chosen = filters.map(function (one) { return { name: one.name, view: one.view, value: one.get() }; })
      .filter(function (one) { return one.value; });
    var count = 0;
    views.forEach(function (view) { view.node.hidden = view !== current; });
    filters.forEach(function (one) { one.node.hidden = Boolean(one.view && one.view !== current.name); });
    current.entries.forEach(function (entry) { count += look(entry, words, chosen); });
    current.parts.forEach(function (part) { part.hidden = !part.querySelector('.entry:not([hidden])'); });
    shown.textContent = told(count, current.entries.length);
    nothing.hidden = count > 0 || !current.entries.length;
    buttons.forEach(function (button) { button.setAttribute('aria-pressed', String(button.dataset.show === current.name)); });
    all('[data-set] button').forEach(function (button) {
      var at = button.closest('[data-set]').dataset;
      button.setAttribute('aria-pressed', String(filter(at.set).get() === (at.value || '1')));
    });
    label();
    remember(words, chosen);
  }

  function told(count, total) {
    if (total < 2) return '';
    if (count < total) return count + ' of ' + total + ' shown';
    return total === 2 ? 'Both shown' : 'All ' + total + ' shown';
  }

  function label() {
    var closed = current.entries.some(function (entry) { return entry.opened !== undefined && !entry.node.hidden && !entry.node.open; });
    openAll.textContent = closed ? 'Open all' : 'Close all';
  }

  function remember(words, chosen) {
    var parts = [['q', words], ['view', current === views[0] ? '' : current.name]]
      .concat(chosen.map(function (one) { return [one.name, one.value]; })).filter(function (pair) { return pair[1]; });
    var hash = parts.map(function (pair) { return pair[0] + '=' + encodeURIComponent(pair[1]); }).join('&');
    try { history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search); } catch (ignored) { /* not everywhere allowed for files */ }
  }

  function recall() {
    location.hash.slice(1).split('&').forEach(function (part) {
      var at = part.indexOf('=');
      var name = part.slice(0, at);
      var value;
      try { value = decodeURIComponent(part.slice(at + 1)); } catch (ignored) { return; }
      if (name === 'q') search.value = value;
      else if (name === 'view') show(value);
      else if (filter(name)) filter(name).set(value);
    });
  }

  function show(name) {
    current = views.filter(function (view) { return view.name === name; })[0] || current;
  }

  function jump(place) {
    var entry = place.closest('.entry');
    show('portals');
    search.value = '';
    filters.forEach(function (one) { one.set(''); });
    apply();
    entry.open = true;
    entry.querySelector('summary').focus();
    entry.scrollIntoView();
  }

  function pressable(item) {
    var of = filter(item.dataset.set);
    var label = item.querySelector('.label') || item;
    var value = item.dataset.value || '1';
    if (!of || item.classList.contains('none') || (of.control.options && !of.control.querySelector('option[value="' + value + '"]'))) return;
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'label';
    while (label.firstChild) button.appendChild(label.firstChild);
    if (label === item) item.appendChild(button);
    else label.replaceWith(button);
    button.addEventListener('click', function () {
      of.set(of.get() === value ? '' : value);
      if (of.view) show(of.view);
      apply();
    });
  }

  function copied(button) {
    var range = document.createRange();
    range.selectNodeContents(button.parentNode.querySelector('code'));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    // The newer way is not to be had on a page that is a file.
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
  }

  all('[data-set]').forEach(pressable);
  all('.copy').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { copied(button); });
  });
  all('a[href^="#p"]:not(.skip)').forEach(function (link) {
    var place = document.getElementById(link.getAttribute('href').slice(1));
    if (place) link.addEventListener('click', function (event) { event.preventDefault(); jump(place); });
  });

  form.addEventListener('submit', function (event) { event.preventDefault(); });
  form.addEventListener('reset', function () { setTimeout(apply); });
  search.addEventListener('input', apply);
  filters.forEach(function (one) { one.control.addEventListener('change', apply); });
  buttons.forEach(function (button) { button.addEventListener('click', function () { show(button.dataset.show); apply(); }); });
  openAll.addEventListener('click', function () {
    var open = openAll.textContent === 'Open all';
    current.entries.forEach(function (entry) { if (entry.opened !== undefined && !entry.node.hidden) entry.node.open = open; });
    label();
  });
  views.forEach(function (view) { view.entries.forEach(function (entry) { entry.node.addEventListener('toggle', label); }); });

  // On a phone the filters stay folded above what they filter.
  var fold = function () { tools.open = !narrow.matches; };
  narrow.addEventListener('change', fold);

  var before = null;
  window.addEventListener('beforeprint', function () {
    before = all('details').map(function (node) { return [node, node.open]; });
    all('.entry').forEach(function (node) { node.open = true; });
  });
  window.addEventListener('afterprint', function () {
    (before || []).forEach(function (pair) { pair[0].open = pair[1]; });
    before = null;
  });

  tools.hidden = !views.some(function (view) { return view.entries.length; });
  fold();
  recall();
  var asked = /^#p\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  apply();
  if (asked) jump(asked);
}());
