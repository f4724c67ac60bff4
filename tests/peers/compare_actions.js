// Time and CPU of the everyday actions on a local page: playwright-core, and beside it a running perilune, in one run.
//
// Rounds alternate. Each side does the same work on the same page: session start to page loaded (browser already
// running), navigate, click, type 20 characters with real key events, screenshot as PNG. CPU is user and system time of
// the side's whole process tree, Chromium included. playwright-core runs in a process of its own for that.
//
//   node tests/peers/compare_actions.js [--url http://127.0.0.1:8000 --pid PID_OF_PERILUNE] [--rounds 10] [--executable FILE]
//
// Prints one JSON object: p50 and p95 in milliseconds and CPU milliseconds a call, for each side and action, and ratios.
'use strict';
const { fork } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
module.paths.push(path.join(__dirname, '../../target/tools/node/node_modules'));

const options = { rounds: '10' };
for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
const executable = options.executable || ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((file) => fs.existsSync(file));
const ACTIONS = ['start', 'navigate', 'click', 'type', 'screenshot', 'close'];
const TWENTY = 'twenty letters here.';
const TICK_MS = 10; // USER_HZ is 100 on every Linux that Debian supports
const PAGE = `<!doctype html><title>compare</title><body><form><input id=q placeholder=Search>
<button id=b type=button onclick="this.textContent = ++window.n" >0</button></form><script>window.n = 0</script>
${'<p>Some lines of text as a page has them, so that there is something to paint and to photograph.</p>'.repeat(40)}`;

// ---- playwright-core, in the forked process ----

async function playwright() {
  const { chromium } = require('playwright-core');
  const root = typeof process.getuid === 'function' && process.getuid() === 0;
  const browser = await chromium.launch({ executablePath: executable, chromiumSandbox: !root, args: ['--disable-gpu'] });
  let context;
  let page;
  const perform = {
    start: async (url) => {
      context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
      page = await context.newPage();
      await page.goto(url);
    },
    navigate: (url) => page.goto(url),
    click: () => page.click('#b'),
    type: () => page.locator('#q').pressSequentially(TWENTY),
    screenshot: () => page.screenshot(),
    close: () => context.close(),
  };
  process.on('message', async ({ action, url }) => {
    const start = performance.now();
    try {
      await perform[action](url);
      process.send({ ms: performance.now() - start });
    } catch (error) {
      process.send({ error: error.message });
    }
  });
  process.on('disconnect', async () => {
    await browser.close();
    process.exit(0);
  });
  process.send({ ready: browser.version() });
}

function forked() {
  const child = fork(__filename, ['--child', 'playwright', '--executable', executable]);
  const reply = () =>
    new Promise((done, failed) => {
      const ended = () => failed(new Error('the playwright process ended'));
      child.once('exit', ended);
      child.once('message', (message) => {
        child.off('exit', ended);
        if (message.error) failed(new Error(`playwright: ${message.error}`));
        else done(message);
      });
    });
  const perform = async (action, url) => {
    child.send({ action, url });
    return (await reply()).ms;
  };
  return { name: 'playwright_core', pid: child.pid, ready: reply(), perform, stop: () => child.disconnect() };
}

// ---- perilune, by HTTP ----

function perilune(address, pid) {
  const room = `compare-${process.pid}`;
  const tool = async (name, fields = {}) => {
    const body = JSON.stringify({ tool: name, arguments: { room_name: room, ...fields } });
    const headers = { 'content-type': 'application/json', ...(options.token && { authorization: `Bearer ${options.token}` }) };
    const answer = await (await fetch(`${address}/mcp/tools/call`, { method: 'POST', headers, body })).json();
    if (!answer.success) throw new Error(`perilune: ${name}: ${answer.error_type}: ${answer.error}`);
  };
  const act = (action_type, params = {}) => tool('execute_action', { action_type, params });
  const calls = {
    start: (url) => tool('start_browser_session', { initial_url: url, viewport_width: 1280, viewport_height: 720 }),
    navigate: (url) => act('navigate', { url }),
    click: () => act('click', { index: 1 }),
    type: () => act('type', { text: TWENTY, index: 0 }),
    screenshot: () => act('take_screenshot'),
    close: () => tool('close_browser_session'),
  };
  const perform = async (action, url) => {
    const start = performance.now();
    await calls[action](url);
    return performance.now() - start;
  };
  return { name: 'perilune', pid, ready: Promise.resolve({}), perform, stop: () => {} };
}

// ---- measuring ----

// CPU of a process and everything below it, ended children included.
function treeCpuMs(root) {
  const processes = new Map();
  for (const entry of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = fs.readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ').pop().split(' ');
      const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0);
      processes.set(Number(entry), { parent: Number(fields[1]), ms: ticks * TICK_MS });
    } catch {
      // It ended while we looked.
    }
  }
  const below = (pid) => pid === root || (processes.has(pid) && below(processes.get(pid).parent));
  return [...processes].filter(([pid]) => below(pid)).reduce((sum, [, { ms }]) => sum + ms, 0);
}

const round = (number) => Math.round(number * 100) / 100;
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

// Each action several times in a row, since one click costs less than the clock of the CPU can tell.
async function oneRound(side, url) {
  for (const action of ACTIONS) {
    const times = action === 'start' || action === 'close' ? 1 : 5;
    const before = side.pid && treeCpuMs(side.pid);
    for (let i = 0; i < times; i += 1) side.ms[action].push(await side.perform(action, `${url}?${i}`));
    if (side.pid) side.cpu[action] += treeCpuMs(side.pid) - before;
  }
}

function forget(side) {
  side.ms = Object.fromEntries(ACTIONS.map((action) => [action, []]));
  side.cpu = Object.fromEntries(ACTIONS.map((action) => [action, 0]));
}

function figures(side) {
  const row = (action) => {
    const sorted = side.ms[action].slice().sort((a, b) => a - b);
    const cpu = side.pid ? { cpu_ms: round(side.cpu[action] / sorted.length) } : {};
    return [action, { calls: sorted.length, p50_ms: round(at(sorted, 0.5)), p95_ms: round(at(sorted, 0.95)), ...cpu }];
  };
  return Object.fromEntries(ACTIONS.map(row));
}

async function main() {
  const site = http.createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(PAGE));
  await new Promise((ready) => site.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${site.address().port}/`;
  const sides = [forked()];
  if (options.url) sides.push(perilune(options.url, options.pid && Number(options.pid)));
  try {
    const [{ ready }] = await Promise.all(sides.map((side) => side.ready));
    for (let i = 0; i <= Number(options.rounds); i += 1) {
      for (const side of i % 2 ? sides : [...sides].reverse()) {
        if (i === 0) forget(side);
        await oneRound(side, url);
        // The first round warms caches and is not counted.
        if (i === 0) forget(side);
      }
    }
    const result = { browser: ready, executable, load: fs.readFileSync('/proc/loadavg', 'utf8').trim(), rounds: Number(options.rounds) };
    for (const side of sides) result[side.name] = figures(side);
    if (options.url) {
      const share = (key) => (action) => [action, round(result.perilune[action][key] / result.playwright_core[action][key])];
      result.ratio_p50 = Object.fromEntries(ACTIONS.map(share('p50_ms')));
      if (options.pid) result.ratio_cpu = Object.fromEntries(ACTIONS.map(share('cpu_ms')));
    }
    console.log(JSON.stringify(result));
  } finally {
    sides.forEach((side) => side.stop());
    site.close();
    site.closeAllConnections();
  }
}

if (options.child) playwright();
else
  main().catch((error) => {
    console.error(`compare_actions: ${error.message}`);
    process.exitCode = 1;
  });
