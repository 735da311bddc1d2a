/*
 * Not by `import`, which reads all exports of the module. One of them is WebSocket, for which Node then loads its HTTP
 * client: 3 MB of an idle process.
 */
export const { STATUS_CODES, createServer } = process.getBuiltinModule('node:http');
