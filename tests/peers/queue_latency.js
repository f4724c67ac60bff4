// Latency of the queue: add -> action_completed of `wait 0`, a running perilune beside a stock Node worker, in one run.
//
// Both are driven by the same stock producer and heard by the same Redis subscription, in alternating blocks, one job
// at a time. The stock worker runs in a process of its own and publishes its event as the original service did.
//
//   node tests/peers/queue_latency.js --redis 127.0.0.1:6379 [--pid PID_OF_PERILUNE] [--jobs 300] [--room NAME]
//
// Prints one JSON object: p50 and p95 in milliseconds, CPU a job where a pid is known, and the ratios.
'use strict';
const { fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
module.paths.push(path.join(__dirname, '../../target/tools/node/node_modules'));
const { Queue, Worker } = require('bullmq');
const Redis = require('ioredis');

const options = { redis: '127.0.0.1:6379', jobs: '300', room: `latency-${process.pid}`, deadline: '20' };
for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
const [host, port] = options.redis.split(':');
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const BLOCK = 25;
const TICK_MS = 10; // USER_HZ is 100 on every Linux that Debian supports

// The stock worker, in the forked process.
function work(queue) {
  const redis = new Redis(connection);
  const run = async (job) => {
    const { room_name: room, ...params } = job.data;
    await new Promise((done) => setTimeout(done, params.seconds * 1000));
    const event = { type: 'action_completed', room_name: room, job_id: job.id, timestamp: Date.now() / 1000, action: { action_type: job.name, params } };
    await redis.publish(`browser:events:${room}`, JSON.stringify(event));
    return { success: true, error: null, data: {} };
  };
  const worker = new Worker(queue, run, { connection });
  worker.waitUntilReady().then(() => process.send('ready'));
  process.on('disconnect', async () => {
    await worker.close();
    process.exit(0);
  });
}

const cpuMs = (pid) => {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const round = (number) => Math.round(number * 1000) / 1000;

class Side {
  constructor(queue, room, pid) {
    Object.assign(this, { queue: new Queue(queue, { connection }), room, pid, times: [], cpu: 0 });
  }

  async block(ended, count) {
    const before = this.pid && cpuMs(this.pid);
    for (let i = 0; i < count; i += 1) {
      const jobId = `wait_${process.pid}_${this.queue.name}_${this.times.length}`;
      const end = ended(jobId);
      const start = performance.now();
      await this.queue.add('wait', { room_name: this.room, seconds: 0 }, { jobId, removeOnComplete: true });
      await end;
      this.times.push(performance.now() - start);
    }
    if (this.pid) this.cpu += cpuMs(this.pid) - before;
  }

  figures() {
    const sorted = this.times.slice().sort((a, b) => a - b);
    const cpu = this.pid ? { cpu_ms_per_job: round(this.cpu / sorted.length) } : {};
    return { jobs: sorted.length, p50_ms: round(at(sorted, 0.5)), p95_ms: round(at(sorted, 0.95)), ...cpu };
  }
}

async function main() {
  const stockQueue = `latency_stock_${process.pid}`;
  const worker = fork(__filename, ['--work', stockQueue, '--redis', options.redis]);
  await new Promise((ready, failed) => {
    worker.once('message', ready);
    worker.once('exit', () => failed(new Error('the stock worker ended')));
  });
  const waiting = new Map();
  const heard = new Redis(connection);
  const ended = (jobId) =>
    new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`no end of ${jobId} within ${options.deadline} s`)), options.deadline * 1000);
      waiting.set(jobId, (event) => {
        clearTimeout(timer);
        if (event.type === 'action_completed') done();
        else failed(new Error(`${jobId}: ${event.error_type}: ${event.error}`));
      });
    });
  heard.on('message', (_, text) => {
    const event = JSON.parse(text);
    if (event.type !== 'action_completed' && event.type !== 'action_error') return;
    waiting.get(event.job_id)?.(event);
    waiting.delete(event.job_id);
  });
  const ours = new Side('browser_commands', options.room, options.pid);
  const stock = new Side(stockQueue, `${options.room}-stock`, worker.pid);
  await heard.subscribe(`browser:events:${ours.room}`, `browser:events:${stock.room}`);

  const lifecycle = async (name) => {
    const jobId = `${name}_${options.room}_${process.pid}`;
    const end = ended(jobId);
    await ours.queue.add(name, { room_name: options.room }, { jobId, removeOnComplete: true, removeOnFail: true });
    await end;
  };
  try {
    await lifecycle('start_browser_session');
    for (const side of [ours, stock]) {
      await side.block(ended, BLOCK);
      Object.assign(side, { times: [], cpu: 0 });
    }
    for (let done = 0; done < Number(options.jobs); done += BLOCK) {
      await ours.block(ended, BLOCK);
      await stock.block(ended, BLOCK);
    }
    await lifecycle('close_browser_session');
    const [a, b] = [ours.figures(), stock.figures()];
    const ratio = { p50: round(a.p50_ms / b.p50_ms), p95: round(a.p95_ms / b.p95_ms) };
    if (options.pid) ratio.cpu = round(a.cpu_ms_per_job / b.cpu_ms_per_job);
    console.log(JSON.stringify({ what: 'add -> action_completed of wait 0', load: fs.readFileSync('/proc/loadavg', 'utf8').trim(), perilune: a, stock_node_worker: b, ratio }));
  } finally {
    await stock.queue.obliterate({ force: true });
    worker.disconnect();
    await Promise.all([ours.queue.close(), stock.queue.close()]);
    heard.disconnect();
  }
}

if (options.work) work(options.work);
else
  main().catch((error) => {
    console.error(`queue_latency: ${error.message}`);
    process.exitCode = 1;
  });
