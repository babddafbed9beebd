"""The style sheets of the HTML pages. They hold no text of a student's.

Shades go from light to dark in the order to do, not right yet, partly right, finished (the other way round on a dark
ground), so that they read without colour; failed parts of a bar are hatched besides.
"""

from __future__ import annotations

SHARED = """
:root {
  color-scheme:light dark; --ground:#fff; --card:#f5f7f9; --ink:#1a1f24; --muted:#525b65; --line:#c9d1d9;
  --link:#0a4f94; --done:#0b4f8a; --part:#4d93c4; --none:#f0b27a; --none-line:#a6571a; --none-ink:#8f3d00;
  --note:#fff6e5; --note-line:#b7791f; --track:#fff; --code:#eef1f4; --on:#fff;
}
@media (prefers-color-scheme:dark) {
  :root {
    --ground:#12161b; --card:#1b2128; --ink:#e8ecf0; --muted:#a7b0ba; --line:#3a434d; --link:#8ec5ff;
    --done:#bfe0ff; --part:#5b9bcb; --none:#7a4413; --none-line:#d98a45; --none-ink:#ffb27a; --note:#2b2415;
    --note-line:#d9a441; --track:#12161b; --code:#242b33; --on:#12161b;
  }
}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body {
  margin:0 auto; padding:1.25rem 1rem 4rem; max-width:48rem; background:var(--ground); color:var(--ink);
  font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif; overflow-wrap:anywhere;
}
h1,h2,h3,h4{line-height:1.25;margin:0;font-weight:650}
h1{font-size:1.75rem}
h2{font-size:1.3rem}
h3{font-size:1.05rem}
h4{font-size:1rem}
p,ul,ol,dl{margin:.5rem 0}
a{color:var(--link);text-underline-offset:.15em;unicode-bidi:isolate}
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline:3px solid var(--link); outline-offset:2px; border-radius:4px;
}
code, pre, dd {
  font-family:ui-monospace,"Cascadia Mono","SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;
  font-size:.9rem;
}
code{background:var(--code);border-radius:4px;padding:.05em .3em}
h3 code,summary code{background:none;padding:0;font-size:1em}
pre{background:var(--code);border-radius:6px;padding:.6rem .75rem;margin:.5rem 0;white-space:pre-wrap}
.nowrap{white-space:nowrap}
.muted{color:var(--muted)}
.small{font-size:.9rem}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.5rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.definitions{position:absolute;width:0;height:0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.9rem 1rem;margin:1rem 0}
.note {
  background:var(--note); border:1px solid var(--note-line); border-left-width:6px; border-radius:8px;
  padding:.6rem .9rem; margin:.75rem 0;
}
.icon{width:1.15em;height:1.15em;vertical-align:-.2em;flex:none}
.shape{fill:currentColor}
.stroke,.outline{fill:none;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.stroke{stroke:var(--on)}
.outline{stroke:currentColor}
.dashed{stroke-dasharray:2.5 4}
.icon.done,.icon.part{color:var(--done)}
.icon.none,.icon.warn{color:var(--none-ink)}
.icon.todo{color:var(--muted)}
.bar{display:block;width:100%;background:var(--track);border:1px solid var(--muted);border-radius:3px}
.track{fill:var(--track)}
.fill-done{fill:var(--done)}
.fill-part{fill:var(--part)}
.fill-none{fill:url(#hatch)}
.hatch-ground{fill:var(--none)}
.hatch-line{fill:var(--none-line)}
summary{cursor:pointer;padding:.55rem 0;min-height:2.75rem}
summary::marker{color:var(--muted)}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.75rem}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:0;list-style:none}
.legend svg {
  width:1.6em; height:.85em; vertical-align:-.05em; margin-right:.35em; border:1px solid var(--muted);
  border-radius:2px;
}
.legend .icon{width:1.15em;height:1.15em;border:0;vertical-align:-.2em}
@media print {
  :root {
    color-scheme:light; --ground:#fff; --card:#fff; --ink:#000; --muted:#444; --line:#999; --link:#000;
    --note:#fff; --code:#f2f2f2; --done:#0b4f8a; --part:#4d93c4; --none:#f0b27a; --none-line:#a6571a;
    --none-ink:#8f3d00; --note-line:#b7791f; --track:#fff; --on:#fff;
  }
  body{max-width:none;padding:0;font-size:10.500pt}
  svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
  details.printed:not([open])::details-content{content-visibility:visible;block-size:auto}
  summary{list-style:none}
  summary::before{display:none}
  summary::-webkit-details-marker{display:none}
  .skip{display:none}
  article,.card,.note,h2,h3,h4,summary{break-inside:avoid}
  h2,h3,h4,summary{break-after:avoid}
}
"""

FEEDBACK = """
header{margin-bottom:1rem}
.score{font-size:1.25rem;margin:.75rem 0 .35rem}
.score strong{font-size:2.25rem;line-height:1}
.next{border-width:2px;border-color:var(--link)}
.lead{font-size:1.1rem;font-weight:600}
section h2{margin-top:.25rem}
main>section:not(.card):not(.note){margin:1.75rem 0}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{padding:.35rem .5rem .35rem 0;text-align:left;vertical-align:middle;font-weight:400}
thead th{color:var(--muted);font-size:.9rem}
th[scope=row]{width:50%}
td.wide{min-width:5rem}
.count{white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums;padding-right:0}
.topic{border-top:2px solid var(--line);margin-top:.75rem}
.topic>summary,.exercise>summary{display:flex;align-items:center;list-style:none}
summary::-webkit-details-marker{display:none}
summary::before {
  content:""; flex:none; width:.5em; height:.5em; margin:0 .75em 0 .2em; border:solid var(--muted);
  border-width:0 2px 2px 0; transform:rotate(-45deg);
}
details[open]>summary::before{transform:rotate(45deg)}
.line{display:flex;flex:1;align-items:center;gap:.25rem .6rem;flex-wrap:wrap;min-width:0}
.line h2,.line h3{flex:1 1 9rem;min-width:0}
.exercise{border-top:1px solid var(--line)}
.exercise .body{padding:0 0 .75rem 1.35rem;scroll-margin-top:4rem}
.word{font-size:.9rem;color:var(--muted)}
.word.none{color:var(--none-ink)}
.word.done{color:var(--done)}
.check {
  border:1px solid var(--line); border-left:6px solid var(--none-line); border-radius:8px; padding:.6rem .9rem;
  margin:.75rem 0;
}
.check h4::first-letter{text-transform:uppercase}
.label{font-size:.9rem;color:var(--muted);margin:.5rem 0 0}
dl>div{display:grid;grid-template-columns:minmax(5.5rem,max-content) 1fr;gap:0 .75rem;padding:.15rem 0}
dt{color:var(--muted);font-size:.9rem}
dd{margin:0;min-width:0;white-space:pre-wrap}
.inputs dt{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.compared{background:var(--code);border-radius:6px;padding:.35rem .75rem}
.compared dt{color:var(--ink);font-weight:600}
.plain{margin:.15rem 0 .75rem;padding-left:1.6rem}
.plain.done{list-style:"✓  "}
.plain.todo{list-style:circle}
.advice{border-left:3px solid var(--line);padding-left:.75rem}
.facts dd{font-family:inherit}
@media (max-width:30rem) {
  .exercise .body{padding-left:0}
  dl>div{grid-template-columns:1fr}
  .facts>div{grid-template-columns:9rem 1fr}
  h1{font-size:1.5rem}
  .check{padding:.5rem .7rem}
}
@media print {
  .next{border-width:1px}
}
"""

CLASS = """
body{max-width:80rem}
section{margin:2.5rem 0;border-top:2px solid var(--line);padding-top:1rem}
section>h3{margin-top:1.25rem}
.lead{max-width:50rem;color:var(--muted)}
.cards {
  list-style:none; padding:0; display:grid; grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));
  gap:.75rem; margin:1rem 0;
}
.cards a {
  display:block; height:100%; background:var(--card); border:1px solid var(--line); border-radius:10px;
  padding:.6rem .9rem; text-decoration:none; color:inherit;
}
.cards strong{display:block;font-size:1.9rem;line-height:1.2}
.cards span{color:var(--muted);text-decoration:underline}
.facts{display:flex;flex-wrap:wrap;gap:.2rem 1.75rem;font-size:.9rem}
.facts div{display:flex;gap:.5rem}
.facts dt{color:var(--muted)}
.facts dd{margin:0;font:inherit}
.chart{display:block;width:100%;overflow:visible}
text{fill:var(--ink);font-size:12px}
.middle{text-anchor:middle}
.end{text-anchor:end}
.strong{font-weight:650}
.quiet{fill:var(--muted)}
.axis{fill:var(--muted)}
.mark{fill:var(--ink)}
.loose{overflow:visible}
.marks use{fill:var(--done);fill-opacity:.65;stroke:var(--ground);stroke-width:.75}
.marks a:hover use{fill:var(--none-ink);fill-opacity:1}
.kind{width:.95em;height:.95em;vertical-align:-.1em;margin-right:.4em}
.legend .kind{border:0}
.kind{fill:var(--done)}
.spreads,.shares,.students,.troubles,.directory{list-style:none;padding:0}
.spreads summary {
  display:grid; grid-template-columns:1.2rem 2.5rem minmax(5rem,22%) 1fr; gap:.25rem .75rem;
  align-items:center;
}
.shares summary, .shares.inner li {
  display:grid; grid-template-columns:1.2rem minmax(10rem,26%) 1fr 3.5rem; gap:.25rem .75rem;
  align-items:center;
}
.shares.inner li{padding:.2rem 0}
.shares.inner li::before{content:""}
summary{list-style:none}
summary::-webkit-details-marker{display:none}
summary::before {
  content:""; display:inline-block; width:.5em; height:.5em; margin:0 .6em 0 .2em; border:solid var(--muted);
  border-width:0 2px 2px 0; transform:rotate(-45deg);
}
details[open]>summary::before{transform:rotate(45deg)}
.spreads .details,.who{padding-left:2rem}
.spreads details>p{padding-left:2rem;max-width:50rem}
.who a{display:inline-block;margin:0 .6rem .15rem 0}
.count{font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap}
.scroll{overflow-x:auto;padding-bottom:.75rem}
.map{display:flex;width:max-content}
.side{position:sticky;left:0;background:var(--ground);flex:none}
.cells{display:block;flex:none}
.map text{font-size:11px}
.map .strong{font-size:12px}
.map a text{fill:var(--link);text-decoration:underline}
.over{fill:var(--ink);fill-opacity:0}
.over:hover{fill-opacity:.14}
.frame{fill:none;stroke:var(--line)}
.faint{fill:var(--line)}
.rule{stroke:var(--muted);fill:none}
.thin{fill:none;stroke:var(--line)}
.grid{stroke:var(--ground);fill:none}
.grid.wide{stroke-width:6}
.sign-done{fill:var(--done)}
.sign-part{fill:var(--part)}
.sign-none{fill:none;stroke:var(--none-line);stroke-width:2}
.sign-todo{fill:none;stroke:var(--muted);stroke-width:2}
.legend svg.sign{width:12px;height:16px;border:0;vertical-align:-.2em}
.flat-done{fill:var(--done)}
.flat-part{fill:var(--part)}
.flat-none{fill:var(--none)}
.flat-todo{fill:var(--ground)}
.level-0{fill:none}
.level-1,.level-2,.level-3,.level-4,.level-5{fill:var(--done)}
.level-1{fill-opacity:.1}
.level-2{fill-opacity:.25}
.level-3{fill-opacity:.45}
.level-4{fill-opacity:.7}
.strip{width:100%;height:18px;display:block;border-bottom:1px solid var(--line)}
.tick-done{fill:var(--done)}
.tick-part{fill:var(--part)}
.tick-none{fill:var(--none-line)}
.students li {
  display:grid; grid-template-columns:minmax(8rem,16rem) 5.5rem 1fr 8rem; gap:.1rem .9rem; align-items:center;
  padding:.2rem 0;
}
.jumps a{display:inline-block;padding:.3rem .5rem}
.signs{font-size:.9rem}
.directory{columns:14rem;column-gap:1.5rem;content-visibility:auto;contain-intrinsic-size:auto 60rem;margin:0}
.directory li{break-inside:avoid;display:flex;justify-content:space-between;gap:.5rem;padding:.1rem 0}
.troubles li{padding:.25rem 0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;font-weight:400;padding:.3rem .9rem .3rem 0;vertical-align:top}
table.narrow{width:auto}
thead th{color:var(--muted);font-size:.9rem;vertical-align:bottom}
.checks td:nth-child(2),.checks th:nth-child(2){width:30%;min-width:6rem}
.checks td span{font-size:.9rem;color:var(--muted)}
.checks td:last-child,.checks thead th:last-child {
  padding-right:0; width:4rem; text-align:right; white-space:nowrap; font-variant-numeric:tabular-nums;
}
tr:target{background:var(--note)}
.pair {
  display:grid; grid-template-columns:repeat(auto-fit,minmax(min(100%,28rem),1fr)); gap:1rem 2.5rem;
  margin-top:1rem;
}
@media (min-width:75rem) {
  .hint{display:none}
}
@media (max-width:40rem) {
  .dense{display:none}
  .spreads summary{grid-template-columns:1.2rem 2.5rem 1fr}
  .spreads .what{grid-column:2/4}
  .shares summary,.shares.inner li{grid-template-columns:1.2rem 1fr 3.5rem}
  .shares .what{grid-column:2/4}
  .shares .bar{grid-column:2/3}
  .students li{grid-template-columns:1fr auto;padding:.4rem 0}
  .students .strip{grid-column:1/3}
  .students li>span:last-child:empty{display:none}
  .signs{grid-column:1/3}
  .side-196{width:126px}
  .side-116{width:52px}
  h1{font-size:1.45rem}
}
@media print {
  @page{size:landscape}
  .hint{display:none}
  .scroll{overflow:visible}
  .map{zoom:.75}
  .students,.directory{content-visibility:visible}
}
"""
