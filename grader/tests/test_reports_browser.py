"""The pages in a real browser: nothing runs, nothing is fetched, nothing sticks out, everything can be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course import the_course
from grader.reports.class_html import class_page
from grader.reports.feedback_html import feedback_page
from grader.tests.browser import MISSING, Browser, a_browser, find_browser
from grader.tests.sample_results import sample_class
from grader.tests.test_reports_html import hostile_results

PHONE, SMALL_PHONE, TABLET, DESKTOP = (390, 844), (320, 640), (820, 1180), (1280, 900)

OPEN_EVERYTHING = "document.querySelectorAll('details').forEach(part => part.open = true)"

STICKING_OUT = """(() => {
  const wide = document.documentElement.clientWidth + 0.5, found = [];
  if (document.documentElement.scrollWidth > wide) found.push('the page: ' + document.documentElement.scrollWidth);
  for (const part of document.querySelectorAll('body *:not(.skip)')) {
    if (part.closest('.scroll, svg, .hidden') || !part.checkVisibility()) continue;
    const box = part.getBoundingClientRect();
    const name = part.tagName + '.' + part.className + ' ' + part.textContent.slice(0, 40);
    if (box.right > wide || box.left < -0.5) found.push(name);
  }
  return found.slice(0, 5);
})()"""

HARD_TO_READ = """(() => {
  const parse = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = part => {
    for (; part; part = part.parentElement) {
      const colour = parse(getComputedStyle(part).backgroundColor);
      if (colour.length === 3 || colour[3] > .99) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const part = walker.currentNode.parentElement, words = walker.currentNode.textContent.trim();
    if (!words || part.closest('title, defs, .skip') || !part.checkVisibility()) continue;
    seen += 1;
    const style = getComputedStyle(part), size = parseFloat(style.fontSize);
    const [a, b] = [light(parse(part.closest('svg') ? style.fill : style.color)), light(ground(part))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const name = `${part.tagName} ${words.slice(0, 30)}`;
    if (contrast < (size >= 24 ? 3 : 4.5)) found.add(`contrast ${contrast.toFixed(2)}: ${name}`);
    if (size < 11) found.add(`${size} px: ${name}`);
  }
  return seen ? [...found].slice(0, 5) : ['no text at all'];
})()"""

SHADES = """(() => {
  const style = getComputedStyle(document.documentElement), canvas = document.createElement('div');
  document.body.append(canvas);
  const values = ['--ground', '--none', '--part', '--done'].map(name => {
    canvas.style.color = style.getPropertyValue(name);
    return getComputedStyle(canvas).color.match(/\\d+/g).map(Number);
  });
  canvas.remove();
  return values;
})()"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if os.environ.get("GRADER_NO_BROWSER") == "1":
        pytest.skip("GRADER_NO_BROWSER=1 is set: the pages are not looked at")
    if find_browser() is None:
        pytest.fail(MISSING)
    with a_browser() as one:
        yield one


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of every sort, by name."""
    folder, course = tmp_path_factory.mktemp("pages"), the_course()
    results = sorted(sample_class(30), key=lambda result: result.points)
    texts = {f"feedback-{place}": feedback_page(results[place], course) for place in (0, 5, 15, 29)}
    texts |= {f"class-{size}": class_page(sample_class(size), course) for size in (1, 30, 300, 450)}
    hostile = hostile_results()
    texts |= {f"hostile-{place}": feedback_page(result, course) for place, result in enumerate(hostile)}
    texts["hostile-class"] = class_page(hostile, course, title=hostile[1].submission)
    texts["hostile-large"] = class_page([*hostile, *sample_class(450)], course)
    texts["empty"] = class_page([], course)
    files = {name: folder / f"{name}.html" for name in texts}
    for name, text in texts.items():
        files[name].write_text(text, encoding="utf-8")
    return files


NORMAL = ("feedback-0", "feedback-5", "feedback-15", "feedback-29", "class-1", "class-30", "empty")
LARGE = ("class-300", "class-450")


def _looks(browser: Browser, page: Path, size: tuple[int, int], dark: bool) -> None:
    browser.screen(*size, dark=dark)
    browser.open(page)
    assert browser.evaluate(STICKING_OUT) == [], size
    browser.evaluate(OPEN_EVERYTHING)
    assert browser.evaluate(STICKING_OUT) == [], size
    assert browser.evaluate(HARD_TO_READ) == [], size
    assert browser.complaints() == [] and browser.requests() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NORMAL)
def test_a_page_fits_and_can_be_read(browser: Browser, pages: dict[str, Path], name: str, dark: bool) -> None:
    for size in (DESKTOP, TABLET, PHONE, SMALL_PHONE):
        _looks(browser, pages[name], size, dark)


@pytest.mark.parametrize("name", LARGE)
def test_a_large_page_fits_and_can_be_read(browser: Browser, pages: dict[str, Path], name: str) -> None:
    _looks(browser, pages[name], PHONE, dark=False)


def test_hostile_text_runs_nothing(browser: Browser, pages: dict[str, Path]) -> None:
    browser.screen(*PHONE)
    for name, file in pages.items():
        if not name.startswith("hostile"):
            continue
        browser.open(file)
        browser.evaluate(OPEN_EVERYTHING)
        browser.evaluate(
            "document.querySelectorAll('*').forEach(part => ['mouseover', 'focus', 'load', 'error', 'toggle']"
            ".forEach(kind => part.dispatchEvent(new Event(kind))))"
        )
        assert browser.evaluate("window.harmed") is None, name
        assert browser.evaluate("document.scripts.length") == 0
        assert browser.evaluate("document.baseURI") == file.resolve().as_uri()
        assert browser.evaluate(STICKING_OUT) == [], name
        assert browser.complaints() == [] and browser.requests() == [], name


def test_the_policy_stops_a_script_that_got_in(browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    """The second line of defence, in case the first has a hole."""
    bad = tmp_path / "bad.html"
    script = "<script>window.harmed=1</script><img src=x onerror='window.harmed=1'><p id=moved style='position:fixed'>"
    bad.write_text(
        pages["feedback-5"].read_text(encoding="utf-8").replace("<main>", f"<main>{script}"), encoding="utf-8"
    )
    browser.open(bad)
    assert browser.evaluate("document.scripts.length") == 1
    assert browser.evaluate("window.harmed") is None
    assert browser.evaluate("getComputedStyle(document.getElementById('moved')).position") == "static"
    assert len(browser.complaints()) >= 3


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_shades_read_without_colour(browser: Browser, pages: dict[str, Path], dark: bool) -> None:
    """To do, not right yet, partly right and finished are ever further from the page's own shade."""
    browser.screen(*DESKTOP, dark=dark)
    browser.open(pages["class-30"])
    lights = [_luminance(colour) for colour in browser.evaluate(SHADES)]
    assert lights == sorted(lights, reverse=not dark)
    ratios = [(max(a, b) + 0.05) / (min(a, b) + 0.05) for a, b in zip(lights, lights[1:], strict=False)]
    assert min(ratios) > 1.5, ratios


def _luminance(colour: list[int]) -> float:
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_everything_works_from_the_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    browser.screen(*DESKTOP)
    browser.open(pages["feedback-15"])
    browser.evaluate("document.querySelectorAll('summary')[3].focus()")
    before = browser.evaluate("document.activeElement.parentElement.open")
    for kind in ("keyDown", "keyUp"):
        browser.ask("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    assert browser.evaluate("document.activeElement.parentElement.open") is not before
    outline = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_link_to_an_exercise_opens_it(browser: Browser, pages: dict[str, Path]) -> None:
    browser.screen(*PHONE)
    browser.open(pages["feedback-15"])
    browser.evaluate("document.querySelectorAll('details').forEach(part => part.open = false)")
    browser.evaluate("document.querySelector('.next a').click()")
    browser.evaluate("new Promise(done => setTimeout(done, 200))")
    place = "document.getElementById(location.hash.slice(1))"
    assert browser.evaluate(f"{place}.checkVisibility()")
    assert 0 <= browser.evaluate(f"{place}.getBoundingClientRect().top") < PHONE[1]


def test_print_shows_every_failed_check(browser: Browser, pages: dict[str, Path]) -> None:
    browser.screen(*DESKTOP, dark=True, media="print")
    browser.open(pages["feedback-5"])
    hidden = "[...document.querySelectorAll('article')].filter(part => !part.checkVisibility()).length"
    assert browser.evaluate("document.querySelectorAll('article').length") > 20
    assert browser.evaluate(hidden) == 0
    assert browser.evaluate(HARD_TO_READ) == []
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.screen(*DESKTOP)
    assert browser.evaluate(hidden) > 0


@pytest.mark.parametrize("name", ["feedback-15", "class-30", "class-300"])
def test_a_screen_reader_hears_names(browser: Browser, pages: dict[str, Path], name: str) -> None:
    browser.screen(*DESKTOP)
    browser.open(pages[name])
    nodes = browser.ask("Accessibility.getFullAXTree")["nodes"]
    roles: dict[str, int] = {}
    for node in nodes:
        role = node.get("role", {}).get("value", "")
        roles[role] = roles.get(role, 0) + 1
        if role in ("image", "link", "region", "DisclosureTriangle") and not node.get("ignored"):
            assert node.get("name", {}).get("value"), (role, node)
    assert roles["main"] == 1 and roles["heading"] > 5 and roles["image"] > 5 and roles["link"] > 5


def test_the_map_scrolls_by_itself_on_a_phone_and_keeps_the_names(browser: Browser, pages: dict[str, Path]) -> None:
    browser.screen(*PHONE)
    browser.open(pages["class-30"])
    assert browser.evaluate("(s => s.scrollWidth > 2 * s.clientWidth)(document.querySelector('.scroll'))")
    browser.evaluate("document.querySelector('.scroll').scrollTo(500, 0)")
    assert browser.evaluate("document.querySelector('.side').getBoundingClientRect().left") == 16
    assert browser.evaluate("document.querySelector('.cells').getBoundingClientRect().left") < -200


def test_a_class_of_5000_opens(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "class.html"
    file.write_text(class_page(sample_class(5000), the_course()), encoding="utf-8")
    assert file.stat().st_size < 6_000_000
    browser.screen(*DESKTOP)
    browser.open(file)  # how fast: benchmarks/class_page.py
    assert browser.evaluate("document.querySelectorAll('#students ~ ul a').length") == 5000
