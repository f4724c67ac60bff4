// What producers and observers of stock BullMQ may expect of whoever runs their jobs. Prints one JSON line per check:
// {"check", "ok", "detail"}. The actions (echo, sleep, fail, flaky, ...) are those of the test's recording rooms.
// Usage: node queue_conformance.js REDIS_PORT QUEUE
const { Queue, QueueEvents, FlowProducer, Job } = require('bullmq');
const Redis = require('ioredis');
const assert = require('assert');

const [port, name] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(port) };
const queue = new Queue(name, { connection });
queue.setMaxListeners(0); // many jobs are waited for at once
const events = new QueueEvents(name, { connection });
const redis = new Redis(connection);
const flow = new FlowProducer({ connection });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const WAIT = 20000;

async function until(what, probe) {
  const end = Date.now() + WAIT;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error('waited in vain for ' + what);
    await sleep(20);
  }
}
const add = (action, params = {}, opts = {}, room = 'demo') => queue.add(action, { room_name: room, ...params }, opts);
const done = (job) => job.waitUntilFinished(events, WAIT);
const failed = async (job) => {
  try { await done(job); } catch (error) { return error.message; }
  throw new Error('the job completed, but should have failed');
};
const hash = (job) => redis.hgetall(`bull:${name}:${job.id}`);
function collect(event) {
  const seen = [];
  const listener = (args) => seen.push(args);
  events.on(event, listener);
  return { seen, end: () => events.off(event, listener) };
}
// waitUntilFinished cannot be used for a job that is gone when it finishes: it may look for it too late.
async function removed(event, action, opts, params = {}) {
  const { seen, end } = collect(event);
  const job = await add(action, params, opts);
  const mine = await until(`${event} of ${job.id}`, () => seen.find((e) => e.jobId === job.id));
  end();
  assert.strictEqual(await redis.exists(`bull:${name}:${job.id}`), 0);
  return mine;
}

const checks = {
  async 'return value is the whole outcome'() {
    const value = await done(await add('echo', { text: 'grüße 你好 🎈', n: 1.5, deep: { a: [1, null] } }));
    assert.deepStrictEqual(Object.keys(value), ['success', 'error', 'error_type', 'data', 'timestamp', 'duration_ms', 'attempts']);
    assert.strictEqual(value.success, true);
    assert.deepStrictEqual(value.data, { text: 'grüße 你好 🎈', n: 1.5, deep: { a: [1, null] } });
  },
  async 'all shapes of data'() {
    const nested = await queue.add('any', { action_type: 'echo', params: { a: 1 }, room_name: 'demo' });
    assert.deepStrictEqual((await done(nested)).data, { a: 1 });
    const action = await queue.add('any', { session_id: 'demo', action: { type: 'echo', b: 2 } });
    assert.deepStrictEqual((await done(action)).data, { b: 2 });
  },
  async 'progress events and logs'() {
    const { seen, end } = collect('progress');
    const job = await add('progress');
    await done(job);
    await until('two progress events', () => seen.filter((e) => e.jobId === job.id).length === 2);
    end();
    assert.deepStrictEqual(seen.filter((e) => e.jobId === job.id).map((e) => e.data), [50, { step: 'ü' }]);
    assert.deepStrictEqual((await queue.getJobLogs(job.id)).logs, ['half way']);
    assert.deepStrictEqual((await Job.fromId(queue, job.id)).progress, { step: 'ü' });
  },
  async 'removeOnComplete in all forms'() {
    await removed('completed', 'echo', { removeOnComplete: true });
    for (const form of [2, { count: 2 }, { age: 3600, count: 2 }]) {
      await queue.clean(0, 0, 'completed');
      for (let i = 0; i < 5; i++) await done(await add('echo', {}, { removeOnComplete: form }));
      assert.strictEqual(await queue.getCompletedCount(), 2, JSON.stringify(form));
    }
    for (const form of [false, undefined, { count: -1 }, { age: 3600 }]) {
      await queue.clean(0, 0, 'completed');
      for (let i = 0; i < 3; i++) await done(await add('echo', {}, { removeOnComplete: form, attempts: 3 }));
      assert.strictEqual(await queue.getCompletedCount(), 3, JSON.stringify(form));
    }
    const odd = await add('flaky', { times: 2 }, { removeOnComplete: { count: -1 }, attempts: 3 });
    assert.strictEqual((await done(odd)).attempts, 3);
  },
  async 'removeOnFail in all forms'() {
    await removed('failed', 'fail', { removeOnFail: true });
    await queue.clean(0, 0, 'failed');
    for (let i = 0; i < 4; i++) await failed(await add('fail', {}, { removeOnFail: 2 }));
    assert.strictEqual(await queue.getFailedCount(), 2);
  },
  async 'a failure has reason, one line of stack and no retry'() {
    const job = await add('fail', { code: 'element_not_found' }, { attempts: 5, backoff: 10 });
    assert.strictEqual(await failed(job), 'element_not_found: it was asked to fail');
    const raw = await hash(job);
    assert.strictEqual(raw.failedReason, 'element_not_found: it was asked to fail');
    assert.deepStrictEqual(JSON.parse(raw.stacktrace), ['element_not_found: it was asked to fail']);
    assert.strictEqual(JSON.parse(raw.returnvalue).error_type, 'element_not_found');
    const read = await Job.fromId(queue, job.id);
    assert.deepStrictEqual([read.attemptsMade, read.attemptsStarted, await read.getState()], [1, 1, 'failed']);
    assert.strictEqual(read.stacktrace.length, 1);
  },
  async 'attempts in place are counted'() {
    const job = await add('flaky', { times: 2 }, { attempts: 4, backoff: { type: 'exponential', delay: 10 } });
    await done(job);
    const read = await Job.fromId(queue, job.id);
    assert.deepStrictEqual([read.attemptsMade, read.attemptsStarted], [3, 3]);
  },
  async 'retries-exhausted is told'() {
    const { seen, end } = collect('retries-exhausted');
    const job = await add('flaky', { times: 9 }, { attempts: 3, backoff: 5 });
    assert.match(await failed(job), /^busy: /);
    const mine = () => seen.find((e) => e.jobId === job.id);
    await until('the event', mine);
    end();
    assert.strictEqual(Number(mine().attemptsMade), 3);
  },
  async 'a job that cannot be understood fails at once'() {
    const bad = [['click', { index: 5 }], ['click', []], ['click', 'text'], ['click', { room_name: 7 }], ['click', { room_name: 'demo', action_type: {} }], ['click', null]];
    for (const [action, data] of bad) {
      const job = await queue.add(action, data, { attempts: 5 });
      assert.match(await failed(job), /^invalid_command: /, JSON.stringify(data));
      assert.strictEqual((await Job.fromId(queue, job.id)).attemptsMade, 1);
    }
    assert.strictEqual((await done(await add('echo'))).success, true);
  },
  async 'a panic is a failure'() {
    assert.match(await failed(await add('panic')), /^internal: /);
    assert.strictEqual((await done(await add('echo'))).success, true);
  },
  async 'delay'() {
    const began = Date.now();
    const job = await add('echo', {}, { delay: 500 });
    assert.strictEqual(await job.getState(), 'delayed');
    await done(job);
    assert.ok(Date.now() - began >= 490, 'too early');
    const jobs = await Promise.all(Array.from({ length: 50 }, (_, i) => add('echo', {}, { delay: 200 + i * 10 }, 'r' + i)));
    await Promise.all(jobs.map(done));
    const late = [];
    for (const job of jobs) {
      const read = await Job.fromId(queue, job.id);
      late.push(read.processedOn - (read.timestamp + job.opts.delay));
    }
    late.sort((a, b) => a - b);
    assert.ok(late[0] >= 0 && late[25] < 2000, `lateness ${late[0]} ${late[25]} ${late[49]} ms`);
    return `p50 ${late[25]} ms, max ${late[49]} ms`;
  },
  async 'custom job id and deduplication'() {
    const one = await add('sleep', { ms: 200 }, { jobId: 'mine' });
    const two = await add('sleep', { ms: 200 }, { jobId: 'mine' });
    assert.strictEqual(one.id, two.id);
    await done(one);
    await queue.remove('mine');
    const again = await add('echo', { again: true }, { jobId: 'mine' });
    assert.deepStrictEqual((await done(again)).data, { again: true });
    const first = await add('sleep', { ms: 300 }, { deduplication: { id: 'd' } });
    const second = await add('sleep', { ms: 300 }, { deduplication: { id: 'd' } });
    assert.strictEqual(first.id, second.id);
    await done(first);
    const third = await add('echo', {}, { deduplication: { id: 'd' } });
    assert.notStrictEqual(third.id, first.id);
    await done(third);
  },
  async 'an id can be used again and a job retried by hand'() {
    const opts = { jobId: 'same', removeOnComplete: true };
    for (let n = 0; n < 3; n++) assert.deepStrictEqual((await removed('completed', 'echo', opts, { n })).returnvalue.data, { n });
    const job = await add('fail', {}, {});
    await failed(job);
    await job.updateData({ room_name: 'demo', action_type: 'echo', params: { fixed: 1 } });
    await job.retry('failed');
    await until('completion', async () => (await job.getState()) === 'completed');
    const read = await Job.fromId(queue, job.id);
    assert.deepStrictEqual([read.returnvalue.data, read.attemptsMade], [{ fixed: 1 }, 2]);
  },
  async 'pause and resume'() {
    const jobs = [];
    jobs.push(await add('sleep', { ms: 300 }, {}, 'pausing'));
    for (let n = 0; n < 5; n++) jobs.push(await add('echo', { n }, {}, 'pausing'));
    await until('the first to run', async () => (await jobs[0].getState()) === 'active');
    await queue.pause();
    await done(jobs[0]);
    await until('the rest to wait', async () => (await queue.getActiveCount()) === 0);
    const late = await add('echo', { n: 5 }, {}, 'pausing');
    await sleep(300);
    assert.strictEqual(await late.getState(), 'waiting');
    assert.strictEqual(await jobs[1].getState(), 'waiting');
    await queue.resume();
    const values = await Promise.all([...jobs.slice(1), late].map(done));
    assert.deepStrictEqual(values.map((v) => v.data.n), [0, 1, 2, 3, 4, 5]);
    const times = values.map((v) => v.timestamp);
    assert.deepStrictEqual(times, [...times].sort((a, b) => a - b));
  },
  async 'priorities'() {
    await queue.pause();
    const jobs = [];
    for (const priority of [5, 1, 3, 0]) jobs.push(await add('stamp', { p: priority }, priority ? { priority } : {}, 'prio'));
    await queue.resume();
    const values = await Promise.all(jobs.map(done));
    const order = values.sort((a, b) => a.data.at - b.data.at).map((v) => v.data.p);
    assert.deepStrictEqual(order, [0, 1, 3, 5]);
  },
  async 'flows'() {
    const child = (n, opts) => ({ name: 'echo', queueName: name, data: { room_name: 'c' + n, n }, opts });
    const tree = await flow.add({ name: 'echo', queueName: name, data: { room_name: 'p' }, children: [child(1), child(2)] });
    await done(tree.job);
    const values = Object.values(await tree.job.getChildrenValues());
    assert.deepStrictEqual(values.map((v) => v.data.n).sort(), [1, 2]);
    const failing = { name: 'fail', queueName: name, data: { room_name: 'c' }, opts: { failParentOnFailure: true } };
    const broken = await flow.add({ name: 'echo', queueName: name, data: { room_name: 'p' }, children: [failing] });
    assert.match(await failed(broken.job), /^child .* failed$/);
    const ignored = { name: 'fail', queueName: name, data: { room_name: 'c' }, opts: { ignoreDependencyOnFailure: true } };
    const kept = await flow.add({ name: 'echo', queueName: name, data: { room_name: 'p' }, children: [ignored] });
    await done(kept.job);
  },
  async 'global concurrency'() {
    await queue.setGlobalConcurrency(1);
    const jobs = [];
    for (let n = 0; n < 4; n++) jobs.push(await add('span', { ms: 100 }, {}, 'gc' + n));
    const spans = (await Promise.all(jobs.map(done))).map((v) => v.data).sort((a, b) => a.from - b.from);
    await queue.removeGlobalConcurrency();
    for (let n = 1; n < 4; n++) assert.ok(spans[n].from >= spans[n - 1].to, 'two ran at once');
    return `${spans[3].to - spans[0].from} ms for 400 ms of work`;
  },
  async 'global rate limit'() {
    await queue.setGlobalRateLimit(2, 400);
    const began = Date.now();
    const jobs = [];
    for (let n = 0; n < 6; n++) jobs.push(await add('echo', {}, {}, 'rl' + n));
    await Promise.all(jobs.map(done));
    const took = Date.now() - began;
    await queue.removeGlobalRateLimit();
    assert.ok(took >= 750, `six jobs took ${took} ms`);
    return `${took} ms`;
  },
  async 'lock is kept during a long job'() {
    const { seen, end } = collect('stalled');
    const job = await add('sleep', { ms: 7000 }, {}, 'long');
    await done(job);
    end();
    const raw = await hash(job);
    assert.deepStrictEqual([raw.ats, raw.stc, seen.length], ['1', undefined, 0]);
  },
  async 'a job of a dead stock worker is recovered'() {
    const { seen, end } = collect('stalled');
    await queue.pause();
    const job = await add('echo', { rescued: 1 }, {}, 'orphan');
    // What a stock worker that died leaves: the job is active and its lock has run out.
    await redis.multi().lrem(`bull:${name}:wait`, 1, job.id).lpush(`bull:${name}:active`, job.id).hset(`bull:${name}:${job.id}`, 'ats', 1, 'processedOn', Date.now()).exec();
    await queue.resume();
    assert.strictEqual((await done(job)).data.rescued, 1);
    end();
    const raw = await hash(job);
    assert.deepStrictEqual([raw.stc, raw.ats, seen.length], ['1', '2', 1]);
  },
  async 'a worker is listed and named'() {
    const workers = await until('a worker', async () => { const w = await queue.getWorkers(); return w.length && w; });
    assert.strictEqual(workers.length, 1);
    const job = await add('echo');
    await done(job);
    const read = await Job.fromId(queue, job.id);
    assert.match(read.processedBy, /^perilune-/);
    assert.ok(workers[0].rawname.endsWith(':w:' + read.processedBy), workers[0].rawname);
  },
  async 'events in their order'() {
    const job = await add('echo', {}, {}, 'ev');
    await done(job);
    await sleep(100);
    const stream = await redis.xrange(`bull:${name}:events`, '-', '+');
    const mine = stream.map(([, f]) => Object.fromEntries(f.flatMap((v, i) => (i % 2 ? [] : [[v, f[i + 1]]])))).filter((e) => e.jobId === job.id);
    assert.deepStrictEqual(mine.map((e) => e.event), ['added', 'waiting', 'active', 'completed']);
    assert.ok(stream.some(([, f]) => f[1] === 'drained'));
  },
  async 'counts, lists and cleaning, as dashboards use them'() {
    await queue.clean(0, 0, 'completed');
    await queue.clean(0, 0, 'failed');
    await done(await add('echo'));
    await failed(await add('fail'));
    const counts = await queue.getJobCounts();
    assert.deepStrictEqual([counts.completed, counts.failed, counts.active, counts.waiting], [1, 1, 0, 0]);
    const [job] = await queue.getJobs(['completed']);
    assert.ok(job.finishedOn >= job.processedOn && job.returnvalue.success);
    await queue.clean(0, 0, 'completed');
    assert.strictEqual(await queue.getCompletedCount(), 0);
  },
  async 'nothing is left behind'() {
    const keys = await redis.keys(`bull:${name}:perilune:journal:*`);
    assert.deepStrictEqual(keys, []);
    assert.deepStrictEqual(await redis.keys(`bull:${name}:*:lock`), []);
    assert.strictEqual(await redis.llen(`bull:${name}:active`), 0);
  },
};

async function main() {
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  await sleep(200);
  for (const [check, run] of Object.entries(checks)) {
    const began = Date.now();
    let line;
    try {
      line = { check, ok: true, detail: (await run()) || '' };
    } catch (error) {
      line = { check, ok: false, detail: String(error.stack || error).slice(0, 1500) };
      await queue.resume().catch(() => {});
    }
    console.log(JSON.stringify({ ...line, ms: Date.now() - began }));
  }
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
