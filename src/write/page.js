/* SPDX-License-Identifier: BSD-3-Clause */
/* What the page can do beyond being read. Everything is there without it. */
"use strict";
(() => {
	const all = document.getElementById("all");
	const body = all.tBodies[0];
	const heads = Array.from(all.tHead.rows[0].cells);

	document.documentElement.classList.add("js");
	for (const head of heads)
		head.setAttribute("aria-sort", "none");
	heads[0].setAttribute("aria-sort", "ascending");

	/* Sorting: numbers by value, what is unknown last. */
	const text_order = new Intl.Collator(undefined, { numeric: true });

	const key_of = (cell) => {
		const text = cell.dataset.k ?? cell.textContent;
		return text !== "" && !isNaN(text) ? Number(text) : text;
	};

	const compare = (a, b) => {
		if (typeof a === "number" && typeof b === "number")
			return a - b;
		return text_order.compare(a, b);
	};

	const sort = (head) => {
		const column = heads.indexOf(head);
		const down = head.getAttribute("aria-sort") === "ascending";
		const rows = Array.from(body.rows, (row) => ({ row, key: key_of(row.cells[column]) }));
		const known = rows.filter((item) => item.key !== "");
		const unknown = rows.filter((item) => item.key === "");

		known.sort((a, b) => (down ? compare(b.key, a.key) : compare(a.key, b.key)));
		const sorted = document.createDocumentFragment();
		for (const item of known.concat(unknown))
			sorted.append(item.row);
		body.append(sorted);
		for (const other of heads)
			other.setAttribute("aria-sort", "none");
		head.setAttribute("aria-sort", down ? "descending" : "ascending");
	};

	/* Filtering: rows that have all the words. */
	const texts = new Map();

	const text_of = (row) => {
		if (!texts.has(row))
			texts.set(row, row.textContent.toLowerCase());
		return texts.get(row);
	};

	const filter = (value) => {
		const words = value.toLowerCase().split(/\s+/).filter(Boolean);
		let shown = 0;

		for (const row of body.rows) {
			const text = text_of(row);
			const fits = words.every((word) => text.includes(word));
			row.classList.toggle("off", !fits);
			document.getElementById("c" + row.cells[0].textContent)?.classList.toggle("off", !fits);
			shown += fits;
		}
		document.getElementById("count").textContent =
			words.length ? shown + " of " + body.rows.length : "";
	};

	/* One box for all, where there are many. */
	const toggle_all = (all) => {
		for (const box of all.closest("fieldset").querySelectorAll("[data-sf]")) {
			box.checked = all.checked;
			toggle(box);
		}
	};

	const add_all = (fieldset) => {
		const label = document.createElement("label");
		const all = document.createElement("input");

		all.type = "checkbox";
		all.checked = true;
		all.dataset.all = "";
		label.append(" ", all, "all");
		fieldset.querySelector("legend").append(label);
	};

	/* Subflows on and off, in all pictures of the connection. */
	const toggle = (box) => {
		const things = box.closest(".views").querySelectorAll(".chart [data-sf=\"" + box.dataset.sf + "\"]");

		for (const thing of things)
			thing.classList.toggle("off", !box.checked);
	};

	/* The connection that a link leads to is opened. */
	const open = (hash) => {
		const part = document.getElementById(hash.slice(1));

		if (part instanceof HTMLDetailsElement) {
			part.open = true;
			part.scrollIntoView();
		}
	};

	/*
	 * The cursor. A chart says from where to where its axes go; what is
	 * drawn is read back from its paths when it is first needed.
	 */
	const charts = new WeakMap();

	const axis_of = (value) => {
		const [from, to, unit] = value.split(" ");
		const range = Math.abs(to - from);
		const digits = range > 0 ? Math.max(0, Math.ceil(-Math.log10(range / 2000))) : 0;
		return { from: Number(from), to: Number(to), unit, digits };
	};

	const print = (axis, part) => {
		const value = axis.from + part * (axis.to - axis.from);
		return value.toFixed(axis.digits) + (axis.unit ? " " + axis.unit : "");
	};

	/* Every piece that a path is made of, from 0 to 1. */
	const pieces = (path, add) => {
		const { width: wide, height: high } = path.ownerSVGElement.viewBox.baseVal;
		let x = 0, y = 0;

		for (const [, command, a, b] of path.getAttribute("d").matchAll(/([Mmhv])(-?\d+) ?(-?\d+)?/g)) {
			const x1 = x, y1 = y;
			if (command === "h") {
				x += Number(a);
			} else if (command === "v") {
				y += Number(a);
			} else {
				x = (command === "m" ? x : 0) + Number(a);
				y = (command === "m" ? y : 0) + Number(b);
				continue;
			}
			add({
				x1: Math.min(x1, x) / wide, x2: Math.max(x1, x) / wide,
				y1: Math.min(y1, y) / high, y2: Math.max(y1, y) / high,
			});
		}
	};

	const percents = (element, name) =>
		element.getAttribute(name).split(" ").map((value) => parseFloat(value) / 100);

	const spot = (x, y, group) => ({ x1: x, x2: x, y1: y, y2: y, group });

	/* Signals, or else what is drawn. */
	const marks_of = (svg) => {
		const marks = [];

		for (const circle of svg.querySelectorAll("circle"))
			marks.push(spot(percents(circle, "cx")[0],
				circle.getAttribute("cy") / svg.getAttribute("height"), circle));
		if (marks.length)
			return marks;
		for (const group of svg.querySelectorAll("[data-name]")) {
			const path = group.querySelector("path");
			const text = group.querySelector("text");
			if (path)
				pieces(path, (piece) => marks.push({ ...piece, group }));
			if (text) {
				const y = percents(text, "y");
				percents(text, "x").forEach((x, i) => marks.push(spot(x, y[i], group)));
			}
		}
		return marks;
	};

	const chart_of = (svg) => {
		if (!charts.has(svg)) {
			const hair = document.createElementNS(svg.namespaceURI, "line");
			hair.setAttribute("class", "hair off");
			hair.setAttribute("y2", "100%");
			svg.append(hair);
			charts.set(svg, {
				svg,
				hair,
				box: svg.querySelector(".box"),
				output: svg.closest("figure").querySelector("output"),
				x: axis_of(svg.dataset.x),
				y: axis_of(svg.dataset.y),
				lanes: Number(svg.dataset.lanes ?? 0),
				marks: null,
				at: { x: 0, y: 0.5 },
			});
		}
		return charts.get(svg);
	};

	const place_hair = (chart, x) => {
		chart.hair.classList.remove("off");
		chart.hair.setAttribute("x1", 100 * x + "%");
		chart.hair.setAttribute("x2", 100 * x + "%");
	};

	/* The same moment in the connection's other pictures. */
	const place_all = (chart, x) => {
		const moment = chart.x.from + x * (chart.x.to - chart.x.from);
		const time = "time" in chart.svg.dataset;

		for (const svg of chart.svg.closest(".views").querySelectorAll(".chart")) {
			const other = chart_of(svg);
			const at = (moment - other.x.from) / (other.x.to - other.x.from);
			if (svg !== chart.svg)
				other.output.textContent = "";
			if (svg === chart.svg)
				place_hair(other, x);
			else if (time && "time" in svg.dataset && at >= 0 && at <= 1)
				place_hair(other, at);
			else
				other.hair.classList.add("off");
		}
	};

	const within = (value, least, most) => Math.min(Math.max(value, least), most);

	/* The place on a mark that is nearest, in pixels. */
	const nearest = (chart, x, y) => {
		const size = chart.box.getBoundingClientRect();
		let found = null, least = Infinity;

		chart.marks ??= marks_of(chart.svg);
		for (const mark of chart.marks) {
			const at = { x: within(x, mark.x1, mark.x2), y: within(y, mark.y1, mark.y2) };
			const distance = ((at.x - x) * size.width) ** 2 + ((at.y - y) * size.height) ** 2;
			if (distance < least && !mark.group.classList.contains("off")) {
				least = distance;
				found = { x: at.x, y: at.y, group: mark.group };
			}
		}
		return found;
	};

	const print_y = (chart, y) => (chart.lanes ? "" : ", " + print(chart.y, 1 - y));

	const subflow_of = (sf) => {
		if (sf === undefined)
			return "";
		return sf === "others" ? ", other subflows" : ", subflow " + sf;
	};

	const describe = (chart, mark) => {
		const title = mark.group.querySelector("title");
		const data = mark.group.dataset;

		if (title)
			return title.textContent;
		return data.name + subflow_of(data.sf) +
			": " + print(chart.x, mark.x) + print_y(chart, mark.y);
	};

	/* Beside the hair line, where there is more room. */
	const place_output = (chart, x) => {
		const figure = chart.output.closest("figure").getBoundingClientRect();
		const box = chart.box.getBoundingClientRect();
		const at = box.left + x * box.width;
		const style = chart.output.style;

		style.left = x < 0.5 ? at - figure.left + 8 + "px" : "auto";
		style.right = x < 0.5 ? "auto" : figure.right - at + 8 + "px";
	};

	const read = (svg, x, y) => {
		const chart = chart_of(svg);
		const mark = nearest(chart, x, y);

		chart.at = { x, y };
		place_all(chart, x);
		chart.output.textContent = print(chart.x, x) + print_y(chart, y) +
			(mark ? "\nnearest: " + describe(chart, mark) : "");
		place_output(chart, x);
	};

	const point = (event) => {
		const svg = event.target.closest?.(".chart");
		if (!svg)
			return;
		const box = chart_of(svg).box.getBoundingClientRect();
		read(svg, within((event.clientX - box.left) / box.width, 0, 1),
			within((event.clientY - box.top) / box.height, 0, 1));
	};

	const leave = (views) => {
		for (const svg of views.querySelectorAll(".chart")) {
			chart_of(svg).hair.classList.add("off");
			chart_of(svg).output.textContent = "";
		}
	};

	const steps = {
		ArrowLeft: [-0.005, 0], ArrowRight: [0.005, 0], ArrowUp: [0, -0.02], ArrowDown: [0, 0.02],
		PageUp: [-0.1, 0], PageDown: [0.1, 0], Home: [-1, 0], End: [1, 0],
	};

	const key = (event) => {
		const svg = event.target.closest?.(".chart");
		if (!svg || !(event.key in steps))
			return;
		const { at } = chart_of(svg);
		event.preventDefault();
		read(svg, within(at.x + steps[event.key][0], 0, 1), within(at.y + steps[event.key][1], 0, 1));
	};

	document.addEventListener("click", (event) => {
		const head = event.target.closest?.("#all thead th");
		const link = event.target.closest?.("#all a");
		if (head)
			sort(head);
		if (link)
			open(link.hash);
	});
	document.addEventListener("input", (event) => {
		if (event.target.type === "search")
			filter(event.target.value);
	});
	document.addEventListener("change", (event) => {
		if (event.target.dataset.sf !== undefined)
			toggle(event.target);
		else if (event.target.dataset.all !== undefined)
			toggle_all(event.target);
	});
	document.addEventListener("pointermove", point);
	document.addEventListener("pointerdown", point);
	document.addEventListener("pointerout", (event) => {
		const views = event.target.closest?.(".views");
		if (views && !views.contains(event.relatedTarget))
			leave(views);
	});
	document.addEventListener("keydown", key);
	addEventListener("hashchange", () => open(location.hash));

	/* What a browser remembers of the page when it loads it again. */
	for (const fieldset of document.querySelectorAll("fieldset"))
		if (fieldset.querySelectorAll("[data-sf]").length > 2)
			add_all(fieldset);
	for (const box of document.querySelectorAll("fieldset input:not(:checked)"))
		toggle(box);
	if (document.querySelector("input[type=search]").value)
		filter(document.querySelector("input[type=search]").value);
	open(location.hash);
})();
