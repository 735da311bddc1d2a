// Imported before the service: it stops when the benchmark is gone, however that ended.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
