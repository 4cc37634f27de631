#include "src/api/assets.hpp"

namespace auditflow::api {

const std::string_view kIcon =
    R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2b59c3"/><path d="M6 20h5l3-10 5 14 3-8h4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>)svg";

const std::string_view kStyleSheet = R"css(:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #fff; --text: #1c2330; --dim: #5b6575; --line: #dde1e7;
  --accent: #2b59c3; --field: #fff;
  --critical: #a3123a; --critical-bg: #fbe3ea; --high: #b23a0e; --high-bg: #fdeadf;
  --medium: #8a5a00; --medium-bg: #fcf1d4; --low: #1f5fa8; --low-bg: #e3eefb;
  --info: #4d5868; --info-bg: #e9ecf1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --card: #1a202a; --text: #e6eaf1; --dim: #97a3b6; --line: #2c3543;
    --accent: #86a8ff; --field: #12161d;
    --critical: #ff8fac; --critical-bg: #471527; --high: #ffab85; --high-bg: #452314;
    --medium: #f3cd70; --medium-bg: #3d300e; --low: #92c1ff; --low-bg: #14304f;
    --info: #b6c0cf; --info-bg: #29313d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
header, main { max-width: 78rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; align-items: center; gap: .6rem; padding-top: 1.1rem; padding-bottom: .9rem; }
header img { width: 1.75rem; height: 1.75rem; }
header .name { font-weight: 650; font-size: 1.15rem; color: var(--text); }
header .state { margin-left: auto; color: var(--dim); font-size: .87rem; text-align: right; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 1.6rem 0 .5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.chips { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0 0 .8rem; padding: 0; list-style: none; }
.chips a { display: inline-flex; gap: .45rem; align-items: baseline; padding: .3rem .75rem;
  border: 1px solid var(--line); border-radius: 99px; background: var(--card); color: var(--text); }
.chips a[aria-current] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.chips .filter { color: var(--accent); }
.chips b { font-variant-numeric: tabular-nums; }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; padding: .8rem; margin-bottom: .9rem; }
label { display: flex; flex-direction: column; gap: .15rem; font-size: .8rem; color: var(--dim);
  flex: 1 1 9rem; min-width: 0; }
input, select, button { font: inherit; color: var(--text); background: var(--field); width: 100%;
  border: 1px solid var(--line); border-radius: 7px; padding: .42rem .6rem; min-height: 2.3rem; }
button { width: auto; background: var(--accent); border-color: var(--accent); color: var(--card);
  font-weight: 600; padding: .42rem 1.1rem; cursor: pointer; }
form .clear { padding: .5rem .3rem; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-size: .78rem; font-weight: 600; color: var(--dim); }
th, td { padding: .6rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: color-mix(in srgb, var(--accent) 5%, transparent); }
td { overflow-wrap: anywhere; }
td.time, td.rule { white-space: nowrap; font-variant-numeric: tabular-nums; }
td .dim, .dim { color: var(--dim); font-size: .87rem; }
td .what { font-weight: 600; }
td.who { min-width: 11rem; }
td.who .dim { display: block; }
.filters { margin: 0 0 .8rem; }
.filters b { margin-right: .8rem; font-weight: 600; }
.severity { display: inline-block; white-space: nowrap; padding: .08rem .55rem; border-radius: 6px; font-size: .78rem;
  font-weight: 700; letter-spacing: .02em; color: var(--info); background: var(--info-bg); }
.critical { color: var(--critical); background: var(--critical-bg); }
.high { color: var(--high); background: var(--high-bg); }
.medium, .warning { color: var(--medium); background: var(--medium-bg); }
.low { color: var(--low); background: var(--low-bg); }
.empty { padding: 3rem 1rem; text-align: center; color: var(--dim); }
nav.pages { display: flex; justify-content: space-between; gap: 1rem; padding: .9rem .2rem 2rem; }
dl { display: grid; grid-template-columns: minmax(8rem, 12rem) 1fr; margin: 0; padding: .4rem 1rem; }
dt, dd { margin: 0; padding: .5rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--dim); font-size: .87rem; padding-right: 1rem; }
dd { overflow-wrap: anywhere; }
dt:last-of-type, dd:last-of-type { border-bottom: 0; }
pre { margin: 0; padding: 1rem; overflow-x: auto; font: 13px/1.5 ui-monospace, SFMono-Regular,
  Menlo, Consolas, "DejaVu Sans Mono", monospace; tab-size: 2; }
.tag { display: inline-block; margin: 0 .35rem .2rem 0; padding: .05rem .5rem; border-radius: 6px;
  background: var(--info-bg); color: var(--info); font-size: .85rem; }
.lead { margin: 0 0 1rem; max-width: 60rem; overflow-wrap: anywhere; }
.after { height: 2rem; }
@media (max-width: 44rem) {
  header, main { padding-left: .8rem; padding-right: .8rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody { display: block; }
  tr { display: grid; grid-template-columns: auto 1fr; gap: .15rem .6rem; padding: .7rem .8rem;
    border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  td { padding: 0; border: 0; }
  td.severity-cell { order: 1; } td.time { order: 2; text-align: right; color: var(--dim); }
  td.what-cell { order: 3; grid-column: 1 / -1; } td.who, td.rule { order: 4; grid-column: 1 / -1; }
  td.who .dim { display: inline; } td.who .dim::before { content: " on "; }
  td.time div { display: inline; } td.time time { display: none; }
  label { flex-basis: 8rem; }
  dl { grid-template-columns: 1fr; } dt { border: 0; padding-bottom: 0; }
}
)css";

}  // namespace auditflow::api
