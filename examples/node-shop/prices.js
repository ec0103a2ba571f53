// The price service that the shop depends on.
const http = require("node:http");

http
  .createServer((request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ cup: 7, plate: 12 }));
  })
  .listen(Number(process.env.PORT), "127.0.0.1");
