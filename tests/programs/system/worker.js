// Node: a worker thread that computes, timers, zlib and crypto in its thread pool, a child process.
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const { createHash, pbkdf2Sync } = require('crypto');
const zlib = require('zlib');

if (!isMainThread) {
	let sum = 0;
	for (let i = 0; i < workerData; i++) sum += i % 7;
	parentPort.postMessage(sum);
} else {
	const done = [];
	const finish = what => { if (done.push(what) === 4) console.log(done.sort().join('\n')); };
	for (const n of [1000, 200000])
		new Worker(__filename, { workerData: n }).on('message', m => finish(`worker ${n}: ${m}`));
	zlib.deflate(Buffer.alloc(100000, 'abc'), (e, b) => finish(`deflate: ${zlib.inflateSync(b).length}`));
	setTimeout(() => finish(`timer: ${createHash('sha256').update('x').digest('hex').slice(0, 8)}`), 5);
	console.log(pbkdf2Sync('a', 'b', 1000, 8, 'sha512').toString('hex'), process.argv.length);
}
