// A stock BullMQ producer: adds the jobs given on standard input, in their order, and prints their ids as one JSON list.
// Usage: node queue_producer.js REDIS_PORT QUEUE < [{"name", "data", "opts"}, ...]
const { Queue } = require('bullmq');

async function main() {
  const [port, name] = process.argv.slice(2);
  const connection = { host: '127.0.0.1', port: Number(port) };
  const queue = new Queue(name, { connection });
  const jobs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const ids = [];
  for (let at = 0; at < jobs.length; at += 1000) {
    const added = await queue.addBulk(jobs.slice(at, at + 1000));
    ids.push(...added.map((job) => job.id));
  }
  await new Promise((written) => process.stdout.write(JSON.stringify(ids) + '\n', written));
  await queue.close();
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
